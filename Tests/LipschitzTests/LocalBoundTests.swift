import Certificates
import Foundation
import LinearAlgebra
import Networks
import TestSupport
import Testing

@testable import Lipschitz

/// Bounds on balls: sound for sampled pairs, exact in the limits, and rejected when tampered with.
@Suite("Local bounds")
struct LocalBoundTests {
  static let center = [0.4, 1.8, -0.5, -1.3]

  static func problem(_ activation: Activation, radius: Double, seed: UInt64, output: OutputSelection = .all) throws -> LipschitzProblem {
    try LipschitzProblem(
      lowered: CompositionalTests.chain([4, 8, 7, 6, 3], [activation], seed: seed, gain: 1.4), output: output,
      region: .ball(center: center, radius: radius))
  }

  /// The largest quotient over random pairs in the ball, a little reduced for rounding.
  static func largestQuotient(_ problem: LipschitzProblem, pairs: Int) throws -> Double {
    guard case .ball(let center, let radius) = problem.region else { return 0 }
    let evaluator = try problem.evaluator()
    var random = SplitMix64(seed: 6)
    func point() -> [Double] {
      let direction: [Double] = random.gaussianVector(center.count, deviation: 1)
      let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let distance = radius * (random.nextUniform() < 0.5 ? 1 - 1e-12 : random.nextUniform())
      return zip(center, direction).map { $0 + distance * $1 / length }
    }
    var largest = 0.0
    for _ in 0..<pairs {
      let a = point()
      var b = point()
      let share = pow(10, -3 * random.nextUniform())
      b = zip(a, b).map { $0 + share * ($1 - $0) }
      let values = evaluator.forward(Matrix(rows: 2, columns: a.count, elements: a + b))
      let change = (0..<values.columns).reduce(0) { $0 + pow(values[0, $1] - values[1, $1], 2) }.squareRoot()
      let steps = zip(a, b).map { ($0 - $1).magnitude }
      let distance =
        problem.inputNorm == .lInfinity ? steps.max() ?? 0 : steps.reduce(0) { $0 + $1 * $1 }.squareRoot()
      largest = max(largest, (change * (1 - 1e-9) - 1e-13) / distance)
    }
    return largest
  }

  private static let estimators: [any LipschitzEstimator] =
    CompositionalRule.allCases.map { CompositionalEstimator(rule: $0) } + [ClosedFormEstimator(), LiftedEstimator(), LipSDPEstimator()]

  @Test(arguments: CompositionalTests.activations)
  func soundOnSampledPairs(_ activation: Activation) throws {
    for (seed, radius) in [(1, 0.2), (2, 1.5)] as [(UInt64, Double)] {
      let problem = try Self.problem(activation, radius: radius, seed: seed, output: seed == 1 ? .all : .difference(2, 1))
      let sampled = try Self.largestQuotient(problem, pairs: 2000)
      let attained = try #require(try AttainedEstimator().estimate(problem).lower)
      for estimator in Self.estimators where !(estimator is LipSDPEstimator) || seed == 1 {
        let estimate = try estimator.estimate(problem)
        let upper = try #require(estimate.upper, "\(estimator.name): \(estimate.note ?? "")")
        #expect(estimate.isCertified)
        #expect(max(sampled, attained) <= upper, "\(estimator.name)")
        let certificate = try Certificate(decoding: try #require(estimate.certificate).encoded())
        #expect(certificate.statement.region == problem.region)
        try CertificateChecker.check(certificate, of: problem.lowered)
      }
    }
  }

  /// Graphs with branches, pools and parametric units; l∞ too.
  @Test(arguments: StructuredNetworks.all)
  func structures(_ sample: StructuredNetworks.Sample) throws {
    let network = try sample.build()
    let count = network.inputs.reduce(0) { $0 + network.nodes[$1].shape.count }
    var random = SplitMix64(seed: 12)
    let region = Region.ball(center: random.gaussianVector(count, deviation: 1), radius: 0.5)
    for norm in [InputNorm.l2, .lInfinity] {
      let problem = try LipschitzProblem(network, inputNorm: norm, region: region)
      let estimate = try ClosedFormEstimator().estimate(problem)
      let upper = try #require(estimate.upper, "\(estimate.note ?? "")")
      let global = try #require(try ClosedFormEstimator().estimate(try LipschitzProblem(network, inputNorm: norm)).upper)
      #expect(estimate.isCertified && upper <= global * (1 + 1e-6))
      #expect(try Self.largestQuotient(problem, pairs: 1000) <= upper)
      try CertificateChecker.check(try #require(estimate.certificate), of: problem.lowered)
    }
  }

  /// As the ball shrinks the bound tends to the norm of the Jacobian at its centre; as it grows, to the global bound.
  @Test(arguments: [Activation.relu, .tanh, .gelu, .elu(alpha: 1)])
  func limits(_ activation: Activation) throws {
    let small = try Self.problem(activation, radius: 1e-5, seed: 3)
    let jacobian = try small.evaluator().linearisation(
      at: Matrix(rows: 4, columns: 4, elements: Array((0..<4).map { _ in Self.center }.joined())))
    let norm = try jacobian.apply(.identity(4)).spectralNorm()
    let upper = try #require(try CompositionalEstimator().estimate(small).upper)
    #expect(upper >= norm * (1 - 1e-9) && upper <= norm * (1 + 1e-3), "\(upper / norm - 1)")
    let large = try #require(try CompositionalEstimator().estimate(try Self.problem(activation, radius: 1e6, seed: 3)).upper)
    let global = try #require(try CompositionalEstimator().estimate(try LipschitzProblem(lowered: small.lowered)).upper)
    #expect(abs(large / global - 1) < 1e-4)
    let middle = try #require(try CompositionalEstimator().estimate(try Self.problem(activation, radius: 0.3, seed: 3)).upper)
    #expect(middle < global)
  }

  /// One multiplier for each unit is not worse than one for the layer, where there is only one layer to choose for.
  @Test func rulesInOrder() throws {
    for seed in 0..<4 as Range<UInt64> {
      let network = CompositionalTests.chain([4, 9, 3], [.silu], seed: seed)
      let bounds = try CompositionalRule.allCases.map { rule in
        let problem = try LipschitzProblem(lowered: network, region: .ball(center: Self.center, radius: 1))
        return try #require(try CompositionalEstimator(rule: rule).estimate(problem).upper)
      }
      #expect(bounds[0] <= bounds[1] * (1 + 1e-7) && bounds[0] <= bounds[2] * (1 + 1e-7))
    }
  }

  @Test func tamperedCertificatesAreRejected() throws {
    let problem = try Self.problem(.tanh, radius: 0.5, seed: 4)
    let certificate = try #require(try CompositionalEstimator().estimate(problem).certificate)
    func isAccepted(_ change: (inout Certificate) -> Void) -> Bool {
      var other = certificate
      change(&other)
      other.seal = other.contentDigest
      return (try? CertificateChecker.check(other, of: problem.lowered)) != nil
    }
    #expect(isAccepted { _ in })
    #expect(isAccepted { $0.statement.region = .ball(center: Self.center, radius: 0.45) })
    #expect(!isAccepted { $0.statement.region = .ball(center: Self.center, radius: 0.55) })
    #expect(!isAccepted { $0.statement.region = .ball(center: Self.center.map { $0 + 0.1 }, radius: 0.5) })
    #expect(!isAccepted { $0.statement.region = .ball(center: [0.4], radius: 0.5) })
    #expect(!isAccepted { $0.statement.region = .ball(center: Self.center, radius: -0.5) })
    #expect(!isAccepted { $0.statement.region = .global })
    for node in certificate.nodes.indices {
      #expect(!isAccepted { $0.nodes[node].forwardMultipliers = nil })
      #expect(!isAccepted { $0.nodes[node].forwardMultipliers?.removeLast() })
      #expect(!isAccepted { $0.nodes[node].alpha[0] += 1e-4 })
      #expect(!isAccepted { $0.nodes[node].beta[0] -= 1e-4 })
      #expect(!isAccepted { $0.nodes[node].beta[0] = .nan })
      #expect(!isAccepted { $0.nodes[node].alpha = [] })
    }
    #expect(!isAccepted { $0.nodes[0].forwardMultipliers?[0] = -1 })
    #expect(!isAccepted { $0.nodes[0].forwardMultipliers?[0] = .nan })
    // Smaller forward multipliers may still prove, but never a smaller region's worth: half of them leave P indefinite.
    #expect(!isAccepted { $0.nodes[0].forwardMultipliers = $0.nodes[0].forwardMultipliers?.map { $0 * 1e-3 } })
    #expect(!isAccepted { $0.statement.bound *= 0.999 })
  }

  /// The seal covers the region to the last bit.
  @Test func digestCoversTheRegion() throws {
    let problem = try Self.problem(.relu, radius: 0.5, seed: 5)
    let certificate = try #require(try ClosedFormEstimator().estimate(problem).certificate)
    var digests = [certificate.contentDigest]
    for region in [
      Region.ball(center: Self.center, radius: 0.5.nextUp), .ball(center: Self.center.map(\.nextUp), radius: 0.5),
      .ball(center: Self.center, radius: 0.5.nextDown), .global,
    ] {
      var other = certificate
      other.statement.region = region
      digests.append(other.contentDigest)
      #expect(throws: NotProved.self) { try CertificateChecker.check(other, of: problem.lowered) }
    }
    var other = certificate
    other.nodes[1].forwardMultipliers?[0] += 1
    digests.append(other.contentDigest)
    #expect(Set(digests).count == digests.count)
  }

  /// Attained gains of the ball come from points of the ball.
  @Test func attainedStaysInside() throws {
    // |x| in one variable: slope 1 everywhere, but a unit that switches on at x = 2 makes the slope 3 there.
    let network = LoweredNetwork(nodes: [
      .init(name: "input", kind: .input, count: 1),
      .init(
        name: "first",
        kind: .affine(
          terms: [.init(source: 0, map: DenseMap(weight: Matrix(rows: 2, columns: 1, elements: [1, 1])))], bias: [10, -2]), count: 2),
      .init(name: "relu", kind: .activation(source: 1, units: .uniform(.relu)), count: 2),
      .init(
        name: "last",
        kind: .affine(terms: [.init(source: 2, map: DenseMap(weight: Matrix(rows: 1, columns: 2, elements: [1, 2])))], bias: nil), count: 1),
    ])
    for (radius, gain) in [(1, 1), (1.99, 1), (2.01, 3)] as [(Double, Double)] {
      let problem = try LipschitzProblem(lowered: network, region: .ball(center: [0], radius: radius))
      let attained = try #require(try AttainedEstimator().estimate(problem).lower)
      #expect(abs(attained - gain) < 1e-6)
      // The closed form alone is off where one unit is linear and the other is not: √10.
      for estimator in Self.estimators where (estimator as? CompositionalEstimator)?.rule != .closedForm {
        let upper = try #require(try estimator.estimate(problem).upper, "\(estimator.name)")
        #expect(abs(upper - gain) < 1e-3 * gain, "\(estimator.name)")
      }
    }
  }

  @Test func regionsThatDoNotFit() throws {
    let network = CompositionalTests.chain([4, 3, 2], [.relu], seed: 1)
    for region in [
      Region.ball(center: [0, 0], radius: 1), .ball(center: Self.center, radius: 0), .ball(center: Self.center, radius: .nan),
      .ball(center: [0, .infinity, 0, 0], radius: 1),
    ] {
      #expect(throws: NetworkError.self) { try LipschitzProblem(lowered: network, region: region) }
    }
  }

  /// The published setting of ECLipsE-Gen-Local (its numbers are not available): between the attained gain and the global bound.
  @Test(
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)), arguments: ["lyr5n10", "lyr5n20", "lyr10n10"])
  func publishedSetting(_ name: String) throws {
    let file = "YuezhuXu_ECLipsE/random_genlocal/\(name).npz"
    let network = try ChainNetworks.loweredWithBiases(file)
    let problem = try LipschitzProblem(lowered: network, region: .ball(center: [0.4, 1.8, -0.5, -1.3, 0.9], radius: 1))
    let local = try CompositionalEstimator().estimate(problem)
    let upper = try #require(local.upper, "\(local.note ?? "")")
    let global = try #require(try CompositionalEstimator().estimate(try LipschitzProblem(lowered: network)).upper)
    let attained = try #require(try AttainedEstimator().estimate(problem).lower)
    #expect(local.isCertified && attained <= upper && upper < global)
    #expect(try Self.largestQuotient(problem, pairs: 2000) <= upper)
    try CertificateChecker.check(try #require(local.certificate), of: network)
  }
}
