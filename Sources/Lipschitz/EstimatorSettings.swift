import Certificates

/// Choices that belong to single methods; each method reads its own.
public struct EstimatorSettings: Sendable {
  /// `lifted`: the rank of the lifted vectors at the start, or `nil` for its default.
  public var rank: Int?

  /// `lifted`: a folder for a long proof's state. With one, there is a single proof, which goes on where it was interrupted.
  public var workFolder: WorkFolder?

  /// The default choices.
  public init() {}
}
