import Certificates
import LinearAlgebra
import Networks

/// The classical bound: products of layer norms, with residual branches added and concatenations in quadrature.
///
/// Every layer's norm is a proved upper bound, so the product is certified, but it comes without a multiplier certificate. It costs little and
/// is usually loose by orders of magnitude on deep networks.
public struct ProductEstimator: LipschitzEstimator {
  /// The id of the method.
  public let name = "product"
  /// A bound over all inputs holds in every region.
  public var takesRegions: Bool { true }

  /// The estimator.
  public init() {}

  /// See ``LipschitzEstimator/estimate(_:budget:progress:)``, also for what is thrown.
  public func estimate(
    _ problem: LipschitzProblem, budget: Budget, progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> LipschitzEstimate {
    let clock = budget.start()
    var result = LipschitzEstimate(method: name)
    let (output, other): (Int?, Int?) =
      switch problem.output {
      case .all: (nil, nil)
      case .output(let i): (i, nil)
      case .difference(let i, let j): (i, j)
      }
    let norm = problem.inputNorm
    let (upper, note) =
      try problem.network.map { try ProductBound.upperBound(of: $0, inputNorm: norm, output: output, minus: other) }
      ?? ProductBound.upperBound(of: problem.lowered, inputNorm: norm, output: output, minus: other)
    if upper.isFinite {
      result.upper = upper
      result.isCertified = true
      result.note = note
      if problem.inputNorm == .l2, let rescaled = DiagonalRescaling(problem)?.upperBound(), rescaled < upper * (1 - 1e-6) {
        // The classical number stays the bound; this one is for people who look for a better product.
        let words = "layers rescaled by positive diagonals have the proved product \(rescaled)"
        result.note = result.note.map { "\($0); \(words)" } ?? words
      }
    } else {
      result.note = "the product overflows"
    }
    result.seconds = clock.seconds
    return result
  }
}
