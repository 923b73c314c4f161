import LinearAlgebra
import Networks

/// Bounds of a network's values on a region, in real arithmetic, sound in floating point.
public struct BoundPropagation: Sendable {
  /// What was bounded.
  public let network: LoweredNetwork
  /// The inputs considered.
  public let region: Region
  /// Intervals for all nodes.
  public let intervals: NodeIntervals

  /// Propagates a region through a network.
  ///
  /// - Throws: ``NotProved`` when the region is unbounded or does not fit, or when cancelled.
  public init(_ network: LoweredNetwork, region: Region, isCancelled: () -> Bool = { false }) throws {
    self.network = network
    self.region = region
    intervals = try NodeIntervals(arithmetic: network, region: region)
  }

  /// For every row c a lower bound of c · y on the region, y the network's outputs.
  ///
  /// - Parameters:
  ///   - rows: as many columns as the network has outputs.
  ///   - isCancelled: asked on the calling thread, many times a second.
  /// - Throws: ``NotProved`` when cancelled.
  public func lowerBounds(of rows: Matrix<Double>, isCancelled: () -> Bool = { false }) throws -> [Double] {
    let (lower, upper) = intervals[network.nodes.count - 1]
    return (0..<rows.rows).map { i in
      rows.row(i).enumerated().reduce(0) { sum, entry in
        let (j, c) = entry
        return ErrorBounds.addDown(sum, min(ErrorBounds.multiplyDown(c, lower[j]), ErrorBounds.multiplyDown(c, upper[j])))
      }
    }
  }
}
