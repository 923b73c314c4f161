import Certificates
import LinearAlgebra
import Networks

/// Bounds in the l₁ norm of the inputs from a method for the l₂ norm, one input at a time.
///
/// Moving one coordinate at a time shows that the constant from l₁ is the largest constant L_j of a single input j, and a semidefinite bound
/// for one input has multipliers of its own: min over multipliers of q_jj, Q the gain that they prove for all inputs. So every set of
/// multipliers bounds *all* inputs, each input takes the best of the sets, and only the input with the largest bound is worth a set of its own.
/// The search begins with one set for all inputs, the best one (max q_jj least) or that of the l₂ problem (q_jj ≤ λ_max Q), and solves the worst
/// input's problem until its bound meets the largest lower value of the inputs solved: then no other input can matter. Where more inputs stay
/// above that value than may have sets of their own, solving some of them would change nothing, and the search ends.
struct ColumnSearch {
  /// A method for one set of multipliers, good for all inputs.
  typealias SharedMethod = (_ budget: Budget) throws -> LipschitzEstimate
  /// A method for one input, warm-started where it can be.
  typealias Method = (_ problem: LipschitzProblem, _ budget: Budget, _ warmStart: LiftedState?) throws -> LipschitzEstimate

  /// The most inputs that are solved by themselves: certificates hold a set of multipliers for each.
  private static let mostSolved = 64
  /// Inputs that are solved before the number of those above the lower value is looked at.
  private static let firstSolved = 4
  /// The part of the time that the shared multipliers may take.
  private static let sharedPart = 0.5

  private let problem: LipschitzProblem
  private let budget: Budget
  private let clock: Stopwatch
  private let method: Method
  private var result: LipschitzEstimate
  private var sets: [(multipliers: [[Double]], gains: [Double])] = []
  /// The least gain of every input over the sets.
  private var least: [Double]
  private var isSolved: [Bool]
  private var failure: String?

  /// Estimates in the l₁ norm.
  ///
  /// - Parameters:
  ///   - name: the id of the method.
  ///   - problem: the problem, in the l₁ norm.
  ///   - shared: the method for all inputs.
  ///   - method: the method for one input.
  static func estimate(
    name: String, problem: LipschitzProblem, budget: Budget, progress: (LipschitzEstimate.Progress) -> Void,
    sharing shared: SharedMethod, solving method: @escaping Method
  ) throws -> LipschitzEstimate {
    var search = ColumnSearch(name: name, problem: problem, budget: budget, method: method)
    return try search.run(shared, progress)
  }

  private init(name: String, problem: LipschitzProblem, budget: Budget, method: @escaping Method) {
    self.problem = problem
    self.budget = budget
    self.method = method
    clock = budget.start()
    result = LipschitzEstimate(method: name)
    least = [Double](repeating: .infinity, count: problem.lowered.inputCount)
    isSolved = [Bool](repeating: false, count: problem.lowered.inputCount)
  }

  // MARK: - The search

  private mutating func run(
    _ shared: SharedMethod, _ progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> LipschitzEstimate {
    var own = budget
    own.tolerance = max(budget.tolerance, 5e-3)
    own.timeLimit = budget.timeLimit.map { Self.sharedPart * $0 }
    let first = try shared(own)
    result.iterations = first.iterations
    take(first)
    guard !sets.isEmpty else {
      result.note = first.note ?? failure
      result.seconds = clock.seconds
      return result
    }
    record(progress)
    var state: LiftedState?
    var solvedInputs = 0
    result.stopReason = .tolerance
    while let worst = least.indices.max(by: { least[$0] < least[$1] }) {
      let upper = least[worst].squareRoot()
      if upper <= 0 || upper - (result.lower ?? 0) <= budget.tolerance * upper { break }
      if isSolved[worst] {
        result.stopReason = .stalled
        break
      }
      if clock.mustStop {
        result.stopReason = clock.reason
        break
      }
      if solvedInputs == Self.mostSolved || result.iterations >= budget.iterationLimit ?? .max {
        result.stopReason = .iterationLimit
        break
      }
      if solvedInputs == Self.firstSolved, openInputs > Self.mostSolved {
        result.stopReason = .stalled
        break
      }
      var own = budget
      own.tolerance = 0.5 * budget.tolerance
      own.timeLimit = budget.timeLimit.map { _ in max(0.01, clock.remaining) }
      own.iterationLimit = budget.iterationLimit.map { max(1, $0 - result.iterations) }
      let estimate = try method(problem.column(worst), own, state)
      isSolved[worst] = true
      solvedInputs += 1
      state = estimate.state ?? state
      result.iterations += estimate.iterations
      result.rank = estimate.rank
      if let lower = estimate.lower { result.lower = max(result.lower ?? 0, lower) }
      take(estimate)
      record(progress)
    }
    try conclude(solvedInputs)
    record(progress)
    return result
  }

  /// The inputs whose bounds are above the lower value by more than the tolerance.
  private var openInputs: Int {
    let target = (result.lower ?? 0) / (1 - budget.tolerance)
    return least.reduce(0) { $0 + ($1.squareRoot() > target ? 1 : 0) }
  }

  /// Enters the multipliers of an estimate: proves the gains of all inputs with them, on the network as stored.
  private mutating func take(_ estimate: LipschitzEstimate) {
    guard let certificate = estimate.certificate, certificate.derivation == nil else {
      failure = estimate.note ?? failure
      return
    }
    let multipliers = certificate.nodes.map(\.multipliers)
    do {
      let proof = try GainProof(
        network: problem.selected, sectors: problem.sectors, multipliers: multipliers, isCancelled: { false })
      let gains = proof.columnGains
      guard gains.allSatisfy(\.isFinite) else { return }
      sets.append((multipliers, gains))
      for (j, gain) in gains.enumerated() where gain < least[j] { least[j] = gain }
      result.upper = try ColumnProof.bound(columnGains: least)
    } catch {
      failure = "\(error)"
    }
  }

  // MARK: - The end

  private mutating func conclude(_ solvedInputs: Int) throws {
    let bound = try ColumnProof.bound(columnGains: least)
    let needed = neededSets(for: least.reduce(0) { max($0, $1) })
    result.upper = bound
    result.isCertified = true
    let statement = Statement(inputNorm: .l1, output: problem.output, bound: bound)
    let generator = "lipcert \(Version.current)"
    if needed.count == 1, let only = needed.first {
      result.certificate = Certificate(
        generator: generator, modelName: "", network: problem.lowered, statement: statement,
        inputWeights: [sets[only].gains.reduce(0) { max($0, $1) }], sectors: problem.sectors, multipliers: sets[only].multipliers)
    } else {
      result.certificate = Certificate(
        generator: generator, modelName: "", network: problem.lowered, statement: statement,
        derivation: .columns(ColumnProof(multipliers: needed.map { sets[$0].multipliers })))
    }
    let count = problem.lowered.inputCount
    var note =
      "\(solvedInputs) of \(count) inputs solved by themselves, \(needed.count == 1 ? "one set" : "\(needed.count) sets") of multipliers"
    if result.stopReason == .stalled { note += "; \(openInputs) inputs would need sets of their own to come closer to the lower value" }
    result.note = note
    result.seconds = clock.seconds
  }

  /// Sets of which every input has one within the gain; few, found greedily.
  private func neededSets(for gain: Double) -> [Int] {
    var open = Set(least.indices)
    var chosen: [Int] = []
    while !open.isEmpty {
      let counts = sets.indices.map { m in open.reduce(0) { $0 + (sets[m].gains[$1] <= gain ? 1 : 0) } }
      guard let best = counts.indices.max(by: { counts[$0] < counts[$1] }), counts[best] > 0 else { return Array(sets.indices) }
      chosen.append(best)
      open = open.filter { sets[best].gains[$0] > gain }
    }
    return chosen
  }

  private mutating func record(_ progress: (LipschitzEstimate.Progress) -> Void) {
    let moment = LipschitzEstimate.Progress(
      iteration: result.iterations, lower: result.lower ?? 0, upper: result.upper, seconds: clock.seconds)
    result.history.append(moment)
    progress(moment)
  }
}
