import Certificates
import LinearAlgebra
import Networks
import Testing

@testable import Lipschitz

/// A certified bound below an attained gain would be a stop-everything bug: for every kind of unit, pooling, branch and norm, random pairs of
/// inputs and the gradient-guided search look for one.
@Suite("Soundness")
struct SoundnessTests {
  static let activations: [Activation] = [
    .relu, .leakyReLU(slope: 0.1), .leakyReLU(slope: 1.5), .tanh, .sigmoid, .elu(alpha: 1), .elu(alpha: 1.7), .softplus,
    .clip(lower: -1, upper: 1), .clip(lower: 0, upper: 6), .hardSigmoid(slope: 0.2, offset: 0.5), .gelu, .geluTanh, .silu, .mish,
    .hardSwish,
    .absoluteValue,
  ]

  /// The semidefinite programs of the larger samples take too long without optimisation.
  private static func estimators(_ problem: LipschitzProblem) -> [any LipschitzEstimator] {
    var quick: [any LipschitzEstimator] = [
      ProductEstimator(), ClosedFormEstimator(), LipSDPEstimator(mode: .layer), LiftedEstimator(tying: .channel), LiftedEstimator(),
      PartitionEstimator(factor: 2, layers: 1),
    ]
    if problem.inputNorm == .l2 { quick.append(LipLTEstimator()) }
    guard InequalitySize(problem).order <= 60, problem.inputNorm != .l1 else { return quick }
    var conic = LipSDPEstimator(mode: .layer)
    conic.route = .conic
    return quick + [conic, LipSDPEstimator()]
  }

  @Test(arguments: activations)
  func activationsInPerceptrons(_ activation: Activation) throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [6, 12, 12, 4], activation: activation, seed: 11)
    try searchForViolation(network, inputNorm: .l2, output: .all)
    try searchForViolation(network, inputNorm: .lInfinity, output: .difference(2, 0))
    try searchForViolation(network, inputNorm: .l1, output: .output(3))
  }

  @Test(arguments: StructuredNetworks.all)
  func structures(_ sample: StructuredNetworks.Sample) throws {
    try searchForViolation(try sample.build(), inputNorm: .l2, output: .all)
    try searchForViolation(try sample.build(), inputNorm: .lInfinity, output: .output(1))
    try searchForViolation(try sample.build(), inputNorm: .l1, output: .all)
  }

  /// Every method of the program, so that none is forgotten: what is certified is not below what is attained, and its certificate proves it.
  @Test(arguments: [InputNorm.l2, .lInfinity, .l1]) func everyMethod(_ norm: InputNorm) throws {
    let networks = [
      try NetworkBuilders.multilayerPerceptron(widths: [3, 6, 5, 2], activation: .relu, seed: 4),
      try NetworkBuilders.multilayerPerceptron(widths: [3, 5, 4, 2], activation: .gelu, seed: 5),
      try NetworkBuilders.convolutionChain(image: [1, 4, 4], channels: [2, 1], activation: .tanh, seed: 6),
    ]
    var proved: Set<String> = []
    for network in networks {
      let problem = try LipschitzProblem(network, inputNorm: norm)
      let largest = max(
        try Self.largestQuotient(problem, pairs: 2000), try #require(try AttainedEstimator().estimate(problem).lower))
      for estimator in Estimators.all() {
        let estimate = estimator.outcome(problem)
        guard let upper = estimate.upper else { continue }
        #expect(upper >= largest, "\(estimator.name)")
        guard estimate.isCertified else { continue }
        proved.insert(estimator.name)
        if let certificate = estimate.certificate {
          #expect(certificate.statement.bound <= upper)
          try CertificateChecker.check(certificate, of: problem.lowered)
        }
      }
    }
    // Whatever applies to one norm only, most methods prove something.
    #expect(proved.count >= (norm == .l2 ? Estimators.names.count - 1 : 5), "\(proved.sorted())")
  }

  /// 10⁴ random pairs, near and far, and the search of the attained estimator, against every estimator's proved bound.
  private func searchForViolation(_ network: Network, inputNorm: InputNorm, output: OutputSelection) throws {
    let problem = try LipschitzProblem(network, inputNorm: inputNorm, output: output)
    let attained = try Self.largestQuotient(problem, pairs: 10_000)
    let ascended = try #require(try AttainedEstimator().estimate(problem).lower)
    let largest = max(attained, ascended)
    #expect(largest > 0)
    // A problem for each input adds up in debug builds; bounds are sound after any number of iterations.
    var budget = Budget()
    if inputNorm == .l1 { budget.iterationLimit = 60 }
    for estimator in Self.estimators(problem) {
      let estimate = try estimator.estimate(problem, budget: budget)
      let upper = try #require(estimate.upper, "\(estimator.name): \(estimate.note ?? "")")
      #expect(estimate.isCertified, "\(estimator.name)")
      #expect(upper >= largest, "\(estimator.name)")
      if let lower = estimate.lower { #expect(lower <= upper * (1 + 1e-12)) }
      if let certificate = estimate.certificate { try CertificateChecker.check(certificate, of: problem.lowered) }
    }
  }

  /// The largest |g(x) − g(x′)| / |x − x′| over random pairs at distances from 10⁻³ to 10, a little reduced for rounding.
  static func largestQuotient(_ problem: LipschitzProblem, pairs: Int) throws -> Double {
    let evaluator = try problem.evaluator()
    var random = SplitMix64(seed: 5)
    let batch = 500
    let n = evaluator.inputCount
    var largest = 0.0
    for round in 0..<pairs / batch {
      let scale = [0.1, 1, 3, 10][round % 4]
      let x: Matrix<Double> = random.gaussianMatrix(rows: batch, columns: n, deviation: scale)
      var y = x
      for k in 0..<batch {
        let distance = [1e-3, 1e-2, 0.1, 1, 10][k % 5]
        let only = Int(random.nextUniform() * Double(n))
        for i in 0..<n {
          let step = random.nextGaussian()
          switch problem.inputNorm {
          case .l2: y[k, i] += distance * step
          case .lInfinity: y[k, i] += distance * (step < 0 ? -1 : 1)
          case .l1: if i == only || k % 8 == 0 { y[k, i] += distance * step }
          }
        }
      }
      let (fx, fy) = (evaluator.forward(x), evaluator.forward(y))
      for k in 0..<batch {
        var change = 0.0
        for j in 0..<fx.columns { change += (fx[k, j] - fy[k, j]) * (fx[k, j] - fy[k, j]) }
        var distance = 0.0
        for i in 0..<n {
          let step = (x[k, i] - y[k, i]).magnitude
          switch problem.inputNorm {
          case .l2: distance += step * step
          case .lInfinity: distance = max(distance, step)
          case .l1: distance += step
          }
        }
        if problem.inputNorm == .l2 { distance = distance.squareRoot() }
        // Values of size 100 at distance 10⁻³ carry a relative error of about 10⁻¹¹.
        largest = max(largest, change.squareRoot() / max(distance, 1e-300) * (1 - 1e-9) - 1e-10)
      }
    }
    return largest
  }
}

/// Small networks that each contain one structure besides ReLU and dense layers.
enum StructuredNetworks {
  struct Sample: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let build: @Sendable () throws -> Network
  }

  static let all: [Sample] = [
    Sample(testDescription: "convolution") { try NetworkBuilders.convolutional(size: 6, channels: [3, 4], outputs: 3, seed: 1) },
    Sample(testDescription: "residual with batch normalisation") {
      try NetworkBuilders.residual(blocks: 1, width: 2, size: 8, seed: 2)
    },
    Sample(testDescription: "max pool, overlapping") { try pooled(.maxPool(.init(kernel: [3, 3], strides: [2, 2]))) },
    Sample(testDescription: "max pool, padded") {
      try pooled(.maxPool(.init(kernel: [2, 2], strides: [2, 2], padBefore: [1, 1], padAfter: [1, 1])))
    },
    Sample(testDescription: "average pool") { try pooled(.averagePool(.init(kernel: [3, 3], strides: [2, 2]))) },
    Sample(testDescription: "global average pool") { try pooled(.globalAveragePool) },
    Sample(testDescription: "MaxMin") { try groupSorted(2) },
    Sample(testDescription: "GroupSort of four") { try groupSorted(4) },
    Sample(testDescription: "dense branches and concatenation") { try branched() },
    Sample(testDescription: "parametric ReLU") { try parametric() },
  ]

  private static func dense(_ rows: Int, _ columns: Int, _ random: inout SplitMix64) -> Operation {
    .dense(
      weight: random.gaussianMatrix(rows: rows, columns: columns, deviation: (1 / Double(columns)).squareRoot()),
      bias: random.gaussianVector(rows, deviation: 0.1))
  }

  private static func pooled(_ pooling: Operation) throws -> Network {
    var random = SplitMix64(seed: 3)
    var network = Network()
    var node = network.addInput(name: "input", shape: [1, 2, 7, 7])
    let weight: Matrix<Double> = random.gaussianMatrix(rows: 3, columns: 18, deviation: 0.4)
    node = try network.add(.convolution(.init(weight: weight, kernel: [3, 3])), name: "conv", to: [node])
    node = try network.add(.activation(.relu), name: "relu", to: [node])
    node = try network.add(pooling, name: "pool", to: [node])
    let count = network.nodes[node].shape.count
    node = try network.add(.reshape([1, count]), name: "flatten", to: [node])
    node = try network.add(dense(3, count, &random), name: "dense", to: [node])
    try network.setOutputs([node])
    return network
  }

  private static func groupSorted(_ size: Int) throws -> Network {
    var random = SplitMix64(seed: 4)
    var network = Network()
    var node = network.addInput(name: "input", shape: [1, 5])
    node = try network.add(dense(8, 5, &random), name: "dense1", to: [node])
    node = try network.add(.groupSort(size: size, axis: 1), name: "sort1", to: [node])
    node = try network.add(dense(8, 8, &random), name: "dense2", to: [node])
    node = try network.add(.groupSort(size: size, axis: 1), name: "sort2", to: [node])
    node = try network.add(dense(3, 8, &random), name: "dense3", to: [node])
    try network.setOutputs([node])
    return network
  }

  private static func branched() throws -> Network {
    var random = SplitMix64(seed: 6)
    var network = Network()
    let input = network.addInput(name: "input", shape: [1, 5])
    var node = try network.add(dense(6, 5, &random), name: "dense1", to: [input])
    let first = try network.add(.activation(.relu), name: "relu1", to: [node])
    node = try network.add(dense(6, 6, &random), name: "dense2", to: [first])
    let second = try network.add(.activation(.tanh), name: "tanh2", to: [node])
    node = try network.add(.sum(signs: [1, -1]), name: "difference", to: [second, first])
    node = try network.add(.concatenation(axis: 1), name: "concat", to: [node, first, input])
    node = try network.add(dense(6, 17, &random), name: "dense3", to: [node])
    node = try network.add(.activation(.gelu), name: "gelu3", to: [node])
    node = try network.add(dense(3, 6, &random), name: "dense4", to: [node])
    try network.setOutputs([node])
    return network
  }

  private static func parametric() throws -> Network {
    var random = SplitMix64(seed: 7)
    var network = Network()
    var node = network.addInput(name: "input", shape: [1, 5])
    node = try network.add(dense(6, 5, &random), name: "dense1", to: [node])
    // Slopes below zero, zero, between, one (a linear unit) and above one.
    let slopes = Operation.Constant(shape: [6], values: [-0.5, 0, 0.25, 1, 1.5, 1])
    node = try network.add(.parametricReLU(slopes: slopes), name: "prelu", to: [node])
    node = try network.add(dense(3, 6, &random), name: "dense2", to: [node])
    try network.setOutputs([node])
    return network
  }
}
