import Certificates
import LinearAlgebra
import Networks

/// LipLT: norms of products of consecutive linear maps, after the units' mean slopes were moved into the maps.
///
/// The recursion of Fazlyab et al. (NeurIPS 2023), for any graph and for residual connections jointly, with every norm proved. For a chain it
/// is never above the product of norms; with maxima and sorts it may be. See <doc:LipLT>.
public struct LipLTEstimator: LipschitzEstimator {
  /// The id of the method.
  public let name = "lip-lt"

  /// The estimator.
  public init() {}

  /// See ``LipschitzEstimator/estimate(_:budget:progress:)``, also for what is thrown.
  public func estimate(
    _ problem: LipschitzProblem, budget: Budget, progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> LipschitzEstimate {
    let clock = budget.start()
    var result = LipschitzEstimate(method: name)
    guard problem.inputNorm == .l2 else { throw NotApplicable("the recursion is about the l2 norm of the inputs") }
    let cost = CostEstimate(transforming: problem.selected)
    guard cost.bytes <= budget.memoryLimit else {
      throw NotApplicable("norms of maps between \(cost.largestOrder) coordinates would take more memory than the limit")
    }
    try prove(&result, problem, clock)
    result.seconds = clock.seconds
    return result
  }

  private func prove(_ result: inout LipschitzEstimate, _ problem: LipschitzProblem, _ clock: Stopwatch) throws {
    do {
      let transformation = try LoopTransformation(network: problem.selected, isCancelled: { clock.mustStop }) { _, _, gain in
        let largest = try gain.largestEigenvalueEstimate()
        return VerifiedNorm.inflations(order: gain.rows).map { max(largest * (1 + $0), 0x1p-900) }
      }
      result.upper = transformation.bound
      result.isCertified = true
      result.iterations = transformation.gains.reduce(0) { $0 + $1.count }
      result.certificate = Certificate(
        generator: "lipcert \(Version.current)", modelName: "", network: problem.lowered,
        statement: Statement(inputNorm: problem.inputNorm, output: problem.output, bound: transformation.bound),
        derivation: .loopTransformation(gains: transformation.gains))
    } catch let error as NotProved {
      if clock.mustStop {
        result.stopReason = clock.reason
        result.note = "the norms of all products of consecutive maps were not finished in time"
      } else {
        result.note = "not proved: \(error)"
      }
    }
  }
}
