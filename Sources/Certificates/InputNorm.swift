/// The norm in which inputs are measured.
public enum InputNorm: String, Codable, Sendable, CaseIterable {
  /// The Euclidean norm.
  case l2
  /// The largest magnitude.
  case lInfinity = "linf"
  /// The sum of magnitudes.
  case l1

  /// Whether one weight ρ stands for all inputs in a certificate; for l_∞ each has its own.
  public var hasOneWeight: Bool { self != .lInfinity }
}
