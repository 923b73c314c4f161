/// Choices that belong to single methods; each method reads its own.
public struct EstimatorSettings: Sendable {
  /// `lifted`: the rank of the lifted vectors at the start, or `nil` for its default.
  public var rank: Int?
  /// `frequency`: whether to prove the bound for images of any size.
  public var anyImageSize = false

  /// The default choices.
  public init() {}
}
