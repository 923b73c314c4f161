/// A method that bounds Lipschitz constants. Every method of the field stands behind this protocol.
public protocol LipschitzEstimator: Sendable {
  /// The method's id.
  var name: String { get }
  /// Whether the method uses a problem's region; the others bound over all inputs, and do not apply to a region.
  var takesRegions: Bool { get }

  /// Estimates within a budget.
  ///
  /// - Parameters:
  ///   - problem: the network, norms and outputs.
  ///   - budget: limits, tolerance and cancellation.
  ///   - progress: called now and then, on the calling thread.
  /// - Throws: ``NotApplicable`` when the method does not apply; running out of budget is not an error.
  func estimate(
    _ problem: LipschitzProblem, budget: Budget, progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> LipschitzEstimate
}

extension LipschitzEstimator {
  /// False: over all inputs only.
  public var takesRegions: Bool { false }

  /// Estimates without reporting progress.
  ///
  /// - Throws: ``NotApplicable`` when the method does not apply.
  public func estimate(_ problem: LipschitzProblem, budget: Budget = Budget()) throws -> LipschitzEstimate {
    try estimate(problem, budget: budget) { _ in }
  }
}
