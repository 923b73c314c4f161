import LinearAlgebra
import Networks
import Testing

@testable import Certificates

/// What a referee tried against the proof: each of these was once accepted, crashed, or was not covered by a stated bound.
@Suite struct HostileInputTests {
  private func identity(_ name: String, _ source: Int, _ count: Int = 1) -> LoweredNetwork.Node {
    .init(name: name, kind: .affine(terms: [.init(source: source, map: nil)], bias: nil), count: count)
  }

  /// Graphs that break the rules, one of which would leave the input out of the recursion and prove gain 0.
  @Test func brokenGraphs() {
    let input = LoweredNetwork.Node(name: "input", kind: .input, count: 1)
    func relu(_ source: Int, _ count: Int) -> LoweredNetwork.Node {
      .init(name: "relu", kind: .activation(source: source, units: .uniform(.relu)), count: count)
    }
    let wide = LoweredNetwork.Term(source: 0, map: DenseMap(weight: Matrix(rows: 1, columns: 2, elements: [1, 1])))
    let slopes = LoweredNetwork.Units.leakyReLU(slopes: [.nan])
    let graphs: [[LoweredNetwork.Node]] = [
      [], [identity("output", 0)], [input, identity("loop", 2), identity("output", 1)], [input, identity("self", 1)],
      [input, input, identity("output", 1)], [input, identity("output", -1)], [input, identity("output", 0, 2)],
      [input, relu(0, 2), identity("output", 1, 2)], [input, relu(1, 1), identity("output", 1)],
      [input, .init(name: "output", kind: .affine(terms: [wide], bias: nil), count: 1)],
      [input, .init(name: "units", kind: .activation(source: 0, units: slopes), count: 1), identity("output", 1)],
    ]
    for nodes in graphs {
      let network = LoweredNetwork(nodes: nodes)
      let sectors = network.activationNodes.map {
        UnitSectors(lower: .init(repeating: 0, count: nodes[$0].count), upper: .init(repeating: 1, count: nodes[$0].count))
      }
      let multipliers = sectors.map { [Double](repeating: 2, count: $0.count) }
      #expect(throws: NotProved.self) { try GainProof(network: network, sectors: sectors, multipliers: multipliers) }
      #expect(throws: NotProved.self) {
        try ExactCheck.isPositiveDefinite(network, sectors: sectors, multipliers: multipliers, inputWeights: [3])
      }
      let certificate = Certificate(
        generator: "", modelName: "", network: network, statement: Statement(inputNorm: .l2, output: .all, bound: 10), inputWeights: [9],
        sectors: sectors, multipliers: multipliers)
      #expect(throws: NotProved.self) { try CertificateChecker.check(certificate, of: network) }
    }
  }

  /// A product that underflows in A′Q but not in A′QA, so that its relative error bound is far too small: refused.
  @Test func numbersOfExtremeSize() {
    func network(_ a: Double, _ b: Double, _ c: Double) -> LoweredNetwork {
      LoweredNetwork(nodes: [
        .init(name: "input", kind: .input, count: 2),
        .init(
          name: "z",
          kind: .affine(terms: [.init(source: 0, map: DenseMap(weight: Matrix(rows: 1, columns: 2, elements: [a, b])))], bias: nil),
          count: 1),
        .init(
          name: "output",
          kind: .affine(terms: [.init(source: 1, map: DenseMap(weight: Matrix(rows: 1, columns: 1, elements: [c])))], bias: nil),
          count: 1),
      ])
    }
    for (a, b, c) in [
      (0x1p-600, 0x1p+700, 0x1p-250), (1, 1, 0x1p+200), (.nan, 1, 1), (1, .infinity, 1), (0x1p+160, 0, 0x1p-160), (0x1p+149, 1, 0x1p+149),
    ] {
      let proof = try? GainProof(network: network(a, b, c), sectors: [], multipliers: [])
      if let proof {
        // Large but in range: true, with the exact gain (ac, bc) (ac, bc)′.
        #expect(proof.inputGain[0, 0] >= a * a * c * c)
      } else {
        #expect(!(max(a.magnitude, b.magnitude, c.magnitude) < 0x1p+150))
      }
    }
    // Down to the smallest numbers the proof is a little weaker, never wrong.
    let tiny = try? GainProof(network: network(0x1p-600, 0x1p-1074, 0x1p-500), sectors: [], multipliers: [])
    #expect((tiny?.inputGain[0, 0] ?? 0) > 0 && (tiny?.inputGain[1, 1] ?? 0) > 0)
  }

  /// Many terms on one source: exact Q with the error diagonal dominates exact P′QP.
  @Test func manyTermsOnOneSource() throws {
    var random = SplitMix64(seed: 41)
    for repeats in 1...6 {
      let weights: [Matrix<Double>] = (0..<repeats).map { _ in random.gaussianMatrix(rows: 3, columns: 2) }
      var value = ValueFunction(output: 1, weights: [1, 1, 1])
      try value.substitute(1, by: weights.map { (key: 0, map: CertifiedMap(DenseMap(weight: $0), count: 2)) })
      let sum = (0..<3).map { i in
        (0..<2).map { j in weights.reduce(Dyadic.zero) { $0 + Dyadic($1[i, j]) } }
      }
      let difference = SymmetricForm(order: 2) { i, j in
        (0..<3).reduce(Dyadic(value.q[i, j])) { $0 + -(sum[$1][i] * sum[$1][j]) }
      }
      #expect(difference.isPositiveDefinite)
    }
  }

  /// tαβ where tα underflows although the product does not.
  @Test func underflowInMultipliers() throws {
    let beta = 0x1p+900
    var value = ValueFunction(output: 1, weights: [1])
    // X = t − 1 must be positive, so the unit is made absent from Q by a map of zero.
    try value.substitute(1, by: [(2, CertifiedMap(DenseMap(weight: Matrix(rows: 1, columns: 1, elements: [0])), count: 1))])
    let sectors = UnitSectors(lower: [0.3], upper: [beta])
    let t = 5e-324
    guard (try? value.eliminate(2, preactivation: 0, count: 1, sectors: sectors, multipliers: [t])) != nil else { return }
    // Exactly: Q_p ≥ −tαβ + (t(α + β)/2)²/t.
    let half = Dyadic(0.5) * (Dyadic(0.3) + Dyadic(beta))
    let exact = Dyadic(t) * half * half + -(Dyadic(t) * Dyadic(0.3) * Dyadic(beta))
    #expect(!(Dyadic(value.q[0, 0]) + -exact).isNegative)
  }

  /// A negative multiplier makes the exact inequality meaningless; it must not be called a proof.
  @Test func exactCheckRefusesNegativeMultipliers() throws {
    let network = try TestNetworks.perceptrons()[0].lowered
    let zero = network.globalSectors.map { [Double](repeating: 0, count: $0.count) }
    var negative = zero
    negative[0][0] = -1
    for multipliers in [negative, zero + [[]], Array(zero.dropLast())] {
      #expect(throws: NotProved.self) {
        try ExactCheck.isPositiveDefinite(network, sectors: network.globalSectors, multipliers: multipliers, inputWeights: [1, 1, 1])
      }
    }
    #expect(throws: NotProved.self) {
      try ExactCheck.isPositiveDefinite(network, sectors: network.globalSectors, multipliers: zero, inputWeights: [1, .nan, 1])
    }
  }

  @Test func outputsThatDoNotExist() throws {
    let network = try TestNetworks.perceptrons()[0].lowered
    for output in [OutputSelection.output(2), .output(-1), .output(.max), .difference(0, 0), .difference(0, 9), .difference(.min, 1)] {
      #expect(throws: NotProved.self) { try network.selecting(output) }
    }
    #expect(try network.selecting(.all).outputCount == 2)
  }

  @Test func proofsBeyondTheMemoryLimit() throws {
    let network = try TestNetworks.perceptrons()[0].lowered
    let bound = try ProvedBound(network)
    let certificate = Certificate(
      generator: "", modelName: "", network: network, statement: Statement(inputNorm: .l2, output: .all, bound: bound.bound),
      inputWeights: [bound.inputWeights[0]], sectors: bound.sectors, multipliers: bound.proof.multipliers)
    #expect(throws: NotProved("the proof needs 0 MiB of memory")) {
      try CertificateChecker.check(certificate, of: network, memoryLimit: 100)
    }
    try CertificateChecker.check(certificate, of: network, memoryLimit: 100_000)
  }

  /// Dyadic numbers hold every double exactly.
  @Test func dyadicNumbers() {
    var random = SplitMix64(seed: 43)
    for value in [5e-324, -5e-324, .leastNormalMagnitude, .greatestFiniteMagnitude, -0.1, 0, -0.0, 1] {
      #expect((Dyadic(value) + -Dyadic(value)).isZero)
      #expect(Dyadic(value).isZero == (value == 0))
      #expect(Dyadic(value).isNegative == (value < 0))
    }
    let smallest = (0..<1074).reduce(Dyadic(1)) { product, _ in product * Dyadic(0.5) }
    #expect((Dyadic(5e-324) + -smallest).isZero)
    for _ in 0..<200 {
      let (a, b) = (Double(Int.random(in: -1 << 26...1 << 26, using: &random)), Double(Int.random(in: -1 << 26...1 << 26, using: &random)))
      #expect((Dyadic(a) * Dyadic(b) + -Dyadic(a * b)).isZero)
      #expect((Dyadic(a * 0x1p-20) + Dyadic(b) + -Dyadic(a * 0x1p-20 + b)).isZero)
    }
  }
}
