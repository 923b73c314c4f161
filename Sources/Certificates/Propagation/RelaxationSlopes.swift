import Networks

/// The slopes of the lines of all units of a network: what is free in backward bounds, and what a certificate stores of them.
///
/// Any slopes give sound bounds; these say which.
public struct RelaxationSlopes: Codable, Sendable, Equatable {
  /// For every activation node, in order, the slopes of the lower lines; an empty list for those that enclose least.
  public var lower: [[Double]]
  /// The same for the upper lines.
  public var upper: [[Double]]

  /// Collects slopes.
  public init(lower: [[Double]], upper: [[Double]]) {
    self.lower = lower
    self.upper = upper
  }

  /// No slopes: every unit takes those that enclose least.
  public init(default network: LoweredNetwork) {
    let empty = [[Double]](repeating: [], count: network.activationNodes.count)
    self.init(lower: empty, upper: empty)
  }

  /// Whether there is one list for each activation node, empty or one number for each unit.
  public func fits(_ network: LoweredNetwork) -> Bool {
    let counts = network.activationNodes.map { network.nodes[$0].count }
    return [lower, upper].allSatisfy { lists in
      lists.count == counts.count && zip(lists, counts).allSatisfy { $0.isEmpty || $0.count == $1 }
    }
  }
}
