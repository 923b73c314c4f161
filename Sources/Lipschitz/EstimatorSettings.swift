/// Choices that belong to single methods; each method reads its own.
public struct EstimatorSettings: Sendable {
  /// `lifted`: the rank of the lifted vectors at the start, or `nil` for its default.
  public var rank: Int?
  /// `compositional`: how a layer's multipliers are chosen.
  public var compositionalRule = CompositionalRule.semidefinite

  /// The default choices.
  public init() {}
}
