/// A certificate file that was written.
public struct CertificateFacts: Sendable, Equatable {
  /// Where.
  public var path: String
  /// The method whose multipliers it holds.
  public var method: String
  /// What it proves.
  public var bound: Double
  /// Whether the file was read back and checked.
  public var isChecked: Bool
  /// Seconds the check took.
  public var seconds: Double

  /// Collects the parts.
  public init(path: String, method: String, bound: Double, isChecked: Bool, seconds: Double) {
    (self.path, self.method, self.bound, self.isChecked, self.seconds) = (path, method, bound, isChecked, seconds)
  }
}
