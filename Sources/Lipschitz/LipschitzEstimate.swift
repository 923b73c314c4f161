import Certificates

/// What an estimator found out about a ``LipschitzProblem``.
public struct LipschitzEstimate: Sendable {
  /// The estimator's id, as in the table of methods.
  public var method: String
  /// An upper bound on the Lipschitz constant, or `nil` when the method gives none or failed to.
  public var upper: Double?
  /// For semidefinite methods a lower bound on the method's own optimum; for `attained` one on the Lipschitz constant itself.
  public var lower: Double?
  /// Whether `upper` was proved by the certificate checker or by verified norms.
  public var isCertified = false
  /// Wall-clock seconds.
  public var seconds = 0.0
  /// Iterations of the method's main loop.
  public var iterations = 0
  /// The rank of the lifted iteration.
  public var rank: Int?
  /// Why the method stopped.
  public var stopReason: StopReason = .finished
  /// What a person should know besides, such as which variant won or why no bound was proved.
  public var note: String?
  /// The certificate of `upper`, where the method yields one.
  public var certificate: Certificate?
  /// For `lifted`, where the iteration ended: a warm start for related problems.
  public var state: LiftedState?
  /// How the two sides moved.
  public var history: [Progress] = []

  /// An estimate to be filled in.
  public init(method: String) { self.method = method }

  /// (upper − lower) / upper, when both are known.
  public var gap: Double? {
    guard let upper, let lower, upper > 0 else { return nil }
    return (upper - lower) / upper
  }

  /// Why an estimator stopped.
  public enum StopReason: String, Sendable, Codable {
    /// It ran to its natural end.
    case finished
    /// The two sides came within the tolerance.
    case tolerance
    /// The iteration cap.
    case iterationLimit
    /// The time limit.
    case timeLimit
    /// The caller cancelled; the best so far is returned.
    case cancelled
    /// Neither side moves any more.
    case stalled
  }

  /// A moment of an anytime method.
  public struct Progress: Sendable, Codable, Equatable {
    /// Iterations so far.
    public var iteration: Int
    /// The best lower bound so far.
    public var lower: Double
    /// The best proved upper bound so far, or `nil`.
    public var upper: Double?
    /// Seconds since the start.
    public var seconds: Double
    /// How far the proof under way has come, where it is a long one.
    public var proof: ProofProgress?

    /// Collects the parts.
    public init(iteration: Int, lower: Double, upper: Double?, seconds: Double, proof: ProofProgress? = nil) {
      self.proof = proof
      self.iteration = iteration
      self.lower = lower
      self.upper = upper
      self.seconds = seconds
    }
  }
}
