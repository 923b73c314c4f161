import Certificates
import Foundation
import LinearAlgebra
import NetworkFormats
import Networks
import TestSupport
import Testing

@testable import Lipschitz

@Suite("Recursion over directional gains")
struct RecursionEstimatorTests {
  private static func relu(_ count: Int) -> UnitSectors {
    UnitSectors(lower: Array(repeating: 0, count: count), upper: Array(repeating: 1, count: count))
  }

  // MARK: - Soundness

  /// No bound, proved or not, lies below a quotient or a Jacobian met by a search; certificates are accepted by the checker.
  @Test(arguments: StructuredNetworks.all)
  func structuresAreNeverUndercut(_ sample: StructuredNetworks.Sample) throws {
    let problem = try LipschitzProblem(try sample.build())
    var budget = Budget()
    budget.timeLimit = 5
    let estimate = RecursionEstimator().outcome(problem, budget: budget)
    guard let upper = estimate.upper else {
      #expect(estimate.note?.hasPrefix("not ") == true)
      return
    }
    let quotient = try SoundnessTests.largestQuotient(problem, pairs: 4000)
    let attained = try #require(try AttainedEstimator().estimate(problem).lower)
    let isAbove = upper >= max(quotient, attained)
    #expect(isAbove, "\(upper) against \(quotient) and \(attained)")
    #expect(estimate.isCertified || estimate.note?.contains("not proved: ") == true)
    if let certificate = estimate.certificate { try CertificateChecker.check(certificate, of: problem.lowered) }
  }

  /// Gains passed on the way prove bounds of their own: what the last ones have no room for, an earlier one does at little cost.
  @Test func earlierGainsProveLargerBounds() throws {
    let network = try NetworkBuilders.convolutional(inputChannels: 2, size: 8, channels: [3, 4], outputs: 3, activation: .relu, seed: 4)
    let program = try GainProgram(GainChain(LipschitzProblem(network).selected))
    var run = try RecursionRun(program)
    let isReached = run.solve(tolerance: 1e-5) { _, _ in false }
    #expect(isReached && run.earlier.count >= 3)
    let bounds = try ([run.gains] + run.earlier).map { try $0.prove(program) }
    for (later, earlier) in zip(bounds, bounds.dropFirst()) { #expect(later <= earlier) }
    // The one before the last has about ten times its gap.
    #expect(bounds[1] <= bounds[0] * (1 + 1e-3))
  }

  /// Strided, padded, dilated, grouped and one-dimensional convolutions with every kind of sector, against the optimum for the unrolled
  /// network: multipliers that are the same at every pixel cannot do better than free ones.
  @Test(arguments: [
    Networks.Operation.Convolution(weight: Self.random(3, 18, 1), kernel: [3, 3], padBefore: [1, 1], padAfter: [1, 1]),
    Networks.Operation.Convolution(weight: Self.random(3, 18, 2), kernel: [3, 3], strides: [2, 2], padBefore: [1, 1], padAfter: [0, 0]),
    Networks.Operation.Convolution(weight: Self.random(3, 8, 3), kernel: [2, 2], strides: [3, 3], padBefore: [0, 0], padAfter: [1, 1]),
    Networks.Operation.Convolution(
      weight: Self.random(3, 18, 4), kernel: [3, 3], dilations: [2, 2], padBefore: [2, 2], padAfter: [2, 2]),
    Networks.Operation.Convolution(
      weight: Self.random(3, 18, 5), kernel: [3, 3], strides: [2, 2], dilations: [2, 2], padBefore: [2, 2], padAfter: [2, 2]),
    Networks.Operation.Convolution(weight: Self.random(4, 9, 6), kernel: [3, 3], padBefore: [1, 1], padAfter: [1, 1], groups: 2),
    Networks.Operation.Convolution(weight: Self.random(3, 2, 7), kernel: [1, 1], strides: [2, 2]),
  ])
  func convolutionsAgainstTheUnrolledOptimum(_ convolution: Networks.Operation.Convolution) throws {
    for activation in [Activation.relu, .leakyReLU(slope: 0.3), .gelu] {
      var network = Network()
      var node = network.addInput(name: "input", shape: [1, 2, 5, 5])
      node = try network.add(.convolution(convolution), name: "conv", to: [node])
      node = try network.add(.activation(activation), name: "units", to: [node])
      node = try network.add(
        .convolution(.init(weight: Self.random(2, 4 * convolution.weight.rows, 9), kernel: [2, 2], padBefore: [1, 1], padAfter: [0, 0])),
        name: "last", to: [node])
      try network.setOutputs([node])
      let problem = try LipschitzProblem(network)
      let estimate = try RecursionEstimator().estimate(problem)
      let upper = try #require(estimate.upper, "\(estimate.note ?? "")")
      #expect(estimate.isCertified, "\(estimate.note ?? "")")
      let optimum = try LiftedEstimator().estimate(problem)
      #expect(upper >= (optimum.lower ?? 0) * (1 - 1e-9))
      #expect(upper <= 4 * (optimum.upper ?? .infinity))
      #expect(upper >= (try AttainedEstimator().estimate(problem).lower ?? 0))
      try CertificateChecker.check(try #require(estimate.certificate), of: problem.lowered)
    }
  }

  private static func random(_ rows: Int, _ columns: Int, _ seed: UInt64) -> Matrix<Double> {
    var random = SplitMix64(seed: seed)
    return random.gaussianMatrix(rows: rows, columns: columns, deviation: (1 / Double(columns)).squareRoot())
  }

  // MARK: - Special layers

  /// A dense chain is LipSDP-Neuron: eliminating the gains between layers changes nothing.
  @Test func denseChainsReachTheNeuronOptimum() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [8, 14, 12, 10, 4], seed: 21)
    let problem = try LipschitzProblem(network)
    let upper = try #require(try RecursionEstimator().estimate(problem).upper)
    var budget = Budget()
    budget.tolerance = 1e-6
    let optimum = try LiftedEstimator().estimate(problem, budget: budget)
    #expect(upper >= (optimum.lower ?? .infinity) * (1 - 1e-9))
    #expect(upper <= (optimum.upper ?? 0) * (1 + 1e-4))
    // And with a gain between every two layers.
    let chain = try GainChain(problem.selected)
    var split = try RecursionRun(try GainProgram(chain, largestOrder: 1))
    #expect(split.program.stages.count > 2)
    _ = split.solve(tolerance: 1e-6) { _, _ in false }
    #expect(abs(split.bound / upper - 1) < 1e-4)
  }

  /// A linear state-space layer: its gain is the H-infinity norm, found here by a sweep over frequencies.
  @Test func stateSpaceGainIsTheHInfinityNorm() throws {
    var random = SplitMix64(seed: 8)
    let n = 5
    var a: Matrix<Double> = random.gaussianMatrix(rows: n, columns: n, deviation: 0.15)
    for i in 0..<n { a[i, i] += 0.2 }
    let b: Matrix<Double> = random.gaussianMatrix(rows: n, columns: 1, deviation: 1)
    let c: Matrix<Double> = random.gaussianMatrix(rows: 1, columns: n, deviation: 1)
    let d = Matrix<Double>(rows: 1, columns: 1, repeating: 0.3)
    var largest = 0.0
    // The response's Fourier sum of 400 impulse coefficients.
    var impulse = [d[0, 0]]
    var x = b.elements
    for _ in 0..<400 {
      impulse.append(zip(c.elements, x).reduce(0) { $0 + $1.0 * $1.1 })
      x = a.multiplied(by: x)
    }
    try #require(impulse[400].magnitude < 1e-10)
    for k in 0...4000 {
      let omega = Double(k) / 4000 * Double.pi
      var (real, imaginary) = (0.0, 0.0)
      for (t, h) in impulse.enumerated() {
        real += h * cos(omega * Double(t))
        imaginary += h * sin(omega * Double(t))
      }
      largest = max(largest, (real * real + imaginary * imaginary).squareRoot())
    }
    let chain = GainChain(inputChannels: 1, layers: [.stateSpace(a: a, b: b, c: c, d: d, sectors: nil)])
    let estimate = try RecursionEstimator().estimate(chain)
    let upper = try #require(estimate.upper)
    #expect(estimate.isCertified, "\(estimate.note ?? "")")
    #expect(upper >= largest * (1 - 1e-12))
    #expect(upper <= largest * (1 + 1e-4))
    // With units behind it the gain does not grow.
    let nonlinear = GainChain(inputChannels: 1, layers: [.stateSpace(a: a, b: b, c: c, d: d, sectors: Self.relu(1))])
    let bounded = try #require(try RecursionEstimator().estimate(nonlinear).upper)
    #expect(bounded <= upper * (1 + 1e-4))
    // An unstable system has no gain.
    let unstable = GainChain(
      inputChannels: 1, layers: [.stateSpace(a: .diagonal([1.1, 0, 0, 0, 0]), b: b, c: c, d: d, sectors: nil)])
    #expect(throws: NotApplicable.self) { try RecursionEstimator().estimate(unstable) }
  }

  /// A skip connection around a shifted image: a bound must hold whatever the alignment, so the gain of x − S x is at least 2.
  @Test func residualConvolutionsAreAligned() throws {
    var kernel = Matrix<Double>(rows: 1, columns: 9)
    kernel[0, 8] = -1
    var network = Network()
    let input = network.addInput(name: "input", shape: [1, 1, 12, 12])
    let shifted = try network.add(
      .convolution(.init(weight: kernel, kernel: [3, 3], padBefore: [1, 1], padAfter: [1, 1])), name: "shift", to: [input])
    let sum = try network.add(.sum(signs: [1, 1]), name: "sum", to: [input, shifted])
    try network.setOutputs([sum])
    let problem = try LipschitzProblem(network)
    let attained = try #require(try AttainedEstimator().estimate(problem).lower)
    let upper = try #require(try RecursionEstimator().estimate(problem).upper)
    #expect(upper >= attained)
    // The triangle inequality, with room for the degenerate storage functions of so sparse a kernel.
    #expect(upper < 4)
  }

  /// Channels scaled by different numbers are no multiple of the identity: [1 −1]·diag(1, −1)·relu([1; 1] x) = 2 relu(x) has the constant 2, and
  /// so has the same without units.
  @Test(arguments: [true, false]) func scalingsOfChannelsAreMaps(hasUnits: Bool) throws {
    var nodes: [LoweredNetwork.Node] = [.init(name: "input", kind: .input, count: 1)]
    func add(_ map: any LinearMap<Double>) {
      nodes.append(
        .init(
          name: "map\(nodes.count)", kind: .affine(terms: [.init(source: nodes.count - 1, map: map)], bias: nil), count: map.outputCount))
    }
    add(DenseMap(weight: Matrix(rows: 2, columns: 1, elements: [1, 1])))
    if hasUnits { nodes.append(.init(name: "relu", kind: .activation(source: 1, units: .uniform(.relu)), count: 2)) }
    add(DiagonalMap(scale: [1, -1]))
    add(DenseMap(weight: Matrix(rows: 1, columns: 2, elements: [1, -1])))
    let problem = try LipschitzProblem(lowered: LoweredNetwork(nodes: nodes))
    let upper = try #require(try RecursionEstimator().estimate(problem).upper)
    #expect(upper >= 2)
    #expect(upper < 2.001)
  }

  /// Batch normalisation of a branch before it is added, on images.
  @Test func normalisedBranchesAreNeverUndercut() throws {
    for seed in 1...3 as ClosedRange<UInt64> {
      let network = try NetworkBuilders.residual(blocks: 1, width: 2, size: 4, seed: seed)
      let problem = try LipschitzProblem(network)
      var budget = Budget()
      budget.timeLimit = 3
      let estimate = RecursionEstimator().outcome(problem, budget: budget)
      if let upper = estimate.upper {
        #expect(try upper >= (#require(try AttainedEstimator().estimate(problem).lower)))
      } else {
        #expect(estimate.note?.contains("not applicable") == true)
      }
    }
  }

  /// A step that would end after the limit is not begun, so the last one ends before it; the start and the proof come on top.
  @Test(arguments: StructuredNetworks.all.filter { $0.testDescription.contains("max pool") })
  func timeLimit(_ sample: StructuredNetworks.Sample) throws {
    let problem = try LipschitzProblem(try sample.build())
    var budget = Budget()
    budget.timeLimit = 0.3
    let estimate = RecursionEstimator().outcome(problem, budget: budget)
    #expect(estimate.stopReason == .timeLimit && estimate.iterations < 200)
    #expect(estimate.isCertified || estimate.note?.contains("not ") == true)
  }

  // MARK: - Proofs

  @Test func tamperedGainsAreRefused() throws {
    let network = try NetworkBuilders.convolutional(size: 6, channels: [3, 4], outputs: 3, seed: 1)
    let problem = try LipschitzProblem(network)
    let estimate = try RecursionEstimator().estimate(problem)
    let certificate = try #require(estimate.certificate)
    guard case .layerGains(let gains)? = certificate.derivation else {
      Issue.record("the certificate holds no gains")
      return
    }
    let program = try GainProgram(try GainChain(problem.selected))
    _ = try gains.prove(program, memoryLimit: 1 << 24)
    #expect(throws: NotProved.self) { try gains.prove(program, memoryLimit: 1000) }
    #expect(throws: NotProved.self) { try CertificateChecker.check(certificate, of: problem.lowered, memoryLimit: 1000) }
    var random = SplitMix64(seed: 3)
    for variable in gains.values.indices {
      var tampered = gains
      let place = Int(random.next() % UInt64(tampered.values[variable].count))
      tampered.values[variable][place] = .nan
      #expect(throws: NotProved.self) { try tampered.prove(program) }
      tampered = gains
      tampered.values[variable].removeLast()
      #expect(throws: NotProved.self) { try tampered.prove(program) }
      tampered = gains
      tampered.values[variable] = tampered.values[variable].map { -$0 }
      #expect(throws: NotProved.self) { try tampered.prove(program) }
    }
    var smaller = gains
    smaller.values[0][0] *= 0.99
    #expect(throws: NotProved.self) { try smaller.prove(program) }
    #expect(throws: NotProved.self) { try LayerGains(values: []).prove(program) }
    // Another network's weights.
    let other = try LipschitzProblem(NetworkBuilders.convolutional(size: 6, channels: [3, 4], outputs: 3, seed: 2))
    #expect(throws: NotProved.self) { try CertificateChecker.check(certificate, of: other.lowered) }
    let reread = try Certificate(decoding: try certificate.encoded())
    try CertificateChecker.check(reread, of: problem.lowered)
  }

  @Test func layersThatDoNotFitAreRefused() {
    let bad: [[GainLayer]] = [
      [.dense(weight: Matrix(rows: 2, columns: 3), sectors: nil)],
      [.dense(weight: Matrix(rows: 2, columns: 2), sectors: Self.relu(3))],
      [.groupSort(size: 3)], [.maxPool(overlap: 0)], [.averagePool(squaredNorm: .nan)], [.flatten(pixels: 0)],
      [.sum(branches: [[], [.dense(weight: Matrix(rows: 3, columns: 2), sectors: nil)]], sectors: nil)],
      [.convolution(.init(weight: Matrix(rows: 2, columns: 5), inputChannels: 2, kernelHeight: 3, kernelWidth: 3), sectors: nil)],
    ]
    for layers in bad { #expect(throws: NotProved.self) { try GainProgram(GainChain(inputChannels: 2, layers: layers)) } }
  }

  // MARK: - Published values

  private static let isLong = ProcessInfo.processInfo.environment["LIPCERT_LONG_TESTS"] != nil

  struct Stack: Sendable, CustomTestStringConvertible {
    var channels: Int
    var depth: Int
    var bound: Double
    var testDescription: String { "\(depth) convolutions of \(channels) channels" }
  }

  static let stacks: [Stack] =
    [Stack(channels: 8, depth: 2, bound: 7.648757), Stack(channels: 8, depth: 4, bound: 28.489883)]
    + (isLong
      ? [
        Stack(channels: 8, depth: 8, bound: 274.0045), Stack(channels: 8, depth: 16, bound: 11323.600),
        Stack(channels: 16, depth: 2, bound: 8.026805), Stack(channels: 16, depth: 4, bound: 36.09973),
        Stack(channels: 16, depth: 8, bound: 177.6398), Stack(channels: 16, depth: 16, bound: 8080.774),
        Stack(channels: 32, depth: 2, bound: 7.852075),
      ] : [])

  @Test(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)), arguments: stacks)
  func convolutionStacksReachPublishedBounds(_ stack: Stack) throws {
    let path = SharedData.path("lipschitz/ppauli_GLipSDP/scalability_cnn/cnn_C\(stack.depth + 1)_CH\(stack.channels).npz")
    let archive = try NumPyArchive.read(path: path)
    let layers = try (1...stack.depth).map { k -> GainLayer in
      let array = try #require(archive["W\(k)"])
      let values = try #require(array.doubles)
      let weight = Matrix(rows: stack.channels, columns: stack.channels * 9, elements: values)
      return .convolution(
        .init(weight: weight, inputChannels: stack.channels, kernelHeight: 3, kernelWidth: 3),
        sectors: k < stack.depth ? Self.relu(stack.channels) : nil)
    }
    let estimate = try RecursionEstimator().estimate(GainChain(inputChannels: stack.channels, layers: layers))
    let upper = try #require(estimate.upper)
    #expect(estimate.isCertified, "\(estimate.note ?? "")")
    #expect(abs(upper / stack.bound - 1) < 1e-5)
  }

  @Test(
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)),
    arguments: [("weights_l2_2fc_16", 22.594363), ("weights_2_16", 21.394501), ("weights_l2_2fc_32", 38.548286)])
  func groupSortReachesReferenceValues(_ name: String, _ bound: Double) throws {
    let weights = try ChainNetworks.weights("ppauli_QCs_MaxMin/\(name).npz")
    let layers = weights.enumerated().flatMap { k, weight -> [GainLayer] in
      [.dense(weight: weight, sectors: nil)] + (k < weights.count - 1 ? [.groupSort(size: 2)] : [])
    }
    let estimate = try RecursionEstimator().estimate(GainChain(inputChannels: weights[0].columns, layers: layers))
    let upper = try #require(estimate.upper)
    #expect(estimate.isCertified, "\(estimate.note ?? "")")
    #expect(abs(upper / bound - 1) < 1e-4)
  }
}
