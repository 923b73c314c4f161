/// What a verification found and how.
public struct VerificationOutcome: Sendable {
  /// The answer.
  public var verdict: Verdict
  /// How it was found, for people.
  public var method: String
  /// Seconds of the wall clock.
  public var seconds: Double
  /// The number of boxes or sets of phases that were bounded.
  public var branches: Int
}
