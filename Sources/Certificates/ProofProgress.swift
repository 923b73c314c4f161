/// How far a proof has come.
public struct ProofProgress: Sendable, Codable, Equatable {
  /// Activation nodes that are done.
  public var stage: Int
  /// Activation nodes.
  public var stages: Int
  /// The part of the multiplications that is done, from 0 to 1; within a stage by the time it has taken.
  public var fraction: Double
  /// Seconds that remain, about, at the pace so far; `nil` when nothing is known yet.
  public var remaining: Double?
}
