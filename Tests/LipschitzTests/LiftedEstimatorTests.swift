import Certificates
import Foundation
import LinearAlgebra
import Networks
import Synchronization
import Testing

@testable import Lipschitz

@Suite("Lifted estimator")
struct LiftedEstimatorTests {
  /// With non-negative weights all units are on at the worst pair, so the constant is ‖W_L ⋯ W_1‖ and LipSDP attains it.
  @Test func nonNegativeWeightsGiveTheProductOfMatrices() throws {
    var random = SplitMix64(seed: 1)
    let widths = [4, 9, 8, 7, 3]
    var weights: [Matrix<Double>] = []
    for layer in 1..<widths.count {
      var weight: Matrix<Double> = random.gaussianMatrix(rows: widths[layer], columns: widths[layer - 1])
      for i in weight.elements.indices { weight.elements[i] = weight.elements[i].magnitude }
      weights.append(weight)
    }
    let exact = try weights.dropFirst().reduce(weights[0]) { Matrix.product($1, $0) }.spectralNorm()
    var budget = Budget()
    budget.tolerance = 1e-9
    let estimate = try LiftedEstimator().estimate(try LipschitzProblem(lowered: ChainNetworks.lowered(weights)), budget: budget)
    let upper = try #require(estimate.upper)
    #expect(upper >= exact * (1 - 1e-14))
    #expect(upper <= exact * (1 + 1e-8))
  }

  /// One hidden layer of one unit: f = a·relu(w x), constant |a||w|; a unit that nothing reaches and one that reaches nothing do not disturb.
  @Test func deadUnits() throws {
    let first = Matrix<Double>(rows: 3, columns: 2, elements: [3, 4, 0, 0, 1, 1])
    let second = Matrix<Double>(rows: 1, columns: 3, elements: [2, 5, 0])
    let estimate = try LiftedEstimator().estimate(try LipschitzProblem(lowered: ChainNetworks.lowered([first, second])))
    let upper = try #require(estimate.upper)
    #expect(estimate.isCertified)
    #expect(upper >= 10 && upper <= 10.01)
  }

  @Test func constantNetworkHasConstantZero() throws {
    let zero = Matrix<Double>(rows: 2, columns: 3)
    let last = Matrix<Double>(rows: 1, columns: 2, elements: [1, 1])
    let estimate = try LiftedEstimator().estimate(try LipschitzProblem(lowered: ChainNetworks.lowered([zero, last])))
    #expect(estimate.isCertified)
    #expect((estimate.upper ?? 1) < 1e-100)
  }

  @Test func linearNetworkIsItsSpectralNorm() throws {
    var random = SplitMix64(seed: 2)
    let weight: Matrix<Double> = random.gaussianMatrix(rows: 5, columns: 9)
    let estimate = try LiftedEstimator().estimate(try LipschitzProblem(lowered: ChainNetworks.lowered([weight])))
    let exact = try weight.spectralNorm()
    let upper = try #require(estimate.upper)
    #expect(upper >= exact && upper <= exact * (1 + 1e-9))
  }

  /// For l_∞ on a linear map to one output the constant is the l₁ norm of its row, and the semidefinite bound attains it.
  @Test func lInfinityOfOneRow() throws {
    let row = Matrix<Double>(rows: 1, columns: 4, elements: [1, -2, 3, -4])
    let problem = try LipschitzProblem(lowered: ChainNetworks.lowered([row]), inputNorm: .lInfinity)
    let upper = try #require(try LiftedEstimator().estimate(problem).upper)
    #expect(upper >= 10 && upper <= 10 * (1 + 1e-6))
  }

  /// The l_∞ optimum of small ReLU networks lies between the largest l₁ norm of gradients over all sign patterns and the certified bound.
  @Test(arguments: 0..<5)
  func lInfinityAgainstEnumeration(_ seed: Int) throws {
    var random = SplitMix64(seed: UInt64(seed))
    let first: Matrix<Double> = random.gaussianMatrix(rows: 6, columns: 3)
    let second: Matrix<Double> = random.gaussianMatrix(rows: 1, columns: 6)
    var formal = 0.0
    for pattern in 0..<64 {
      var gradient = [Double](repeating: 0, count: 3)
      for unit in 0..<6 where pattern >> unit & 1 == 1 { for i in 0..<3 { gradient[i] += second[0, unit] * first[unit, i] } }
      formal = max(formal, gradient.reduce(0) { $0 + $1.magnitude })
    }
    let problem = try LipschitzProblem(lowered: ChainNetworks.lowered([first, second]), inputNorm: .lInfinity)
    let estimate = try LiftedEstimator().estimate(problem)
    let upper = try #require(estimate.upper)
    let lower = try #require(estimate.lower)
    #expect(upper >= formal)
    // Grothendieck's constant bounds what the relaxation loses.
    #expect(upper <= 1.783 * formal * 1.001)
    #expect((upper - lower) / upper <= 1e-3)
  }

  /// The optimum does not depend on the seed, nor on the scale of hidden units.
  @Test func invariance() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [5, 10, 10, 10, 3], seed: 9)
    var budget = Budget()
    budget.tolerance = 1e-7
    let problem = try LipschitzProblem(network)
    let reference = try #require(try LiftedEstimator().estimate(problem, budget: budget).upper)
    budget.seed = 77
    let other = try #require(try LiftedEstimator().estimate(problem, budget: budget).upper)
    #expect(abs(other / reference - 1) < 3e-7)

    var random = SplitMix64(seed: 3)
    var weights = problem.lowered.nodes.compactMap { node -> Matrix<Double>? in
      guard case .affine(let terms, _) = node.kind else { return nil }
      return terms[0].map?.denseMatrix()
    }
    for layer in 0..<weights.count - 1 {
      for unit in 0..<weights[layer].rows {
        let scale = exp2((8 * random.nextUniform() - 4).rounded())
        for i in 0..<weights[layer].columns { weights[layer][unit, i] *= scale }
        for i in 0..<weights[layer + 1].rows { weights[layer + 1][i, unit] /= scale }
      }
    }
    let scaled = try #require(
      try LiftedEstimator().estimate(try LipschitzProblem(lowered: ChainNetworks.lowered(weights)), budget: budget).upper)
    #expect(abs(scaled / reference - 1) < 3e-7)
  }

  @Test func sameSeedSameBytes() throws {
    let problem = try LipschitzProblem(try NetworkBuilders.multilayerPerceptron(widths: [8, 20, 20, 4], seed: 4))
    let first = try LiftedEstimator().estimate(problem)
    let second = try LiftedEstimator().estimate(problem)
    #expect(first.certificate == second.certificate)
    #expect(first.lower == second.lower)
  }

  /// A tighter tolerance continues where the looser one ended, in fewer iterations.
  @Test func warmStartRefines() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [20] + Array(repeating: 20, count: 12) + [6], seed: 12)
    let problem = try LipschitzProblem(network, output: .difference(0, 1))
    let first = try LiftedEstimator().estimate(problem)
    var budget = Budget()
    budget.tolerance = 1e-6
    let cold = try LiftedEstimator().estimate(problem, budget: budget)
    let warm = try LiftedEstimator(warmStart: first.state).estimate(problem, budget: budget)
    #expect(warm.stopReason == .tolerance)
    #expect(Double(warm.iterations) < 0.9 * Double(cold.iterations))
    #expect(abs((warm.upper ?? 0) / (cold.upper ?? 1) - 1) < 2e-6)
  }

  /// Another pair of outputs started where the last ended has the same bound as from scratch.
  @Test func warmStartAcrossMargins() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [20, 40, 40, 40, 6], seed: 12)
    var state: LiftedState?
    for rival in 1..<6 {
      let problem = try LipschitzProblem(network, output: .difference(0, rival))
      let fresh = try LiftedEstimator().estimate(problem)
      let continued = try LiftedEstimator(warmStart: state).estimate(problem)
      #expect(continued.isCertified)
      #expect(abs((continued.upper ?? 0) / (fresh.upper ?? 1) - 1) < 1.5e-3)
      state = continued.state
    }
  }

  @Test func statesOfOtherNetworksAreIgnored() throws {
    let first = try LipschitzProblem(try NetworkBuilders.multilayerPerceptron(widths: [4, 8, 3], seed: 1))
    let second = try LipschitzProblem(try NetworkBuilders.multilayerPerceptron(widths: [5, 9, 3], seed: 1))
    let state = try LiftedEstimator().estimate(first).state
    #expect(try LiftedEstimator(warmStart: state).estimate(second).isCertified)
  }

  /// A rank that is too small is found out and grows.
  @Test func rankGrows() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [12, 24, 24, 24, 24, 12], seed: 5)
    let problem = try LipschitzProblem(network)
    let estimate = try LiftedEstimator(rank: 2).estimate(problem)
    #expect(estimate.stopReason == .tolerance)
    #expect(estimate.rank ?? 0 > 2)
  }

  @Test func cancellationReturnsACertifiedBound() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [30, 60, 60, 60, 10], seed: 6)
    var budget = Budget()
    budget.tolerance = 1e-15
    let started = Atomic<Bool>(false)
    budget.isCancelled = { started.load(ordering: .relaxed) }
    let estimate = try LiftedEstimator().estimate(try LipschitzProblem(network), budget: budget) { moment in
      if moment.iteration > 30 { started.store(true, ordering: .relaxed) }
    }
    #expect(estimate.stopReason == .cancelled)
    #expect(estimate.isCertified)
  }

  @Test func timeLimitIsKept() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [30, 60, 60, 60, 10], seed: 6)
    var budget = Budget()
    budget.tolerance = 0
    budget.timeLimit = 0.5
    let clock = ContinuousClock.now
    let estimate = try LiftedEstimator().estimate(try LipschitzProblem(network), budget: budget)
    #expect(estimate.isCertified)
    #expect([.timeLimit, .stalled].contains(estimate.stopReason))
    #expect(clock.duration(to: .now) < .seconds(20))
  }

  @Test func iterationLimitIsKeptAndProgressIsMonotone() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [10, 20, 20, 20, 20, 20, 5], seed: 8)
    var budget = Budget()
    budget.tolerance = 1e-12
    budget.iterationLimit = 40
    let estimate = try LiftedEstimator().estimate(try LipschitzProblem(network), budget: budget)
    #expect(estimate.iterations == 40)
    #expect(estimate.stopReason == .iterationLimit)
    for (earlier, later) in zip(estimate.history, estimate.history.dropFirst()) {
      #expect(earlier.lower <= later.lower)
      #expect(earlier.iteration <= later.iteration)
    }
  }

  /// A network whose proof would not fit is refused politely, with the lower side still estimated.
  @Test func memoryLimitRefusesTheProof() throws {
    let network = try NetworkBuilders.convolutional(seed: 1)
    var budget = Budget()
    budget.memoryLimit = 1 << 16
    let problem = try LipschitzProblem(network)
    let estimate = try LiftedEstimator().estimate(problem, budget: budget)
    #expect(estimate.upper == nil && !estimate.isCertified)
    #expect(estimate.note?.contains("memory") == true)
    let lower = try #require(estimate.lower)
    let upper = try #require(try LiftedEstimator().estimate(problem).upper)
    #expect(lower <= upper * (1 + 1e-5))
    #expect(lower >= 0.98 * upper)
  }

  @Test func outputThatDoesNotExistIsRefused() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [2, 3, 2], seed: 1)
    #expect(throws: NetworkError.self) { try LipschitzProblem(network, output: .output(2)) }
    #expect(throws: NetworkError.self) { try LipschitzProblem(network, output: .difference(0, 0)) }
  }
}
