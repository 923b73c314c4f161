/// How perturbations are measured.
public enum PerturbationNorm: String, Hashable, Sendable, Codable, CaseIterable {
  /// The largest change of a value.
  case lInfinity = "linf"
  /// The Euclidean length.
  case l2
}
