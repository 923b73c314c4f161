import ConicPrograms

/// What a solve ended with. All of it is in the user's data, recomputed there after every reformulation was undone.
public struct ConicSolution: Sendable {
  /// Why the solver stopped.
  public var status: ConicStatus
  /// The best point, or the certificate of infeasibility: z with b′z = −1, or x with c′x = −1; the vectors without a meaning are NaN then.
  public var point: ConicPoint
  /// What x and s are.
  public var primal: ConicPointStatus
  /// What z is.
  public var dual: ConicPointStatus
  /// The residuals of the point, distances to the cones included; `nil` for certificates.
  public var residuals: Residuals?
  /// The error of the certificate, for infeasible problems; see `InfeasibilityError`.
  public var certificateError: Double?
  /// What was done and how long it took.
  public var info: ConicInfo
  /// The rows of the log.
  public var history: [ConicProgress]

  /// The half-way point between the two objectives; ±∞ for infeasible problems.
  public var objective: Double {
    switch status {
    case .primalInfeasible: .infinity
    case .dualInfeasible: -.infinity
    default: residuals.map { ($0.primalObjective + $0.dualObjective) / 2 } ?? .nan
    }
  }
}
