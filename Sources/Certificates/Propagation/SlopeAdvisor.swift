/// ± the value of a unit, to be bounded from below.
public struct BackwardRow: Sendable, Equatable {
  /// Which unit of the node.
  public var unit: Int
  /// 1 for the unit's lower bound, −1 for its upper one.
  public var sign: Double

  /// ± a unit.
  public init(unit: Int, sign: Double) {
    self.unit = unit
    self.sign = sign
  }
}

/// Chooses slopes for backward bounds. It need not be trusted: the bounds hold whatever it answers.
public protocol SlopeAdvisor: Sendable {
  /// Slopes for the lower bounds of some rows, one for each, or none for the lines that enclose least.
  ///
  /// - Parameters:
  ///   - rows: at most 32 units with their signs.
  ///   - node: the affine node that they belong to.
  ///   - intervals: bounds of this node and all before it.
  ///   - region: the inputs.
  func slopes(for rows: [BackwardRow], of node: Int, intervals: NodeIntervals, region: Region) -> [RelaxationSlopes]
}
