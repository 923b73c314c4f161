import Networks

/// The slope sectors of an activation node's units: unit i has slopes in [`lower[i]`, `upper[i]`].
public struct UnitSectors: Sendable, Equatable {
  /// α, one for each unit.
  public var lower: [Double]
  /// β, one for each unit.
  public var upper: [Double]

  /// Sectors with the given ends.
  ///
  /// - Precondition: as many of each, `lower[i] <= upper[i]`.
  public init(lower: [Double], upper: [Double]) {
    precondition(lower.count == upper.count, "every unit has both slopes")
    self.lower = lower
    self.upper = upper
  }

  /// The sectors that hold for all inputs, derived from the activation functions alone.
  public init(global units: LoweredNetwork.Units, count: Int) {
    let sectors = units.globalSectors(count: count)
    self.init(lower: sectors.map(\.lower), upper: sectors.map(\.upper))
  }

  /// The number of units.
  public var count: Int { lower.count }

  /// Whether these are finite intervals for `count` units.
  func fits(count: Int) -> Bool {
    lower.count == count && upper.count == count && zip(lower, upper).allSatisfy { $0 <= $1 && $0.isFinite && $1.isFinite }
  }
}

extension LoweredNetwork {
  /// The global sectors of every activation node, in the order of ``activationNodes``.
  public var globalSectors: [UnitSectors] {
    activationNodes.map { index in
      guard case .activation(_, let units) = nodes[index].kind else { return UnitSectors(lower: [], upper: []) }
      return UnitSectors(global: units, count: nodes[index].count)
    }
  }
}
