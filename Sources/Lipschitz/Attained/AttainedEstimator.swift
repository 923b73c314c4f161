import Certificates
import LinearAlgebra
import Networks

/// A lower bound on the true Lipschitz constant: the largest Jacobian gain found by a search over inputs.
///
/// The constant of a piecewise differentiable network is the supremum of its Jacobian's norm, so every Jacobian met is a witness; see
/// `GainSearch` for how they are looked for.
public struct AttainedEstimator: LipschitzEstimator {
  /// The id of the method.
  public let name = "attained"
  /// The search stays within the region.
  public var takesRegions: Bool { true }

  /// The estimator.
  public init() {}

  /// See ``LipschitzEstimator/estimate(_:budget:progress:)``, also for what is thrown.
  public func estimate(
    _ problem: LipschitzProblem, budget: Budget, progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> LipschitzEstimate {
    let clock = budget.start()
    var result = LipschitzEstimate(method: name)
    var search = try GainSearch(problem, seed: budget.seed)
    let rounds = budget.iterationLimit ?? search.affordableRounds
    result.stopReason = .finished
    for round in 0..<rounds {
      if clock.mustStop {
        result.stopReason = clock.reason
        break
      }
      search.advance(round: round, of: rounds)
      result.iterations = round + 1
      let moment = LipschitzEstimate.Progress(
        iteration: round + 1, lower: search.best?.gain ?? 0, upper: nil, seconds: clock.seconds)
      result.history.append(moment)
      progress(moment)
    }
    // The Jacobian is evaluated in floating point, far more accurately than this margin.
    result.lower = search.refinedBest() * (1 - 1e-9)
    result.seconds = clock.seconds
    return result
  }
}
