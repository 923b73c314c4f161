/// What a vector of a ``ConicSolution`` is.
public enum ConicPointStatus: String, Sendable, Codable {
  /// Feasible to the tolerance.
  case feasible
  /// Feasible to ``ConicSettings/inaccurateTolerance``.
  case nearlyFeasible
  /// Neither.
  case infeasible
  /// A certificate that the other side has no feasible point.
  case infeasibilityCertificate
}
