import Certificates
import Foundation
import LinearAlgebra
import Networks

/// The bound with one multiplier for each channel of a convolutional network, frequency by frequency.
///
/// On the plane or a torus a convolution is a small matrix at each frequency, so the semidefinite program of LipSDP, its multipliers tied
/// within channels, splits into small ones that share their multipliers. Few frequencies bind: the lifted iteration runs on those, the others
/// are checked and enter when they are worse. The cost does not depend on the number of units. See <doc:FrequencyMethod>.
public struct FrequencyEstimator: LipschitzEstimator {
  /// `frequency`.
  public let name = "frequency"

  /// Whether to prove the bound for all frequencies, that is for images of any size, rather than for the torus of this image's size.
  public var coversAllImageSizes: Bool

  /// The estimator.
  public init(coversAllImageSizes: Bool = false) { self.coversAllImageSizes = coversAllImageSizes }

  /// The most coordinates of a frequency's matrices.
  static let largestOrder = 2048
  /// A torus with more frequencies than this is left for the proof of all frequencies, when that is possible.
  static let largestTorus = 6000

  /// See ``LipschitzEstimator/estimate(_:budget:progress:)``, also for what is thrown.
  public func estimate(
    _ problem: LipschitzProblem, budget: Budget, progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> LipschitzEstimate {
    let clock = budget.start()
    var result = LipschitzEstimate(method: name)
    defer { result.seconds = clock.seconds }
    guard problem.inputNorm == .l2 else { throw NotApplicable("frequencies give bounds for the l2 norm only") }
    var search = try NotApplicable.wording {
      let part = try ConvolutionalPart(problem.selected)
      let order = part.nodes.indices.map { part.order(of: $0) }.max() ?? 0
      guard order <= Self.largestOrder else {
        throw NotApplicable("the matrix of a frequency has order \(order), more than \(Self.largestOrder)")
      }
      if let tail = part.tail {
        let needed = CostEstimate(of: tail).bytes
        guard needed <= budget.memoryLimit else {
          throw NotApplicable("the network behind the convolutions needs \(needed >> 20) MiB of memory, more than the limit")
        }
      }
      return try FrequencySearch(part, coversAllImageSizes: coversAllImageSizes, budget: budget)
    }
    do {
      result = search.run(method: name, clock: clock, progress: progress)
      if let bound = search.best {
        try search.conclude(bound, problem: problem, clock: clock, into: &result)
      } else if result.note == nil {
        result.note = "no multipliers could be proved"
      }
    } catch let error as NotProved {
      result.note = "not proved: \(error)"
    }
    result.seconds = clock.seconds
    return result
  }
}
