import Certificates
import Networks

/// What partitions of one network cost and give: bounds and seconds against the factor.
public struct PartitionStudy: Codable, Sendable, Equatable {
  /// One partition.
  public struct Row: Codable, Sendable, Equatable {
    /// Pieces along each axis of each block's output.
    public var factor: Int
    /// Activation layers in a block.
    public var layers: Int
    /// Blocks of layers.
    public var blocks: Int
    /// Tiles of all blocks.
    public var tiles: Int
    /// Tiles that are different networks: as many proofs.
    public var distinct: Int
    /// The units of the largest tile.
    public var units: Int
    /// The certified bound, or `nil` when none was proved; `note` says why.
    public var bound: Double?
    /// Wall-clock seconds.
    public var seconds: Double
    /// Remarks of the estimator.
    public var note: String?
  }

  /// The partitions, in the order asked for.
  public var rows: [Row]

  /// Bounds a problem with every factor and number of layers.
  ///
  /// - Parameters:
  ///   - problem: the network, its norm and the outputs considered.
  ///   - factors: pieces along each axis.
  ///   - layers: activation layers in a block; `nil` leaves the choice to the estimator.
  ///   - method: how tiles are bounded.
  ///   - budget: of each partition on its own.
  ///   - finished: called after each partition, on the calling thread.
  /// - Throws: errors of the estimator, such as a network that cannot be partitioned.
  public init(
    _ problem: LipschitzProblem, factors: [Int], layers: [Int?] = [nil], method: PartitionEstimator.Method = .joint,
    budget: Budget = Budget(), finished: (Row) -> Void = { _ in }
  ) throws {
    rows = []
    for own in layers {
      for factor in factors where !budget.isCancelled() {
        let estimator = PartitionEstimator(factor: factor, layers: own, method: method)
        let result = try estimator.partitioned(problem, budget: budget) { _ in }
        let types = result.partition?.blocks.flatMap(\.types) ?? []
        let row = Row(
          factor: factor, layers: result.plan?.layers ?? own ?? 0, blocks: result.partition?.blocks.count ?? 0,
          tiles: result.partition?.tileCount ?? 0, distinct: types.count, units: types.map(\.network.unitCount).max() ?? 0,
          bound: result.estimate.isCertified ? result.estimate.upper : nil, seconds: result.estimate.seconds, note: result.estimate.note)
        rows.append(row)
        finished(row)
      }
    }
  }
}
