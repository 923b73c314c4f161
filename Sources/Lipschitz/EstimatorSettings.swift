/// Choices that belong to single methods; each method reads its own.
public struct EstimatorSettings: Sendable {
  /// `lifted`: the rank of the lifted vectors at the start, or `nil` for its default.
  public var rank: Int?
  /// `lifted`: which units share a multiplier.
  public var tying = MultiplierTying.neuron

  /// The default choices.
  public init() {}
}
