import Certificates
import LinearAlgebra
import LinearProgramming
import Lipschitz
import Networks

/// Decides whether some input of a region reaches an unsafe set of outputs, by branch and bound on the phases of the units.
///
/// Every node of the tree is a part of the region on which some units' arguments lie in smaller intervals, cut at the kinks of φ (for curved
/// functions anywhere). Its bound is the least violation of the unsafe set over the linear relaxation (`NetworkProgram`); it is
/// proved by the multipliers alone. A part is closed when that bound is positive or its relaxation is proved empty. The inputs that the
/// solver proposes are tried on the network itself. For piecewise linear networks the tree is finite; curved units are cut until a part is
/// closed or time is up.
///
/// An answer "none" is rigorous: it rests on outward rounded bound propagation and on safe bounds of linear programs, on no word of the
/// solver. It is about real arithmetic with the stored weights. An answer "reached" comes with an input for which the network, evaluated in
/// double precision, lies in the set.
public struct PhaseSearch: Sendable {
  /// What was found out.
  public enum Verdict: Sendable {
    /// No input of the region reaches the set; the violation is at least `violation` > 0 everywhere.
    case none(violation: Double)
    /// The network's output at this input lies in the set, as computed in double precision.
    case reached(input: [Double])
    /// Neither is known; the violation is at least `violation` everywhere.
    case unknown(violation: Double, reason: String)
  }

  /// An answer and what it took.
  public struct Outcome: Sendable {
    /// The answer.
    public var verdict: Verdict
    /// Linear programs solved in the tree.
    public var programs = 0
    /// Units that are not decided by their intervals.
    public var units = 0
    /// Seconds.
    public var seconds = 0.0
  }

  /// The network.
  public var network: LoweredNetwork { prepared.lowered }
  /// The most rows of a program; larger networks are not searched.
  public var largestRowCount = 6000
  /// Whether arguments are tightened by linear programs before the search.
  public var tightens = true
  private let prepared: PropagationNetwork
  private let evaluator: Evaluator<Double>

  /// A search on a network.
  ///
  /// - Throws: `NotProved` when the network allows no sound bounds.
  public init(_ network: LoweredNetwork) throws {
    prepared = try PropagationNetwork(network)
    evaluator = Evaluator(network)
  }

  /// Decides.
  ///
  /// - Parameters:
  ///   - unsafe: the set that must not be reached.
  ///   - region: the inputs: a box, or a ball, which is replaced by its bounding box in the programs (its intervals are used), so that "reached"
  ///     may then lie outside of it.
  ///   - intervals: intervals that hold on the region, when there are some; from bound propagation otherwise.
  ///   - budget: `timeLimit` and `isCancelled` count.
  /// - Throws: `NotProved` when the region has no bounds or the network cannot be bounded; `LinearProgramError`.
  public func decide(_ unsafe: OutputSet, on region: Region, intervals: NodeIntervals? = nil, budget: Budget = Budget()) throws -> Outcome {
    let watch = budget.start()
    var outcome = Outcome(verdict: .unknown(violation: -.infinity, reason: "out of time"))
    do {
      let propagation = try BoundPropagation(prepared, region: region) { watch.mustStop }
      var bounds = propagation.intervals
      if let intervals { for k in network.nodes.indices { try bounds.intersect(k, lower: intervals.lower[k], upper: intervals.upper[k]) } }
      outcome.verdict = try search(unsafe, propagation, &bounds, watch, budget, &outcome)
    } catch let error as NotProved {
      guard watch.mustStop else { throw error }
    }
    outcome.seconds = watch.seconds
    return outcome
  }

  /// Bounds first, then the tree.
  private func search(
    _ unsafe: OutputSet, _ propagation: BoundPropagation, _ bounds: inout NodeIntervals, _ watch: Stopwatch, _ budget: Budget,
    _ outcome: inout Outcome
  ) throws -> Verdict {
    let last = network.nodes.count - 1
    let rows = try propagation.lowerBounds(of: unsafe.rows) { watch.mustStop }
    var known = zip(rows, unsafe.bounds).map { ErrorBounds.subtractDown($0, $1) }.max() ?? -.infinity
    let first = unsafe.violation(lower: bounds.lower[last], upper: bounds.upper[last])
    known = max(known, first.lowerBound)
    if known > 0 { return .none(violation: known) }
    if tightens {
      let left = watch.remaining
      let tightening = LinearTightening(timeLimit: left.isFinite ? 0.3 * left : nil, isCancelled: budget.isCancelled)
      bounds = try tightening.tightened(bounds, of: network)
    }
    var root = try NetworkProgram(network, intervals: bounds)
    let range = unsafe.violation(lower: bounds.lower[last], upper: bounds.upper[last])
    try root.setUnsafe(unsafe, range: max(known, range.lowerBound)...max(known, range.upperBound))
    outcome.units = root.units.count
    guard root.program.rows.count <= largestRowCount else {
      return .unknown(violation: known, reason: "a program of \(root.program.rows.count) rows is too large")
    }
    var tree = PhaseTree(root, bounds, unsafe, evaluator, watch: watch)
    defer { outcome.programs = tree.programs }
    return try tree.run(known: known)
  }
}
