/// What is proved of the optimum from both sides.
public struct SemidefiniteEnclosure: Sendable, Equatable, Codable {
  /// The optimum is at most this.
  public let upper: SemidefiniteBound?
  /// The optimum is at least this.
  public let lower: SemidefiniteBound?
}
