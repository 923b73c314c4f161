import LinearAlgebra
import Networks
import Testing

@testable import Certificates

@Suite struct GainProofTests {
  /// What is proved holds exactly, and what is false by a margin is not proved.
  @Test(arguments: try TestNetworks.all()) func agreesWithExactArithmetic(_ test: TestCase) throws {
    let lowered = try test.lowered
    let result = try ProvedBound(lowered)
    #expect(try result.exact(scale: 1 + 1e-9))
    #expect(try !result.exact(scale: 1 - 1e-6))
    #expect(throws: NotProved.self) { try result.proof.prove(inputWeights: result.inputWeights.map { $0 * (1 - 1e-6) }) }

    let infinity = try ProvedBound(lowered, output: lowered.outputCount > 1 ? .difference(0, 1) : .output(0), norm: .lInfinity)
    #expect(try infinity.exact(scale: 1 + 1e-9))
    #expect(throws: NotProved.self) { try infinity.proof.prove(inputWeights: infinity.inputWeights.map { $0 * 0.01 }) }
  }

  /// Random multipliers: a proof with them is a proof whatever they are.
  @Test(arguments: try [TestNetworks.perceptrons()[0], TestNetworks.structures()[0], TestNetworks.structures()[2]])
  func randomMultipliers(_ test: TestCase) throws {
    let lowered = try test.lowered
    let base = try ProvedBound(lowered)
    var random = SplitMix64(seed: 3)
    var accepted = 0
    for _ in 0..<25 {
      let multipliers = base.proof.multipliers.map { $0.map { ProvedBound.shortened($0 * Double.random(in: 0.6...1.6, using: &random)) } }
      guard let proof = try? GainProof(network: lowered, sectors: base.sectors, multipliers: multipliers) else { continue }
      accepted += 1
      let rho = try proof.inputGain.largestSymmetricEigenpair().value
      for (scale, isTrue) in [(1 + 1e-9, true), (1 - 1e-6, false)] {
        let weights = Array(repeating: rho * scale, count: lowered.inputCount)
        #expect((try? proof.prove(inputWeights: weights)) != nil || !isTrue)
        let isPositive = try ExactCheck.isPositiveDefinite(
          lowered, sectors: base.sectors, multipliers: multipliers, inputWeights: weights.map { $0 * (1 + 1e-10) })
        #expect(isPositive == isTrue)
      }
    }
    #expect(accepted > 5)
  }

  /// Radii: the proof holds for every matrix within them, here for random vertices of radii large enough to matter.
  @Test(arguments: [1e-3, 0.1]) func radiiCoverTheirVertices(_ radius: Double) throws {
    var random = SplitMix64(seed: 9)
    let w: [Matrix<Double>] = [(4, 3), (4, 4), (2, 4)].map { random.gaussianMatrix(rows: $0.0, columns: $0.1) }
    func network(_ scale: [Double], _ radii: [Double]?, _ second: [Double], _ secondRadii: [Double]) -> LoweredNetwork {
      let sparse = SparseRows(
        columnCount: 4, starts: [0, 2, 4, 6, 8], columns: [0, 1, 1, 2, 2, 3, 3, 0], values: second, radii: secondRadii)
      return LoweredNetwork(nodes: [
        .init(name: "input", kind: .input, count: 3),
        .init(name: "first", kind: .affine(terms: [.init(source: 0, map: DenseMap(weight: w[0]))], bias: nil), count: 4),
        .init(
          name: "scaled", kind: .affine(terms: [.init(source: 1, map: DiagonalMap(scale: scale, radius: radii))], bias: nil), count: 4),
        .init(name: "relu", kind: .activation(source: 2, units: .uniform(.relu)), count: 4),
        .init(
          name: "residual",
          kind: .affine(
            terms: [
              .init(source: 2, map: SparseMap(sparse)), .init(source: 3, map: DenseMap(weight: w[1])),
              .init(source: 2, map: DiagonalMap(scale: scale, radius: radii)),
            ], bias: nil), count: 4),
        .init(name: "tanh", kind: .activation(source: 4, units: .uniform(.tanh)), count: 4),
        .init(name: "output", kind: .affine(terms: [.init(source: 5, map: DenseMap(weight: w[2]))], bias: nil), count: 2),
      ])
    }
    let scale = [1, -0.5, 2, 0.25]
    let second = (0..<8).map { _ in random.nextGaussian() }
    let result = try ProvedBound(
      network(scale, Array(repeating: radius, count: 4), second, Array(repeating: radius, count: 8)))
    #expect(throws: NotProved.self) { try result.exact(scale: 1) }
    for _ in 0..<12 {
      func vertex(_ values: [Double]) -> [Double] { values.map { $0 + (Bool.random(using: &random) ? radius : -radius) * (1 - 1e-12) } }
      let exact = network(vertex(scale), nil, vertex(second), [])
      #expect(
        try ExactCheck.isPositiveDefinite(
          exact, sectors: result.sectors, multipliers: result.proof.multipliers, inputWeights: result.inputWeights.map { $0 * (1 + 1e-9) }))
    }
  }

  /// Units that reach no output need no multiplier.
  @Test func deadUnits() throws {
    var random = SplitMix64(seed: 4)
    var (first, second): (Matrix<Double>, Matrix<Double>) = (
      random.gaussianMatrix(rows: 3, columns: 2), random.gaussianMatrix(rows: 2, columns: 3)
    )
    let third: Matrix<Double> = random.gaussianMatrix(rows: 1, columns: 2)
    for i in 0..<2 { second[i, 1] = 0 }
    for j in 0..<2 { first[2, j] = 0 }
    var network = Network()
    var node = network.addInput(name: "input", shape: [1, 2])
    for (index, weight) in [first, second, third].enumerated() {
      node = try network.add(.dense(weight: weight, bias: nil), name: "dense\(index)", to: [node])
      if index == 0 { node = try network.add(.activation(.tanh), name: "twice", to: [node]) }
      if index < 2 { node = try network.add(.activation(.relu), name: "activation\(index)", to: [node]) }
    }
    try network.setOutputs([node])
    let lowered = try network.lowered()
    let result = try ProvedBound(lowered)
    #expect(result.proof.multipliers[0][1] == 0 && result.proof.multipliers[1][1] == 0)
    #expect(try result.exact(scale: 1 + 1e-9))
    var multipliers = result.proof.multipliers
    multipliers[1][0] = 0
    #expect(throws: NotProved.self) { try GainProof(network: lowered, sectors: result.sectors, multipliers: multipliers) }
  }

  /// An output that does not depend on the input.
  @Test func constantNetwork() throws {
    let nodes: [LoweredNetwork.Node] = [
      .init(name: "input", kind: .input, count: 2), .init(name: "output", kind: .affine(terms: [], bias: [1]), count: 1),
    ]
    let proof = try GainProof(network: LoweredNetwork(nodes: nodes), sectors: [], multipliers: [])
    try proof.prove(inputWeights: [1e-300, 1e-300])
    #expect(throws: NotProved.self) { try proof.prove(inputWeights: [0, 1]) }
    #expect(throws: NotProved.self) { try proof.prove(inputWeights: [1]) }
    #expect(throws: NotProved.self) { try proof.prove(inputWeights: [.nan, 1]) }
    #expect(throws: NotProved.self) { try proof.prove(inputWeights: [-1, 1]) }
  }

  @Test func badMultipliersAndSectors() throws {
    let lowered = try TestNetworks.perceptrons()[0].lowered
    let good = try ProvedBound(lowered)
    func attempt(_ change: (inout [[Double]], inout [UnitSectors]) -> Void) {
      var (multipliers, sectors) = (good.proof.multipliers, good.sectors)
      change(&multipliers, &sectors)
      #expect(throws: NotProved.self) { try GainProof(network: lowered, sectors: sectors, multipliers: multipliers) }
      #expect(throws: NotProved.self) {
        try ExactCheck.isPositiveDefinite(
          lowered, sectors: sectors, multipliers: multipliers, inputWeights: good.inputWeights.map { $0 * 2 })
      }
    }
    for bad in [Double.nan, .infinity, -1e-300] { attempt { multipliers, _ in multipliers[0][1] = bad } }
    attempt { multipliers, _ in multipliers[1].removeLast() }
    attempt { multipliers, _ in multipliers.removeLast() }
    attempt { multipliers, _ in multipliers.append([]) }
    attempt { _, sectors in sectors.removeLast() }
    attempt { _, sectors in sectors[0].upper.removeLast() }
    attempt { _, sectors in sectors[0].lower[0] = 2 }
    attempt { _, sectors in sectors[0].upper[0] = .nan }
    attempt { _, sectors in sectors[0].upper[0] = .infinity }
  }

  @Test func cancellation() throws {
    let lowered = try TestNetworks.perceptrons()[0].lowered
    let good = try ProvedBound(lowered)
    #expect(throws: NotProved("cancelled")) {
      try GainProof(network: lowered, sectors: good.sectors, multipliers: good.proof.multipliers, isCancelled: { true })
    }
  }

  /// The question is put inside the elimination and the products too, and the answer ends the proof wherever it comes.
  @Test func cancellationInside() throws {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [150, 300, 200, 5], seed: 8).lowered()
    let multipliers = try ProvedBound.proof(network, sectors: network.globalSectors).multipliers
    var questions = 0
    func prove(cancelledAt last: Int) throws {
      questions = 0
      func isCancelled() -> Bool {
        questions += 1
        return questions >= last
      }
      let proof = try GainProof(network: network, sectors: network.globalSectors, multipliers: multipliers, isCancelled: isCancelled)
      try proof.prove(inputWeights: Array(repeating: 1e9, count: 150), isCancelled: isCancelled)
    }
    try prove(cancelledAt: .max)
    // Once before each of 6 nodes, after all but the last of the 5 + 4 + 3 panels of the factors, in both solutions and updates of the two
    // stages, and in both products of the affine node that is not part of a stage.
    let all = questions
    #expect(all >= 6 + 9 + 4 + 2)
    for last in 1...all {
      #expect(throws: NotProved("cancelled")) { try prove(cancelledAt: last) }
      #expect(questions == last)
    }
  }
}

/// The number of threads is shared by the process, so these run alone.
@Suite(.serialized) struct ThreadIndependenceTests {
  /// Every bit of the gain is the same on any number of threads.
  @Test func gainsDoNotDependOnThreads() throws {
    let count = Threads.count
    defer { Threads.count = count }
    let dense = try NetworkBuilders.multilayerPerceptron(widths: [40, 150, 140, 5], seed: 8).lowered()
    let convolutional = try NetworkBuilders.convolutional(size: 6, channels: [3, 5], outputs: 4, seed: 3).lowered()
    for network in [dense, convolutional] {
      var gains: [[UInt64]] = []
      for threads in [1, 2, 3, 7] {
        Threads.count = threads
        gains.append(try ProvedBound.proof(network, sectors: network.globalSectors).inputGain.elements.map(\.bitPattern))
      }
      #expect(gains.allSatisfy { $0 == gains[0] })
    }
  }
}
