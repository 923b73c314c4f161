/// Why the solver stopped, as decided on residuals recomputed in the user's data.
public enum ConicStatus: String, Sendable, Codable, CaseIterable {
  /// Every DIMACS error is at most the tolerance, and the value is certain to one per cent.
  case solved
  /// No engine could go further; every DIMACS error is at most ``ConicSettings/inaccurateTolerance``.
  case solvedInaccurate
  /// The dual vector is a certificate, in the user's data, that no (x, s) is feasible.
  case primalInfeasible
  /// x is a certificate, in the user's data, that no dual vector is feasible: a ray along which the objective falls.
  case dualInfeasible
  /// The iteration limit.
  case iterationLimit
  /// The time limit.
  case timeLimit
  /// No engine makes progress, and the point is not near a solution.
  case insufficientProgress
  /// The linear algebra broke down.
  case numericalError
  /// The caller asked to stop.
  case interrupted
}
