import Certificates
import LinearAlgebra
import LinearProgramming
import Lipschitz
import Networks

/// The tree of a ``PhaseSearch``: best bound first.
struct PhaseTree {
  /// A part of the region: the root's, with smaller intervals for some units.
  private struct Part {
    /// At most the violation on the part.
    var bound: Double
    /// The cuts, in order; later ones of a unit lie in earlier ones.
    var cuts: [(unit: Int, interval: ClosedRange<Double>)] = []
    /// The solver's answer for it.
    var relaxed: RelaxedBound
  }

  private let root: NetworkProgram
  private let intervals: NodeIntervals
  private let unsafe: OutputSet
  private let evaluator: Evaluator<Double>
  private let watch: Stopwatch
  private var open = Heap<Part> { $0.bound < $1.bound }
  /// Linear programs solved.
  private(set) var programs = 0
  /// The least bound of the parts that were closed.
  private var closed = Double.infinity
  private var witness: [Double]?

  init(_ root: NetworkProgram, _ intervals: NodeIntervals, _ unsafe: OutputSet, _ evaluator: Evaluator<Double>, watch: Stopwatch) {
    (self.root, self.intervals, self.unsafe, self.evaluator) = (root, intervals, unsafe, evaluator)
    self.watch = watch
  }

  /// Searches until the region is closed, the set is reached, or it must stop.
  ///
  /// - Parameter known: a lower bound of the violation on the whole region.
  mutating func run(known: Double) throws -> PhaseSearch.Verdict {
    try file(try evaluate([], parent: known, basis: nil))
    var stuck = 0
    while witness == nil, let part = open.popFirst() {
      if watch.mustStop { return .unknown(violation: min(part.bound, closed), reason: "out of time") }
      guard let children = try split(part) else {
        // Rounding decides: the relaxation is exact, its bound is not positive, and the network is not in the set at its point.
        closed = min(closed, part.bound)
        stuck += 1
        continue
      }
      for child in children { try file(child) }
    }
    if let witness { return .reached(input: witness) }
    guard stuck == 0, closed > 0 else {
      return .unknown(violation: closed, reason: "\(stuck) parts lie on the boundary of the set up to rounding")
    }
    return .none(violation: closed.isFinite ? closed : max(known, .leastNonzeroMagnitude))
  }

  /// Keeps a part that is not closed.
  private mutating func file(_ part: Part) throws {
    if part.bound > 0 { closed = min(closed, part.bound) } else { open.insert(part) }
  }

  /// The part with these cuts: its program is solved and the solver's input tried.
  private mutating func evaluate(
    _ cuts: [(unit: Int, interval: ClosedRange<Double>)], parent: Double, basis: Basis?
  ) throws -> Part {
    var program = root
    for cut in cuts { try program.restrict(unit: cut.unit, to: cut.interval) }
    programs += 1
    let (watch, left) = (watch, watch.remaining)
    let relaxed = try RelaxedBound(
      program.program, from: basis, timeLimit: left.isFinite ? max(0, left) : nil, isCancelled: { watch.mustStop })
    if let point = relaxed.point { consider(root.input(at: point, of: intervals)) }
    return Part(bound: relaxed.isEmpty ? .infinity : max(parent, relaxed.value), cuts: cuts, relaxed: relaxed)
  }

  /// Takes an input if the network reaches the set there.
  private mutating func consider(_ input: [Double]) {
    guard witness == nil else { return }
    let y = evaluator.forward(Matrix(rows: 1, columns: input.count, elements: input)).elements
    if unsafe.violation(at: y) <= 0 { witness = input }
  }

  // MARK: - Branching

  /// The parts on both sides of a cut, or `nil` when nothing is left to cut.
  private mutating func split(_ part: Part) throws -> [Part]? {
    var program = root
    for cut in part.cuts { try program.restrict(unit: cut.unit, to: cut.interval) }
    guard let (unit, cut) = choice(program, part.relaxed) else { return nil }
    let interval = program.interval(ofUnit: unit)
    var children: [Part] = []
    for half in [interval.lowerBound...cut, cut...interval.upperBound] where witness == nil {
      children.append(try evaluate(part.cuts + [(unit, half)], parent: part.bound, basis: part.relaxed.basis))
    }
    return children
  }

  /// The unit to cut, and where.
  ///
  /// A unit's gap at the solver's point, |h − φ(z)|, is weighted with the multipliers of its rows: to first order, what the bound gains when
  /// the gap is closed. Without a gap the unit with the widest halves is taken.
  private func choice(_ program: NetworkProgram, _ relaxed: RelaxedBound) -> (unit: Int, cut: Double)? {
    var best: (unit: Int, cut: Double, score: (Double, Double))?
    for (k, unit) in program.units.enumerated() {
      let interval = program.interval(ofUnit: k)
      let z = relaxed.point?[unit.argument] ?? 0.5 * interval.lowerBound + 0.5 * interval.upperBound
      guard let cut = unit.cut(interval, near: z) else { continue }
      var weight = 0.0
      if let y = relaxed.multipliers { for r in unit.slopes.indices { weight += y[unit.firstRow + r].magnitude } }
      let gap = relaxed.point.map { ($0[unit.value] - unit.activation.value(z)).magnitude } ?? 0
      let score = (gap * weight, min(cut - interval.lowerBound, interval.upperBound - cut))
      if best.map({ score > $0.score }) ?? true { best = (k, cut, score) }
    }
    return best.map { ($0.unit, $0.cut) }
  }
}

extension NetworkProgram.Unit {
  /// Where an interval of the argument is cut: at the kink nearest to z, for curved functions near z; `nil` when φ is one straight piece there,
  /// or no double lies between the ends.
  func cut(_ interval: ClosedRange<Double>, near z: Double) -> Double? {
    if let kink = activation.kinks(in: interval).min(by: { ($0 - z).magnitude < ($1 - z).magnitude }) { return kink }
    guard !activation.isPiecewiseLinear else { return nil }
    let (a, b) = (interval.lowerBound, interval.upperBound)
    guard b - a > 1e-6 * (1 + max(a.magnitude, b.magnitude)) else { return nil }
    return min(max(z, a + 0.2 * (b - a)), b - 0.2 * (b - a))
  }
}
