import Certificates
import LinearAlgebra
import LinearProgramming
import Networks

/// Tighter intervals of the units' arguments by linear programs, layer by layer.
///
/// For every argument z of a unit that is not decided yet, the least and the greatest value of z over the relaxation of all nodes before it
/// (`NetworkProgram`) are bounded; what counts is the safe bound of the multipliers, never the solver's optimum. Tighter intervals make
/// tighter relaxations of the layers after them, and tighter sectors for whoever works with those.
public struct LinearTightening: Sendable {
  /// Seconds for all programs; what is not reached keeps its interval.
  public var timeLimit: Double?
  /// Programs with more rows than this are not tried.
  public var largestRowCount = 4000
  /// Asked often; when it says true, what has not been tightened keeps its interval.
  public var isCancelled: @Sendable () -> Bool

  /// A tightening within limits.
  public init(timeLimit: Double? = nil, isCancelled: @escaping @Sendable () -> Bool = { false }) {
    (self.timeLimit, self.isCancelled) = (timeLimit, isCancelled)
  }

  /// Intervals within the given ones that hold on the same region.
  ///
  /// Serial within a parallel loop, else spread over threads.
  ///
  /// - Parameters:
  ///   - intervals: intervals of all nodes, valid on a region.
  ///   - network: the network.
  /// - Throws: `NotProved` when an interval is not bounded, or no input has the values they allow: then the region given was empty.
  public func tightened(_ intervals: NodeIntervals, of network: LoweredNetwork) throws -> NodeIntervals {
    var result = intervals
    let clock = ContinuousClock.now
    let limit = timeLimit
    let isCancelled = isCancelled
    let mustStop: @Sendable () -> Bool = { isCancelled() || limit.map { clock.duration(to: .now) / .seconds(1) >= $0 } ?? false }
    var done = Set<Int>()
    for (index, node) in network.nodes.enumerated() {
      guard case .activation(let source, let functions) = node.kind, !mustStop() else { continue }
      if done.insert(source).inserted {
        let undecided = (0..<node.count).filter { i in
          let (l, u) = (result.lower[source][i], result.upper[source][i])
          let activation = functions.activation(of: i)
          return l < u && !(activation.isPiecewiseLinear && activation.kinks(in: l...u).isEmpty)
        }
        try tighten(&result, source, undecided, network, mustStop)
      }
      let images = (0..<node.count).map { functions.activation(of: $0).image(of: result.lower[source][$0]...result.upper[source][$0]) }
      try result.intersect(index, lower: images.map(\.lowerBound), upper: images.map(\.upperBound))
    }
    return result
  }

  /// Tightens some elements of one node.
  private func tighten(
    _ intervals: inout NodeIntervals, _ node: Int, _ elements: [Int], _ network: LoweredNetwork, _ mustStop: @escaping @Sendable () -> Bool
  ) throws {
    guard !elements.isEmpty else { return }
    var wanted = [Bool](repeating: false, count: network.nodes[node].count)
    for i in elements { wanted[i] = true }
    let program = try NetworkProgram(network, intervals: intervals, end: node + 1, outputs: wanted)
    // Without units before it a node is affine in the input, and its interval is as good as it gets on a box.
    guard !program.units.isEmpty, program.program.rows.count <= largestRowCount else { return }
    var (lower, upper) = (intervals.lower[node], intervals.upper[node])
    // Neighbours share their bases.
    let chunk = 8
    let ranges = try ParallelFor.map((elements.count + chunk - 1) / chunk) { k in
      var (own, basis) = (program, Basis?.none)
      return try elements[k * chunk..<min(elements.count, (k + 1) * chunk)].map { i -> (lower: Double, upper: Double)? in
        mustStop() ? nil : try bounds(of: i, &own, &basis, mustStop)
      }
    }.flatMap { $0 }
    for (i, range) in zip(elements, ranges) {
      guard let range else { continue }
      (lower[i], upper[i]) = range
    }
    try intervals.intersect(node, lower: lower, upper: upper)
  }

  /// Bounds of one element of the program's last node.
  private func bounds(
    of element: Int, _ program: inout NetworkProgram, _ basis: inout Basis?, _ mustStop: @escaping @Sendable () -> Bool
  ) throws -> (lower: Double, upper: Double)? {
    func solve(_ sense: LinearProgram.Sense) throws -> RelaxedBound? {
      guard try program.setObjective(element: element, sense: sense) else { return nil }
      let bound = try RelaxedBound(program.program, from: basis, method: basis == nil ? .dual : .primal, isCancelled: mustStop)
      if bound.isEmpty { throw NotProved("no input has the values that the intervals allow") }
      basis = bound.basis ?? basis
      return bound
    }
    guard let least = try solve(.minimise), let greatest = try solve(.maximise) else { return nil }
    try program.clearObjective(element: element)
    return (least.value, greatest.value)
  }
}
