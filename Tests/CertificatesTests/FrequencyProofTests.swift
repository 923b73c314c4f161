import Foundation
import LinearAlgebra
import Networks
import Testing

@testable import Certificates

/// The frequency proof against circulant matrices, tampered data and frequencies between those of a small torus.
@Suite("Frequency proof") struct FrequencyProofTests {
  /// conv – ReLU – conv – ReLU – conv with strides, as a network in normal form; `wraps` makes the padding circular.
  private static func network(
    size: Int, strides: [Int] = [1, 1, 1], kernel: Int = 3, dense: Int? = nil, wraps: Bool = false, seed: UInt64 = 1
  ) -> LoweredNetwork {
    var random = SplitMix64(seed: seed)
    let channels = [2, 3, 2, 2]
    var nodes = [LoweredNetwork.Node(name: "input", kind: .input, count: channels[0] * size * size)]
    var side = size
    for layer in 0..<3 {
      let geometry = ConvolutionGeometry(
        inputChannels: channels[layer], outputChannels: channels[layer + 1], inputHeight: side, inputWidth: side, kernelHeight: kernel,
        kernelWidth: kernel, strideHeight: strides[layer], strideWidth: strides[layer], padTop: 1, padLeft: 1,
        padBottom: 1, padRight: 1)
      let weight: Matrix<Double> = random.gaussianMatrix(rows: channels[layer + 1], columns: geometry.kernelCount, deviation: 0.35)
      let convolution = ConvolutionMap(geometry: geometry, weight: weight)
      let out = wraps ? side / strides[layer] : geometry.outputHeight
      let map: any LinearMap<Double> = wraps ? circulant(convolution) : convolution
      nodes.append(
        .init(
          name: "conv\(layer)", kind: .affine(terms: [.init(source: nodes.count - 1, map: map)], bias: nil),
          count: channels[layer + 1] * out * out))
      side = out
      guard layer < 2 || dense != nil else { continue }
      nodes.append(
        .init(name: "relu\(layer)", kind: .activation(source: nodes.count - 1, units: .uniform(.relu)), count: nodes[nodes.count - 1].count)
      )
    }
    if let dense {
      let count = nodes[nodes.count - 1].count
      let weight: Matrix<Double> = random.gaussianMatrix(rows: dense, columns: count, deviation: 1 / Double(count).squareRoot())
      nodes.append(
        .init(name: "dense", kind: .affine(terms: [.init(source: nodes.count - 1, map: DenseMap(weight: weight))], bias: nil), count: dense)
      )
    }
    return LoweredNetwork(nodes: nodes)
  }

  /// The convolution on the torus, by definition.
  private static func circulant(_ map: ConvolutionMap<Double>) -> SparseMap<Double> {
    let g = map.geometry
    let (n, out) = (g.inputHeight, g.inputHeight / g.strideHeight)
    var rows: [[(column: Int, value: Double)]] = []
    for o in 0..<g.outputChannels {
      for y in 0..<out {
        for x in 0..<out {
          var row: [(column: Int, value: Double)] = []
          for c in 0..<g.inputChannels {
            for i in 0..<g.kernelHeight {
              for j in 0..<g.kernelWidth {
                let (a, b) = ((y * g.strideHeight + i - 1 + n) % n, (x * g.strideWidth + j - 1 + n) % n)
                row.append(((c * n + a) * n + b, map.weight[o, (c * g.kernelHeight + i) * g.kernelWidth + j]))
              }
            }
          }
          rows.append(row)
        }
      }
    }
    return SparseMap(inputCount: map.inputCount, rows: rows)
  }

  private static func multipliers(_ part: ConvolutionalPart) -> [[Double]] {
    // Large towards the input: every stage is feasible for these small weights.
    let all = [[300.0, 310, 320], [30.0, 32]]
    return part.activationNodes.count == 2 ? all : [[3000.0, 3100, 3200], [300.0, 310], [30.0, 32]]
  }

  @Test func twiddlesEncloseCosineAndSine() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<2000 {
      let q = Int.random(in: 1...5000, using: &random)
      let p = Int.random(in: -20_000...20_000, using: &random)
      let own = Twiddle(numerator: p, denominator: q)
      let angle = 2 * Double.pi * Double(((p % q) + q) % q) / Double(q)
      #expect(abs(own.cosine - cos(angle)) <= 2e-15 && abs(own.sine - sin(angle)) <= 2e-15)
      #expect((own.radius == 0) == (4 * p % q == 0))
    }
    #expect(Twiddle(numerator: 3, denominator: 4).sine == -1 && Twiddle(numerator: -2, denominator: 4).cosine == -1)
  }

  /// On a torus of its own size the greatest ρ over frequencies is the largest eigenvalue of the circulant network's recursion.
  @Test(arguments: [(6, [1, 1, 1]), (8, [2, 1, 2]), (8, [1, 2, 1])]) func agreesWithCirculantMatrices(_ size: Int, _ strides: [Int]) throws
  {
    let part = try ConvolutionalPart(Self.network(size: size, strides: strides))
    let t = Self.multipliers(part)
    let coarse = size / strides.reduce(1, *)
    let proof = try FrequencyProof(part: part, multipliers: t, boundaryGain: nil)
    let rhos = try Frequency.torus(rows: coarse, columns: coarse).map { try proof.inputGain(at: $0).symmetricEigenvalues().last ?? 0 }
    let wrapped = Self.network(size: size, strides: strides, wraps: true)
    let spread = zip(wrapped.activationNodes, t).map { index, own in
      (0..<wrapped.nodes[index].count).map { own[$0 / (wrapped.nodes[index].count / own.count)] }
    }
    let dense = try GainProof(network: wrapped, sectors: wrapped.globalSectors, multipliers: spread)
    let expected = try #require(try dense.inputGain.symmetricEigenvalues().last)
    let own = try #require(rhos.max())
    #expect(abs(own - expected) <= 1e-9 * expected)
  }

  private func certificate(_ network: LoweredNetwork, _ data: FrequencyDerivation, bound: Double? = nil) -> Certificate {
    Certificate(
      generator: "tests", modelName: "", network: network,
      statement: Statement(inputNorm: .l2, output: .all, bound: bound ?? data.rho.squareRoot().nextUp), derivation: .frequencies(data))
  }

  private func isAccepted(_ data: FrequencyDerivation, _ network: LoweredNetwork) -> Bool {
    (try? CertificateChecker.check(certificate(network, data), of: network)) != nil
  }

  private func valid(_ network: LoweredNetwork, universal: Bool = false) throws -> FrequencyDerivation {
    let part = try ConvolutionalPart(network)
    var t = Self.multipliers(part)
    var gain: Matrix<Double>?
    if part.tail != nil {
      let q = try TailProof(part: part, multipliers: []).gain
      var own = Matrix<Double>.identity(2)
      own.scale(by: try q.greatestEigenvalue() * 1.001)
      gain = own
      t = t.map { $0.map { $0 * own[0, 0] } }
    }
    let proof = try FrequencyProof(part: part, multipliers: t, boundaryGain: gain)
    let rhos = try Frequency.torus(rows: 12, columns: 12).map { try proof.inputGain(at: $0).greatestEigenvalue() }
    return FrequencyDerivation(
      rho: (rhos.max() ?? 0) * 1.1, channelMultipliers: t, unitMultipliers: [], boundaryGain: gain,
      torus: universal ? [] : [part.leastRows, part.leastColumns])
  }

  @Test(arguments: [nil, 3]) func tamperedDataAreRefused(_ dense: Int?) throws {
    let network = Self.network(size: 5, strides: [1, 2, 1], dense: dense)
    let data = try valid(network)
    #expect(isAccepted(data, network))
    func refused(_ change: (inout FrequencyDerivation) -> Void, _ line: Int = #line) {
      var other = data
      change(&other)
      #expect(!isAccepted(other, network), "line \(line)")
    }
    refused { $0.rho *= 0.7 }
    refused { $0.rho = .infinity }
    refused { $0.rho = -1 }
    refused { $0.channelMultipliers[0][1] = -1 }
    refused { $0.channelMultipliers[0][1] = .nan }
    refused { $0.channelMultipliers[1][0] = 0 }
    refused { $0.channelMultipliers[1][0] = 1e300 }
    refused { $0.channelMultipliers[0].removeLast() }
    refused { $0.channelMultipliers.removeLast() }
    refused { $0.channelMultipliers = [] }
    refused { $0.unitMultipliers = [[1]] }
    refused { $0.boundaryGain.append(1) }
    refused { $0.torus = [$0.torus[0] - 1, $0.torus[1]] }
    refused { $0.torus = [$0.torus[0], 0] }
    refused { $0.torus = [$0.torus[0]] }
    refused { $0.torus = [.max, .max] }
    refused { $0.torus = [-4, -4] }
    if dense != nil {
      refused { $0.boundaryGain[0] *= 0.5 }
      refused { $0.boundaryGain = [1, 0, 0, -1] }
      refused { $0.boundaryGain[3] = .nan }
      refused { $0.boundaryGain = [] }
    }
    // A stated bound below √ρ, and another network.
    #expect(throws: NotProved.self) {
      try CertificateChecker.check(certificate(network, data, bound: data.rho.squareRoot() * 0.999), of: network)
    }
    let other = Self.network(size: 5, strides: [1, 2, 1], dense: dense, seed: 2)
    #expect(throws: NotProved.self) { try CertificateChecker.check(certificate(network, data), of: other) }
  }

  /// The file carries the derivation and its seal.
  @Test func survivesItsFile() throws {
    let network = Self.network(size: 5)
    let original = certificate(network, try valid(network))
    let read = try Certificate(decoding: try original.encoded())
    #expect(read == original)
    try CertificateChecker.check(read, of: network)
    var altered = read
    guard case .frequencies(var data)? = altered.derivation else { return }
    data.rho *= 2
    altered.derivation = .frequencies(data)
    #expect(throws: NotProved.self) { try CertificateChecker.check(altered, of: network) }
  }

  /// The proof of all frequencies holds at frequencies it never saw, and refuses a bound that only the frequencies of a small torus obey.
  @Test func allFrequencies() throws {
    // A high-pass in both directions with its peak between the points of small grids.
    let network = Self.network(size: 4, seed: 9)
    let part = try ConvolutionalPart(network)
    let data = try valid(network, universal: true)
    #expect(isAccepted(data, network))
    let short = data.channelMultipliers.map { $0.map(FrequencyCells.shortened) }
    let proof = try FrequencyProof(part: part, multipliers: short, boundaryGain: nil, startingAtZero: true)
    let peak = try Frequency.torus(rows: 23, columns: 19).map { try proof.inputGain(at: $0).greatestEigenvalue() }.max() ?? 0
    #expect(peak <= data.rho)
    let seen = try Frequency.torus(rows: 3, columns: 3).map { try proof.inputGain(at: $0).greatestEigenvalue() }.max() ?? 0
    if seen < peak * 0.999 {
      var tight = data
      tight.rho = 0.5 * (seen + peak)
      #expect(!isAccepted(tight, network))
    } else {
      Issue.record("the sample has its peak on the small grid")
    }
  }

  /// y = C∗relu(relu(A∗x + 10)) + E∗x of 2 channels on a line. An activation that reads an activation takes no part in the cells' factor: ρ =
  /// 0.571939 would then be proved for all frequencies, but an image of 8 rows attains 0.7619² = 0.5805.
  @Test func activationsInARowAreRefusedForAllFrequencies() throws {
    func convolution(_ taps: [[[Double]]], pad: Int) -> Networks.Operation {
      var weight = Matrix<Double>(rows: 2, columns: 2 * taps.count)
      for (k, tap) in taps.enumerated() { for o in 0..<2 { for i in 0..<2 { weight[o, i * taps.count + k] = tap[o][i] } } }
      return .convolution(
        .init(weight: weight, bias: nil, kernel: [taps.count, 1], padBefore: [pad, 0], padAfter: [pad, 0]))
    }
    let (half, turn) = ([[0.5, 0], [0, 0.5]], [[0, 0.5], [-0.5, 0]])
    var network = Network()
    let input = network.addInput(name: "input", shape: [1, 2, 8, 1])
    var node = try network.add(convolution([half, turn], pad: 0), name: "A", to: [input])
    node = try network.add(.activation(.relu), name: "relu1", to: [node])
    node = try network.add(.activation(.relu), name: "relu2", to: [node])
    node = try network.add(convolution([half, turn], pad: 1), name: "C", to: [node])
    let skip = try network.add(convolution([[[0, -0.2], [0.2, 0]]], pad: 0), name: "E", to: [input])
    node = try network.add(.sum(signs: [1, 1]), name: "sum", to: [node, skip])
    try network.setOutputs([node])
    let part = try ConvolutionalPart(network.lowered())
    let t = part.activationNodes.map { _ in [1.512457, 1.512457] }
    #expect(part.activationNodes.count == 2)
    #expect(throws: NotProved.self) {
      try FrequencyProof(part: part, multipliers: t, boundaryGain: nil, startingAtZero: true)
    }
    let claim = FrequencyDerivation(rho: 0.571939, channelMultipliers: t, unitMultipliers: [], boundaryGain: nil, torus: [])
    #expect(!isAccepted(claim, try network.lowered()))
  }

  /// A corner proved with a factor g is the inequality with a margin 1 − 1/g: it fails where the margin is not there.
  @Test func factorsAskForMargin() throws {
    let part = try ConvolutionalPart(Self.network(size: 6))
    let proof = try FrequencyProof(part: part, multipliers: Self.multipliers(part), boundaryGain: nil, startingAtZero: true)
    let zero = Frequency(row: 0, of: 1, column: 0, of: 1)
    let plain = try proof.inputGain(at: zero).greatestEigenvalue()
    var before = plain
    for g in [1 + 0x1p-10, 1 + 0x1p-7, 1 + 0x1p-5] {
      let own = try proof.inputGain(at: zero, factor: g).greatestEigenvalue()
      // The output's factor alone multiplies ρ by g; activations add to it.
      #expect(own > before && own >= plain * g)
      before = own
      #expect(throws: NotProved.self) { try proof.prove(rho: plain * g, at: zero, factor: g) }
      try proof.prove(rho: own * g * (1 + 1e-9), at: zero, factor: g)
    }
  }

  @Test func partsAreRecognised() throws {
    let part = try ConvolutionalPart(Self.network(size: 7, strides: [2, 1, 2], dense: 3))
    #expect(part.coarseRowStep == 4 && part.nodes.count == 7 && part.tail?.outputCount == 3)
    // 7 → 4 → 4 → 2 rows. Reading one row before each image asks for 8 = 2 · 4, 5 and 5 rows: 2, 3 and 3 coarse steps.
    #expect(part.leastRows == 3 && part.leastColumns == 3)
    #expect(part.nodes[0].isTruncated && part.nodes[2].isTruncated && part.nodes[4].isTruncated && !part.nodes[6].isTruncated)
    #expect(part.order(of: 0) == 2 * 2 * 16 && part.order(of: 2) == 2 * 3 * 4 && part.order(of: 6) == 2 * 2)
    let cells = FrequencyCells(part)
    #expect(cells.colours == 2)
    // Half extents in input rows: 1, 2 and 2, of 4 for a coarse step.
    #expect(abs(cells.rowDegree - 0.5) < 1e-12)
  }
}

extension Matrix<Double> {
  fileprivate func greatestEigenvalue() throws -> Double { try symmetricEigenvalues().last ?? 0 }
}
