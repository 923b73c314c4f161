import Certificates
import LinearAlgebra
import Networks
import Synchronization
import TestSupport
import Testing

@testable import Lipschitz

/// Bounds for many functions of the outputs in one pass.
@Suite("Targets")
struct TargetEstimatorTests {
  @Test func sets() throws {
    #expect(try TargetSet.each.selections(outputCount: 3) == [.output(0), .output(1), .output(2)])
    #expect(try TargetSet.pairs.selections(outputCount: 3) == [.difference(1, 0), .difference(2, 0), .difference(2, 1)])
    #expect(try TargetSet.rivals(of: 1).selections(outputCount: 3) == [.difference(1, 0), .difference(1, 2)])
    #expect(throws: NetworkError.self) { try TargetSet.rivals(of: 3).selections(outputCount: 3) }
    #expect(throws: NetworkError.self) { try TargetSet.pairs.selections(outputCount: 1) }
    #expect(throws: NetworkError.self) { try TargetSet.one(.output(7)).selections(outputCount: 3) }
  }

  /// Each target's bound is that of a solve by itself, and certified; the shared work changes nothing but the time.
  @Test(arguments: [InputNorm.l2, .lInfinity, .l1])
  func pairsAgreeWithSingleSolves(_ norm: InputNorm) throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [9, 16, 16, 4], seed: 31)
    let problem = try LipschitzProblem(network, inputNorm: norm)
    let targets = try TargetSet.pairs.selections(outputCount: 4) + TargetSet.each.selections(outputCount: 4)
    let count = Mutex(0)
    let results = try TargetEstimator().estimate(problem, targets: targets) { done, _ in count.withLock { $0 = max($0, done) } }
    #expect(count.withLock { $0 } == targets.count && results.map(\.target) == targets)
    for result in results {
      let alone = try LiftedEstimator().estimate(try problem.selecting(result.target))
      let (upper, other) = (try #require(result.estimate.upper, "\(result.estimate.note ?? "")"), try #require(alone.upper))
      #expect(result.estimate.isCertified && result.estimate.stopReason == .tolerance)
      #expect(abs(upper / other - 1) <= 2e-3)
      #expect((alone.lower ?? .infinity) <= upper && (result.estimate.lower ?? .infinity) <= other * (1 + 1e-12))
      let certificate = try #require(result.estimate.certificate)
      #expect(certificate.statement.output == result.target && certificate.statement.bound == upper)
      try CertificateChecker.check(certificate, of: problem.lowered)
      let quotient = try SoundnessTests.largestQuotient(try problem.selecting(result.target), pairs: 1000)
      #expect(upper >= quotient)
    }
  }

  /// The forward recursion's bounds are bounds: not below the optimum, and what its multipliers prove.
  @Test(arguments: [Activation.relu, .leakyReLU(slope: 0.1), .gelu, .tanh])
  func forwardBounds(_ activation: Activation) throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [9, 16, 16, 4], activation: activation, seed: 7)
    for norm in [InputNorm.l2, .lInfinity] {
      let problem = try LipschitzProblem(network, inputNorm: norm)
      let solved = try SolverNetwork(problem)
      var budget = Budget()
      budget.tolerance = 1e-3
      let solution = try LiftedEstimator().solve(solved, groups: nil, start: nil, budget: budget, clock: budget.start()) { _ in }
      let multipliers = try #require(solution.candidates.first)
      let forward = try #require(
        try ForwardGain(solved.network, sectors: solved.sectors, norm: norm, multipliers: multipliers))
      // All rows together: the largest eigenvalue is the bound for all outputs.
      let whole = try forward.gain.largestEigenvalueEstimate() * multipliers.weights.reduce(0, +)
      #expect(abs(whole.squareRoot() / multipliers.bound - 1) < 1e-5)
      for target in try TargetSet.pairs.selections(outputCount: 4) {
        let bound = try #require(forward.bound(of: target))
        let own = try problem.selecting(target)
        let proof = try GainProof(network: own.selected, sectors: own.sectors, multipliers: bound.multipliers)
        let proved = try SolverNetwork.bound(gain: proof.inputGain, norm: norm, hint: multipliers.weights)
        #expect(proved.bound <= bound.bound * (1 + 1e-4))
        let lower = try #require(try LiftedEstimator().estimate(own).lower)
        #expect(bound.bound >= lower)
      }
    }
  }

  /// The bytes do not depend on the number of threads.
  @Test func sameSeedSameBytes() throws {
    let problem = try LipschitzProblem(try NetworkBuilders.multilayerPerceptron(widths: [6, 12, 12, 4], seed: 2))
    let targets = try TargetSet.pairs.selections(outputCount: 4)
    let certificates = try (0..<2).map { _ in try TargetEstimator().estimate(problem, targets: targets).map(\.estimate.certificate) }
    #expect(certificates[0] == certificates[1])
  }

  /// Residual and convolutional networks have no forward recursion, other methods share nothing, and shared multipliers tie every target.
  @Test func otherStructuresAndMethods() throws {
    let network = try NetworkBuilders.convolutional(size: 6, channels: [3, 4], outputs: 3, seed: 1)
    let problem = try LipschitzProblem(network)
    let targets = try TargetSet.rivals(of: 1).selections(outputCount: 3)
    let methods: [any LipschitzEstimator] = [LiftedEstimator(tying: .channel), ProductEstimator(), ClosedFormEstimator()]
    var uppers: [[Double]] = []
    for method in methods {
      let results = try TargetEstimator(method: method).estimate(problem, targets: targets)
      #expect(results.allSatisfy { $0.estimate.isCertified && $0.estimate.method == method.name })
      uppers.append(results.compactMap(\.estimate.upper))
    }
    for (tight, others) in zip(uppers[0], zip(uppers[1], uppers[2])) { #expect(tight <= others.0 && tight <= others.1) }
  }

  /// Limits leave certified bounds.
  @Test func timeLimit() throws {
    let problem = try LipschitzProblem(try NetworkBuilders.multilayerPerceptron(widths: [20, 40, 40, 40, 5], seed: 6))
    var budget = Budget()
    budget.tolerance = 1e-12
    budget.timeLimit = 1
    let targets = try TargetSet.pairs.selections(outputCount: 5)
    let clock = ContinuousClock.now
    let results = try TargetEstimator().estimate(problem, targets: targets, budget: budget)
    #expect(results.allSatisfy { $0.estimate.isCertified })
    #expect(clock.duration(to: .now) < .seconds(30))
  }
}
