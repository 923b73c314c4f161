/// Something a proof takes for granted because the caller says so.
public enum SemidefiniteAssumption: Sendable, Equatable, Codable, CustomStringConvertible {
  /// The infimum is that over the feasible x with |xᵢ| ≤ these bounds; it is enough that one optimal x satisfies them.
  case variableBounds([Double])
  /// The supremum of the dual is that over the feasible Y with tr Y_k ≤ these bounds, one for each block.
  case dualTraceBounds([Double])
  /// The optima of the problem and its dual are equal, as they are when one of them has an interior point.
  case noDualityGap

  /// One sentence for people.
  public var description: String {
    switch self {
    case .variableBounds(let bounds): "some optimal point has |x| at most the given bounds (largest \(bounds.max() ?? 0))"
    case .dualTraceBounds(let bounds): "some optimal dual matrix has traces at most the given bounds (largest \(bounds.max() ?? 0))"
    case .noDualityGap: "the optima of the problem and its dual are equal"
    }
  }
}
