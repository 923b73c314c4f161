import Certificates
import LinearAlgebra
import Networks
import Testing

@testable import Lipschitz

@Suite("Partition")
struct PartitionEstimatorTests {
  /// A chain of convolutions and the bounds of some partitions of it.
  private static func chain(size: Int = 8, channels: [Int] = [2, 2], isPadded: Bool = true, seed: UInt64 = 3) throws -> LipschitzProblem {
    try LipschitzProblem(
      NetworkBuilders.convolutionChain(image: [1, size, size], channels: channels, isPadded: isPadded, seed: seed))
  }

  /// Nested tilings: every bound holds, and the fewer pieces the less it is; one piece is LipSDP itself.
  @Test(arguments: [true, false])
  func boundsTightenAsTheFactorFalls(isPadded: Bool) throws {
    let problem = try Self.chain(size: isPadded ? 8 : 12, isPadded: isPadded)
    let whole = try LiftedEstimator().estimate(problem)
    let optimum = try #require(whole.lower)
    let attained = try #require(try AttainedEstimator().estimate(problem).lower)
    var last = 0.0
    for factor in [1, 2, 4, 8] {
      let estimate = try PartitionEstimator(factor: factor, layers: 2).estimate(problem)
      let upper = try #require(estimate.upper, "\(estimate.note ?? "")")
      #expect(estimate.isCertified)
      #expect(upper >= attained && upper >= optimum * (1 - 1e-9))
      if factor == 1 { #expect(upper <= optimum * 1.01) }
      #expect(upper > last, "factor \(factor)")
      last = upper
      print("factor", factor, upper, estimate.iterations, estimate.note ?? "", estimate.seconds)
      for method in ["closed-form", "lifted"] {
        let single = try PartitionEstimator(factor: factor, layers: 2, method: .single(method)).estimate(problem)
        print(method, single.upper ?? -1, single.seconds)
      }
    }
    print("lifted", optimum, "attained", attained)
  }
}
