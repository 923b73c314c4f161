import Certificates
import Foundation
import LinearAlgebra
import Lipschitz
import Networks

/// Decides properties of a network: attack first, then bounds, then branch and bound.
///
/// `sat` is given for witnesses that were evaluated anew, `unsat` for proofs by bounds that are sound in floating point, about real arithmetic
/// over the stored weights. See the article on verification.
public struct Verifier: Sendable {
  private let network: Network
  private let evaluator: Evaluator<Double>
  private let plan: PropagationPlan
  /// The same for bounds of single boxes; `nil` when they refuse the network.
  private let prepared: PropagationNetwork?

  /// Prepares a network.
  ///
  /// - Throws: `NetworkError` when it cannot be lowered or evaluated, `NotProved` when its numbers allow no sound bounds.
  public init(_ network: Network) throws {
    self.network = network
    evaluator = try Evaluator<Double>(network)
    let lowered = try network.lowered()
    plan = try PropagationPlan(lowered)
    prepared = try? PropagationNetwork(lowered)
  }

  /// Says why a property does not fit the network.
  ///
  /// - Throws: ``VerificationError``.
  public func require(_ property: Property, allowsFloatingPoint: Bool = false) throws {
    guard property.inputCount == plan.inputCount else {
      throw VerificationError.wrongInputCount(property: property.inputCount, network: plan.inputCount)
    }
    guard property.outputCount == plan.outputCount else {
      throw VerificationError.wrongOutputCount(property: property.outputCount, network: plan.outputCount)
    }
    if !allowsFloatingPoint, !property.isAboutReals,
      let type = (property.inputs + property.outputs).map(\.elementType).first(where: { $0 != "real" })
    {
      throw VerificationError.notAboutReals(type)
    }
    for disjunct in property.disjuncts {
      if let input = disjunct.box.firstUnbounded { throw VerificationError.unboundedInput(input) }
    }
  }

  /// The witness that `candidate`, moved into a disjunct's box, is; `nil` when it is none.
  ///
  /// - Throws: ``VerificationError`` when property and network do not fit; `NetworkError` when the network cannot be evaluated.
  public func witness(near candidate: [Double], of property: Property) throws -> Witness? {
    try require(property, allowsFloatingPoint: true)
    let check = try WitnessCheck(property, plan: plan, network: network)
    return property.disjuncts.indices.lazy.compactMap { check.witness(near: candidate, disjunct: $0) }.first
  }

  /// Decides a property.
  ///
  /// - Parameters:
  ///   - property: the unsafe set.
  ///   - allowsFloatingPoint: whether a property about floating-point numbers is answered as if it were about real ones.
  ///   - budget: the time, the seed and whether to stop.
  ///   - progress: told now and then in words how far it is.
  /// - Throws: ``VerificationError`` when property and network do not fit; `NetworkError` when the network cannot be evaluated.
  public func decide(
    _ property: Property, allowsFloatingPoint: Bool = false, budget: Budget = Budget(), progress: @Sendable (String) -> Void = { _ in }
  ) throws -> VerificationOutcome {
    try require(property, allowsFloatingPoint: allowsFloatingPoint)
    let watch = budget.start()
    let deadline = ContinuousClock.now + .seconds(min(budget.timeLimit ?? 1e9, 1e9))
    let isCancelled = budget.isCancelled
    let mustStop: @Sendable () -> Bool = { isCancelled() || ContinuousClock.now >= deadline }
    func outcome(_ verdict: Verdict, _ method: String, _ branches: Int) -> VerificationOutcome {
      VerificationOutcome(verdict: verdict, method: method, seconds: watch.seconds, branches: branches)
    }
    guard !property.disjuncts.isEmpty else { return outcome(.unsat, "the property has no point", 0) }
    let check = try WitnessCheck(property, plan: plan, network: network)
    var generator = SplitMix64(seed: budget.seed)
    if let witness = attack(property, check, restarts: 8, steps: 12, &generator, mustStop) { return outcome(.sat(witness), "attack", 0) }
    let cells = InputBranching.cells(property)
    var statistics = BranchingStatistics()
    var results: [BranchingResult] = []
    var methods: [String] = []
    // Boxes of many inputs are split by phases, the others by inputs.
    let wide = cells.filter { InputBranching.freeCount($0) > Self.greatestSplitCount }
    let narrow = cells.filter { InputBranching.freeCount($0) <= Self.greatestSplitCount }
    if !narrow.isEmpty {
      let branching = InputBranching(plan: plan, property: property, check: check, evaluator: evaluator)
      results.append(
        branching.run(narrow, statistics: &statistics, mustStop: mustStop) { statistics, open in
          progress("\(statistics.boxes) boxes bounded, \(open) open")
        })
      methods.append(statistics.boxes == narrow.count ? "linear bounds" : "input splitting")
    }
    for cell in wide {
      if case .proved = results.last ?? .proved {} else { break }
      results.append(decide(cell, property, check, &generator, &statistics, &methods, deadline, mustStop, progress))
    }
    let method = methods.reduce(into: [String]()) { if !$0.contains($1) { $0.append($1) } }.joined(separator: ", ")
    switch results.last ?? .proved {
    case .proved: return outcome(.unsat, method, statistics.boxes)
    case .found(let witness): return outcome(.sat(witness), method, statistics.boxes)
    case .stuck: return outcome(.unknown("the parts cannot be split further"), method, statistics.boxes)
    case .stopped: return outcome(isCancelled() ? .unknown("stopped") : .timeout, method, statistics.boxes)
    }
  }

  /// Boxes with more free inputs than this are not split by inputs.
  private static let greatestSplitCount = 16

  /// Decides a box with many inputs: linear bounds of the box, better slopes, a longer attack, then phases.
  private func decide(
    _ cell: InputBranching.Cell, _ property: Property, _ check: WitnessCheck, _ generator: inout SplitMix64,
    _ statistics: inout BranchingStatistics, _ methods: inout [String], _ deadline: ContinuousClock.Instant,
    _ mustStop: @escaping @Sendable () -> Bool,
    _ progress: @Sendable (String) -> Void
  ) -> BranchingResult {
    let n = plan.inputCount
    func refuted(_ rows: ConstraintRows, _ values: [Double]) -> Set<Int> {
      Set(rows.places.indices.filter { values[$0] > 0 }.map { rows.places[$0].disjunct })
    }
    // Bounds from interval arithmetic cost next to nothing.
    let quick = BoxPropagation(
      plan, lower: Matrix(rows: 1, columns: n, elements: cell.lower), upper: Matrix(rows: 1, columns: n, elements: cell.upper),
      isRefining: false)
    statistics.boxes += 1
    if quick.isBroken[0] { return .stuck }
    var left = cell.disjuncts
    var rows = ConstraintRows(property)
    for disjunct in left { rows.add(disjunct: disjunct, box: 0) }
    let easy = refuted(rows, rows.lowerBounds(quick).values)
    left.removeAll { easy.contains($0) }
    methods.append(left.isEmpty ? "interval bounds" : "linear bounds")
    if left.isEmpty { return .proved }
    progress("bounding the units")
    let bounds = prepared.flatMap {
      try? BoundPropagation($0, region: .box(lower: cell.lower, upper: cell.upper), isCancelled: mustStop)
    }
    if mustStop() { return .stopped }
    var known: BoxPropagation.KnownIntervals = [:]
    if let bounds {
      for case .activation(let source, _) in plan.nodes.map(\.kind) { known[source] = bounds.intervals[source] }
    }
    let propagation = BoxPropagation(
      plan, lower: Matrix(rows: 1, columns: n, elements: cell.lower), upper: Matrix(rows: 1, columns: n, elements: cell.upper),
      known: known, isCancelled: mustStop)
    if mustStop() { return .stopped }
    if propagation.isBroken[0] { return .stuck }
    rows = ConstraintRows(property)
    for disjunct in left { rows.add(disjunct: disjunct, box: 0) }
    var done = refuted(rows, rows.lowerBounds(propagation).values)
    if let bounds { done.formUnion(refuted(rows, rows.lowerBounds(bounds, rows.search(propagation)))) }
    left.removeAll { done.contains($0) }
    if left.isEmpty { return .proved }
    methods.append("optimised slopes")
    progress("choosing slopes")
    done = refuted(rows, rows.search(propagation).run(phases: [], steps: 20, mustStop: mustStop).values)
    left.removeAll { done.contains($0) }
    if left.isEmpty { return .proved }
    progress("attacking")
    if let witness = attack(property, check, only: left, restarts: 24, steps: 50, &generator, mustStop) {
      methods = ["attack"]
      return .found(witness)
    }
    switch try? programs(left, property, check, cell, propagation, deadline, mustStop) {
    case .some((let proved, let witness)):
      if let witness {
        methods = ["linear programs"]
        return .found(witness)
      }
      if !proved.isEmpty { methods.append("linear programs") }
      left.removeAll { proved.contains($0) }
      if left.isEmpty { return .proved }
    case nil: break
    }
    methods.append("splitting units")
    for case .activation(let source, _) in plan.nodes.map(\.kind) {
      known[source] = (propagation.lower[source].row(0), propagation.upper[source].row(0))
    }
    return PhaseBranching(
      plan: plan, property: property, check: check, evaluator: evaluator, lower: cell.lower, upper: cell.upper, known: known
    ).run(left, statistics: &statistics, mustStop: mustStop) { statistics, open, worst in
      progress("\(statistics.boxes) parts bounded, \(open) open, bound \(Float(worst))")
    }
  }

  /// What branch and bound with linear programs says about disjuncts, for networks with few units whose sign is open.
  ///
  /// Programs are far tighter than single bounds, and far slower: they get half of the time that is left.
  private func programs(
    _ disjuncts: [Int], _ property: Property, _ check: WitnessCheck, _ cell: InputBranching.Cell, _ propagation: BoxPropagation,
    _ deadline: ContinuousClock.Instant, _ mustStop: @escaping @Sendable () -> Bool
  ) throws -> (proved: Set<Int>, witness: Witness?) {
    guard propagation.openCount(box: 0) <= Self.greatestProgramCount else { return ([], nil) }
    let region = Region.box(lower: cell.lower, upper: cell.upper)
    let search = try PhaseSearch(plan.network)
    var proved: Set<Int> = []
    for (place, disjunct) in disjuncts.enumerated() {
      guard let unsafe = OutputSet(property.disjuncts[disjunct], outputCount: plan.outputCount), !mustStop() else { continue }
      let remaining = min(ContinuousClock.now.duration(to: deadline) / .seconds(1), 1e6)
      var budget = Budget()
      budget.timeLimit = 0.5 * remaining / Double(disjuncts.count - place)
      budget.isCancelled = mustStop
      switch try search.decide(unsafe, on: region, budget: budget).verdict {
      case .none(let violation): if violation > 0 { proved.insert(disjunct) }
      case .reached(let input): if let witness = check.witness(near: input, disjunct: disjunct) { return (proved, witness) }
      case .unknown: break
      }
    }
    return (proved, nil)
  }

  /// Networks with more units whose sign is open are not given to linear programs.
  private static let greatestProgramCount = 400

  private func attack(
    _ property: Property, _ check: WitnessCheck, only disjuncts: [Int]? = nil, restarts: Int, steps: Int, _ generator: inout SplitMix64,
    _ mustStop: () -> Bool
  ) -> Witness? {
    // With thousands of disjuncts the candidates that branching tries are attack enough.
    guard property.disjuncts.count <= 64 else { return nil }
    for index in disjuncts ?? Array(property.disjuncts.indices) {
      let disjunct = property.disjuncts[index]
      var found: Witness?
      _ = PropertyAttack(evaluator: evaluator, disjunct: disjunct).search(
        restarts: restarts, steps: steps, generator: &generator, mustStop: mustStop,
        accept: { candidate in
          found = check.witness(near: candidate, disjunct: index)
          return found != nil
        })
      if let found { return found }
    }
    return nil
  }
}
