import Certificates
import ConicPrograms
import LinearAlgebra
import Networks
import Synchronization
import TestSupport
import Testing

@testable import Lipschitz

@Suite("LipSDP estimator")
struct LipSDPEstimatorTests {
  /// One hidden layer of one unit: f = a·relu(w x), constant |a||w|; a unit that nothing reaches and one that reaches nothing do not disturb.
  @Test(arguments: MultiplierMode.allCases)
  func deadUnits(_ mode: MultiplierMode) throws {
    let first = Matrix<Double>(rows: 3, columns: 2, elements: [3, 4, 0, 0, 1, 1])
    let second = Matrix<Double>(rows: 1, columns: 3, elements: [2, 5, 0])
    for norm in InputNorm.allCases {
      let problem = try LipschitzProblem(lowered: ChainNetworks.lowered([first, second]), inputNorm: norm)
      var estimator = LipSDPEstimator(mode: mode)
      estimator.route = .conic
      let estimate = try estimator.estimate(problem)
      let upper = try #require(estimate.upper)
      let exact: Double = [.l2: 10, .lInfinity: 14, .l1: 8][norm] ?? 0
      #expect(estimate.isCertified)
      #expect(upper >= exact && upper <= exact * 1.001)
      #expect((estimate.lower ?? 0) >= exact * 0.999 && (estimate.lower ?? 0) <= exact * (1 + 1e-12))
    }
  }

  /// With non-negative weights the exact constant is ‖W_L ⋯ W_1‖, and LipSDP attains it.
  @Test func nonNegativeWeightsGiveTheProductOfMatrices() throws {
    var random = SplitMix64(seed: 1)
    let widths = [4, 9, 8, 3]
    let weights = (1..<widths.count).map { layer -> Matrix<Double> in
      var weight: Matrix<Double> = random.gaussianMatrix(rows: widths[layer], columns: widths[layer - 1])
      for i in weight.elements.indices { weight.elements[i] = weight.elements[i].magnitude }
      return weight
    }
    let exact = try weights.dropFirst().reduce(weights[0]) { Matrix.product($1, $0) }.spectralNorm()
    var budget = Budget()
    budget.tolerance = 1e-6
    let estimate = try LipSDPEstimator().estimate(try LipschitzProblem(lowered: ChainNetworks.lowered(weights)), budget: budget)
    let upper = try #require(estimate.upper)
    #expect(estimate.stopReason == .tolerance)
    #expect(upper >= exact * (1 - 1e-14) && upper <= exact * (1 + 2e-6))
  }

  @Test func constantAndLinearNetworks() throws {
    let zero = Matrix<Double>(rows: 2, columns: 3)
    let last = Matrix<Double>(rows: 1, columns: 2, elements: [1, 1])
    let constant = try LipSDPEstimator().estimate(try LipschitzProblem(lowered: ChainNetworks.lowered([zero, last])))
    #expect(constant.isCertified && (constant.upper ?? 1) < 1e-100)
    let linear = try LipSDPEstimator().estimate(try LipschitzProblem(lowered: ChainNetworks.lowered([last])))
    #expect(linear.isCertified && abs((linear.upper ?? 0) - 2.0.squareRoot()) < 1e-9)
  }

  /// The optimum of the conic solver is that of the lifted iteration, for every kind of graph and unit, and both norms.
  @Test(arguments: StructuredNetworks.all.filter { $0.testDescription != "residual with batch normalisation" })
  func structuresAgreeWithLifted(_ sample: StructuredNetworks.Sample) throws {
    let network = try sample.build()
    for norm in [InputNorm.l2, .lInfinity] {
      let problem = try LipschitzProblem(network, inputNorm: norm, output: .output(1))
      // Debug builds are slow: the larger ones in the cheaper norm only.
      guard norm == .l2 || InequalitySize(problem).order <= 100 else { continue }
      try compareWithLifted(problem)
    }
  }

  /// Residual branches keep several blocks alive: h + W φ(h), φ after the sum.
  @Test func residualBranchesAgreeWithLifted() throws {
    var random = SplitMix64(seed: 8)
    var network = Network()
    var node = network.addInput(name: "input", shape: [1, 6])
    for block in 1...3 {
      let skip = node
      let inner: Matrix<Double> = random.gaussianMatrix(rows: 8, columns: 6, deviation: 0.4)
      let outer: Matrix<Double> = random.gaussianMatrix(rows: 6, columns: 8, deviation: 0.4)
      node = try network.add(.dense(weight: inner, bias: nil), name: "inner\(block)", to: [node])
      node = try network.add(.activation(.relu), name: "relu\(block)", to: [node])
      node = try network.add(.dense(weight: outer, bias: nil), name: "outer\(block)", to: [node])
      node = try network.add(.sum(signs: [1, 1]), name: "sum\(block)", to: [skip, node])
      if block > 1 { node = try network.add(.activation(.relu), name: "after\(block)", to: [node]) }
    }
    try network.setOutputs([node])
    for norm in InputNorm.allCases {
      let problem = try LipschitzProblem(network, inputNorm: norm)
      try compareWithLifted(problem)
      let layer = try conicLayer.estimate(problem)
      #expect(layer.isCertified && layer.stopReason == .tolerance)
      #expect((layer.upper ?? 0) >= (try LiftedEstimator().estimate(problem).lower ?? .infinity) * (1 - 1e-12))
    }
  }

  @Test(arguments: SoundnessTests.activations)
  func activationsAgreeWithLifted(_ activation: Activation) throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [5, 8, 8, 3], activation: activation, seed: 11)
    try compareWithLifted(try LipschitzProblem(network))
    try compareWithLifted(try LipschitzProblem(network, inputNorm: .lInfinity, output: .difference(2, 0)))
  }

  private var conicLayer: LipSDPEstimator {
    var estimator = LipSDPEstimator(mode: .layer)
    estimator.route = .conic
    return estimator
  }

  private func compareWithLifted(_ problem: LipschitzProblem) throws {
    var budget = Budget()
    budget.tolerance = 1e-4
    let neuron = try LipSDPEstimator().estimate(problem, budget: budget)
    let lifted = try LiftedEstimator().estimate(problem, budget: budget)
    let (upper, other) = (try #require(neuron.upper, "\(neuron.note ?? "")"), try #require(lifted.upper))
    #expect(neuron.isCertified)
    #expect(neuron.stopReason == .tolerance, "\(neuron.gap ?? 1)")
    #expect(abs(upper / other - 1) <= 2e-4)
    #expect((neuron.lower ?? .infinity) <= upper * (1 + 1e-12) && (neuron.lower ?? .infinity) <= other * (1 + 1e-12))
    #expect((lifted.lower ?? .infinity) <= upper * (1 + 1e-12))
    try CertificateChecker.check(try #require(neuron.certificate), of: problem.lowered)
  }

  /// The published networks that are small enough, at the tolerance of the comparison.
  @Test(
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)),
    arguments: ReferenceOptimum.all.filter {
      ["lyr5n10", "lyr5n20", "lyr10n10", "W16.npz depth 2", "W16.npz depth 8", "fnn3"].contains(where: $0.testDescription.contains)
    })
  func referenceOptima(_ reference: ReferenceOptimum) throws {
    let problem = try LipschitzProblem(lowered: reference.network())
    var budget = Budget()
    budget.tolerance = 1e-4
    let estimate = try LipSDPEstimator().estimate(problem, budget: budget)
    let (upper, lower) = (try #require(estimate.upper), try #require(estimate.lower))
    #expect(estimate.isCertified && estimate.stopReason == .tolerance)
    #expect(upper >= reference.optimum * (1 - reference.tolerance - 1e-9) && upper <= reference.optimum * (1 + 1e-4))
    #expect(lower <= reference.optimum * (1 + 1e-9))
  }

  /// Sharing multipliers can only raise the bound; each node's multipliers are equal.
  @Test(arguments: [1, 2, 3])
  func layerIsNotBelowNeuron(_ seed: UInt64) throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [6, 10, 10, 4], activation: .relu, seed: seed)
    let problem = try LipschitzProblem(network)
    let neuron = try LipSDPEstimator().estimate(problem)
    let layer = try conicLayer.estimate(problem)
    #expect(layer.isCertified && layer.stopReason == .tolerance)
    #expect((layer.upper ?? 0) >= (neuron.lower ?? .infinity))
    for node in try #require(layer.certificate).nodes {
      let largest = node.multipliers.max() ?? 0
      #expect(node.multipliers.allSatisfy { abs($0 - largest) <= 1e-12 * largest })
    }
  }

  /// The published values of both modes (MOSEK), and the optimum to ten digits from a structured interior point.
  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)))
  func publishedModes() throws {
    let weights = try ChainNetworks.weights("arobey1_LipSDP/random_weights.npz")
    let problem = try LipschitzProblem(lowered: ChainNetworks.lowered(weights))
    var budget = Budget()
    budget.tolerance = 1e-5
    let layer = try conicLayer.estimate(problem, budget: budget)
    #expect(layer.isCertified && abs((layer.upper ?? 0) - 39.839) <= 1.5e-3)
    #expect(abs((layer.lower ?? 0) - 39.839) <= 1.5e-3)
    budget.tolerance = 1e-6
    let neuron = try LipSDPEstimator().estimate(problem, budget: budget)
    #expect(neuron.isCertified && neuron.stopReason == .tolerance)
    #expect((neuron.upper ?? 0) >= 36.48222960 * (1 - 1e-9) && (neuron.upper ?? 0) <= 36.48222960 * (1 + 1e-6))
    #expect((neuron.lower ?? 1e9) <= 36.48222960 * (1 + 1e-9))
  }

  // MARK: - Budgets and failures

  @Test func largeProgramsAreRefused() throws {
    var estimator = LipSDPEstimator()
    estimator.largestOrder = 10
    let problem = try LipschitzProblem(try NetworkBuilders.multilayerPerceptron(widths: [4, 8, 8, 2], seed: 1))
    let estimate = try estimator.estimate(problem)
    #expect(estimate.upper == nil && !estimate.isCertified)
    #expect(estimate.note?.contains("order 20") == true)
    var budget = Budget()
    budget.memoryLimit = 40_000
    let small = try LipSDPEstimator().estimate(problem, budget: budget)
    #expect(small.upper == nil && small.note?.contains("memory") == true)
  }

  /// Whatever a solver returns, the bound is proved: random, zero and missing points only make it loose.
  @Test func solversAreNotTrusted() throws {
    let problem = try LipschitzProblem(try NetworkBuilders.multilayerPerceptron(widths: [4, 8, 8, 2], seed: 2))
    let lifted = try LiftedEstimator().estimate(problem)
    let engines: [LipSDPEstimator.Engine] = [
      { program, _, _, _ in ConicPoint(zeroOf: program) },
      { program, _, _, _ in
        var point = ConicPoint(zeroOf: program)
        point.x = point.x.map { _ in .nan }
        return point
      },
      { program, _, _, _ in
        var random = SplitMix64(seed: 3)
        var point = ConicPoint(zeroOf: program)
        for i in point.x.indices { point.x[i] = random.nextGaussian() }
        for i in point.z.indices { point.z[i] = random.nextGaussian() }
        return point
      },
    ]
    for engine in engines {
      let estimate = try LipSDPEstimator(engine: engine).estimate(problem)
      let upper = try #require(estimate.upper)
      #expect(estimate.isCertified && estimate.stopReason != .tolerance)
      #expect(upper >= (lifted.lower ?? .infinity))
      if let lower = estimate.lower { #expect(lower <= (lifted.upper ?? 0)) }
    }
  }

  @Test func budgetsAreKept() throws {
    let problem = try LipschitzProblem(try NetworkBuilders.multilayerPerceptron(widths: [10, 20, 20, 5], seed: 2))
    var budget = Budget()
    budget.tolerance = 1e-12
    budget.timeLimit = 0.3
    let clock = ContinuousClock.now
    let hurried = try LipSDPEstimator().estimate(problem, budget: budget)
    #expect(hurried.isCertified)
    #expect(clock.duration(to: .now) < .seconds(10))
    budget.timeLimit = nil
    let isStopped = Atomic<Bool>(false)
    budget.isCancelled = { isStopped.load(ordering: .relaxed) }
    let cancelled = try LipSDPEstimator().estimate(problem, budget: budget) { _ in isStopped.store(true, ordering: .relaxed) }
    #expect(cancelled.stopReason == .cancelled && cancelled.isCertified)
    budget.isCancelled = { false }
    budget.iterationLimit = 2
    var reported = 0
    let limited = try LipSDPEstimator().estimate(problem, budget: budget) { reported = max(reported, $0.iteration) }
    #expect(limited.stopReason == .iterationLimit && limited.isCertified)
    #expect(reported <= 3)
  }
}
