import Certificates
import LinearAlgebra
import LinearProgramming
import Lipschitz
import Networks

/// Whether all margins of an input are positive on a ball, by linear bounds and then by linear programs.
struct MarginTest {
  private let problem: RadiusProblem
  private let network: PropagationNetwork
  private let rows: Matrix<Double>
  private let tightens: Bool
  private let largestRowCount: Int
  private let watch: Stopwatch
  private let isCancelled: @Sendable () -> Bool
  /// For every rival the last basis of each number of rows.
  private var bases: [[Int: Basis]]
  /// The rivals, those first that were the last to fail.
  private var order: [Int]
  /// Programs for margins.
  private(set) var programs = 0

  init(_ problem: RadiusProblem, tightens: Bool, largestRowCount: Int, watch: Stopwatch, isCancelled: @escaping @Sendable () -> Bool) throws
  {
    (self.problem, self.tightens, self.largestRowCount, self.watch) = (problem, tightens, largestRowCount, watch)
    self.isCancelled = isCancelled
    network = try problem.classifier.propagation()
    rows = problem.classifier.marginRows(problem.label)
    bases = [[Int: Basis]](repeating: [:], count: rows.rows)
    order = Array(0..<rows.rows)
  }

  /// Linear bounds alone; what they cannot bound is not proved.
  func isProvedByBounds(_ radius: Double) -> Bool {
    problem.isProvedByLinearBounds(radius) { watch.mustStop }
  }

  /// Linear bounds, then linear programs for the margins that they leave open, at last with tightened intervals.
  mutating func isProved(_ radius: Double) throws -> Bool {
    do {
      let propagation = try BoundPropagation(network, region: problem.region(radius)) { watch.mustStop }
      let bounds = try propagation.lowerBounds(of: rows) { watch.mustStop }
      var open = order.filter { !(bounds[$0] > 0) }
      try prove(&open, propagation.intervals)
      if open.isEmpty { return true }
      guard tightens, !watch.mustStop else { return false }
      let left = watch.remaining
      let tightening = LinearTightening(timeLimit: left.isFinite ? 0.25 * left : nil, isCancelled: isCancelled)
      try prove(&open, try tightening.tightened(propagation.intervals, of: network.lowered))
      return open.isEmpty
    } catch is NotProved {
      return false
    }
  }

  /// Takes rivals off the list whose margins are positive, up to the first that is not proved.
  private mutating func prove(_ open: inout [Int], _ intervals: NodeIntervals) throws {
    if open.isEmpty { return }
    let base = try NetworkProgram(network.lowered, intervals: intervals)
    guard base.program.rows.count <= largestRowCount else {
      throw NotApplicable("a linear program of \(base.program.rows.count) rows is too large")
    }
    while let j = open.first, !watch.mustStop {
      guard try isPositive(j, base, intervals) else {
        order.removeAll { $0 == j }
        order.insert(j, at: 0)
        return
      }
      open.removeFirst()
    }
  }

  private mutating func isPositive(_ j: Int, _ base: NetworkProgram, _ intervals: NodeIntervals) throws -> Bool {
    let margin = OutputSet(rows: Matrix(rows: 1, columns: rows.columns, elements: Array(rows.row(j))), bounds: [0])
    let last = network.lowered.nodes.count - 1
    let range = margin.violation(lower: intervals.lower[last], upper: intervals.upper[last])
    if range.lowerBound > 0 { return true }
    var program = base
    try program.setUnsafe(margin, range: range)
    programs += 1
    let (watch, left) = (watch, watch.remaining)
    let size = program.program.rows.count
    let bound = try RelaxedBound(
      program.program, from: bases[j][size], timeLimit: left.isFinite ? max(0, left) : nil, isCancelled: { watch.mustStop })
    if let basis = bound.basis { bases[j][size] = basis }
    // An empty ball around an input would be a contradiction; it proves nothing.
    return !bound.isEmpty && bound.value > 0
  }
}
