import Lipschitz

/// What one method says about a model's Lipschitz constant.
public struct MeasuredBound: Codable, Sendable, Equatable {
  /// The method's id.
  public var method: String
  /// The upper bound, or `nil`.
  public var upper: Double?
  /// A lower bound on the method's own optimum; for `attained` a gain really found.
  public var lower: Double?
  /// Whether the checker accepted the upper bound.
  public var isCertified: Bool
  /// Why the method stopped.
  public var stopReason: LipschitzEstimate.StopReason
  /// Why there is no bound, or the method's own remark.
  public var note: String?

  /// Collects the parts.
  public init(
    method: String, upper: Double?, lower: Double?, isCertified: Bool, stopReason: LipschitzEstimate.StopReason = .finished,
    note: String? = nil
  ) {
    // JSON knows no infinity, and an infinite bound says nothing.
    func finite(_ value: Double?) -> Double? { value.flatMap { $0.isFinite ? $0 : nil } }
    (self.method, self.upper, self.lower) = (method, finite(upper), finite(lower))
    (self.isCertified, self.stopReason, self.note) = (isCertified && finite(upper) != nil, stopReason, note)
  }

  /// What a method found.
  public init(_ outcome: MethodOutcome) {
    let estimate = outcome.estimate
    self.init(
      method: estimate.method, upper: estimate.upper, lower: estimate.lower, isCertified: estimate.isCertified,
      stopReason: estimate.stopReason, note: outcome.absence ?? estimate.note)
  }
}
