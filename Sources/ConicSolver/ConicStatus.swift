/// Why the solver stopped, as decided on residuals recomputed in the user's data.
public enum Status: String, Sendable, Codable, CaseIterable {
  /// Every DIMACS error is at most the tolerance, and the value is certain to one per cent.
  case solved
  /// No engine could go further; every DIMACS error is at most ``Settings/inaccurateTolerance``.
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

/// What a vector of a ``Solution`` is.
public enum PointStatus: String, Sendable, Codable {
  /// Feasible to the tolerance.
  case feasible
  /// Feasible to ``Settings/inaccurateTolerance``.
  case nearlyFeasible
  /// Neither.
  case infeasible
  /// A certificate that the other side has no feasible point.
  case infeasibilityCertificate
}

/// The engine at work.
public enum Phase: String, Sendable, Codable {
  /// The alternating direction method.
  case firstOrder = "first-order"
  /// The augmented Lagrangian with semismooth Newton steps.
  case newton
  /// The interior point.
  case interiorPoint = "interior-point"
}
