import Foundation
import LinearAlgebra
import Networks
import Testing

@testable import Certificates

/// Sectors on a ball: what the forward recursion proves must hold for every pair of inputs in it.
@Suite struct ForwardProofTests {
  static let activations: [Activation] = [
    .relu, .leakyReLU(slope: 0.1), .leakyReLU(slope: -0.5), .tanh, .sigmoid, .elu(alpha: 1), .elu(alpha: 1.7), .softplus,
    .clip(lower: -1, upper: 1), .hardSigmoid(slope: 0.2, offset: 0.5), .gelu, .geluTanh, .silu, .mish, .hardSwish, .absoluteValue,
  ]

  /// A chain with biases; with `isBranched` the second layer's input is added to its output and the input is concatenated to the third's.
  static func network(_ activation: Activation, seed: UInt64, isBranched: Bool = false) -> LoweredNetwork {
    var random = SplitMix64(seed: seed)
    func map(_ rows: Int, _ columns: Int) -> DenseMap<Double> {
      DenseMap(weight: random.gaussianMatrix(rows: rows, columns: columns, deviation: 1.2 / Double(columns).squareRoot()))
    }
    func bias(_ count: Int) -> [Double] { random.gaussianVector(count, deviation: 0.7) }
    typealias Node = LoweredNetwork.Node
    var nodes = [
      Node(name: "input", kind: .input, count: 4),
      Node(name: "w0", kind: .affine(terms: [.init(source: 0, map: map(7, 4))], bias: bias(7)), count: 7),
      Node(name: "a0", kind: .activation(source: 1, units: .uniform(activation)), count: 7),
    ]
    let second: [LoweredNetwork.Term] = [.init(source: 2, map: map(7, 7))] + (isBranched ? [.init(source: 1, map: nil)] : [])
    nodes += [
      Node(name: "w1", kind: .affine(terms: second, bias: bias(7)), count: 7),
      Node(name: "a1", kind: .activation(source: 3, units: .uniform(activation)), count: 7),
    ]
    let third: [LoweredNetwork.Term] = [.init(source: 4, map: map(5, 7))] + (isBranched ? [.init(source: 0, map: map(5, 4))] : [])
    nodes += [
      Node(name: "w2", kind: .affine(terms: third, bias: bias(5)), count: 5),
      Node(name: "a2", kind: .activation(source: 5, units: .uniform(activation)), count: 5),
      Node(name: "w3", kind: .affine(terms: [.init(source: 6, map: map(3, 5))], bias: nil), count: 3),
    ]
    return LoweredNetwork(nodes: nodes)
  }

  /// Multipliers by diagonal dominance.
  static func multipliers(_ stage: ForwardStage) -> [Double] {
    (0..<stage.shape.rows).map { i in
      let (c, d) = (0.5 * (stage.sectors.upper[i] + stage.sectors.lower[i]), 0.5 * (stage.sectors.upper[i] - stage.sectors.lower[i]))
      guard d > 0 else { return 0 }
      return max(2, 1 + abs(c) / d) * (0..<stage.shape.rows).reduce(0) { $0 + abs(stage.shape[i, $1]) }
    }
  }

  static func prove(_ network: LoweredNetwork, _ center: [Double], _ radius: Double) throws -> ForwardProof {
    try ForwardProof(network: network, center: center, radius: radius) { ($1.sectors, multipliers($1)) }
  }

  /// Every node's values at an input.
  static func values(_ network: LoweredNetwork, _ x: [Double]) -> [[Double]] {
    var result: [[Double]] = []
    for node in network.nodes {
      switch node.kind {
      case .input: result.append(x)
      case .affine(let terms, let bias):
        var sum = bias ?? [Double](repeating: 0, count: node.count)
        for term in terms {
          let part = term.map?.apply(result[term.source]) ?? result[term.source]
          for i in sum.indices { sum[i] += part[i] }
        }
        result.append(sum)
      case .activation(let source, let units):
        result.append(result[source].enumerated().map { units.activation(of: $0).value($1) })
      }
    }
    return result
  }

  static func point(_ center: [Double], _ radius: Double, _ random: inout SplitMix64) -> [Double] {
    let direction: [Double] = random.gaussianVector(center.count, deviation: 1)
    let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let distance = radius * (random.nextUniform() < 0.5 ? 1 - 1e-12 : random.nextUniform())
    return zip(center, direction).map { $0 + distance * $1 / length }
  }

  @Test(arguments: activations)
  func sectorsHoldForSampledPairs(_ activation: Activation) throws {
    var random = SplitMix64(seed: 77)
    for (seed, radius) in [(1, 0.01), (2, 0.3), (3, 1.5), (4, 30)] as [(UInt64, Double)] {
      let network = Self.network(activation, seed: seed, isBranched: seed % 2 == 0)
      let center: [Double] = random.gaussianVector(4, deviation: 1)
      let proof = try Self.prove(network, center, radius)
      for _ in 0..<200 {
        let (a, b) = (Self.point(center, radius, &random), Self.point(center, radius, &random))
        let (x, y) = (Self.values(network, a), Self.values(network, b))
        for (position, index) in network.activationNodes.enumerated() {
          guard case .activation(let source, _) = network.nodes[index].kind else { continue }
          for i in 0..<network.nodes[index].count {
            let (dz, dh) = (x[source][i] - y[source][i], x[index][i] - y[index][i])
            guard abs(dz) > 1e-7 else { continue }
            let slope = dh / dz
            #expect(slope >= proof.sectors[position].lower[i] - 1e-8 && slope <= proof.sectors[position].upper[i] + 1e-8)
          }
        }
      }
    }
  }

  /// The ellipsoids bound the increments of every node, in every direction.
  @Test(arguments: [false, true])
  func ellipsoidsHoldForSampledPairs(_ isBranched: Bool) throws {
    var random = SplitMix64(seed: 78)
    let network = Self.network(.silu, seed: 5, isBranched: isBranched)
    let center: [Double] = random.gaussianVector(4, deviation: 1)
    var shapes: [Matrix<Double>] = []
    _ = try ForwardProof(network: network, center: center, radius: 1) { _, stage in
      shapes.append(stage.shape)
      return (stage.sectors, Self.multipliers(stage))
    }
    let inverses = try shapes.map { shape in
      var regular = shape
      for i in 0..<shape.rows { regular[i, i] *= 1 + 1e-9 }
      return try regular.cholesky()
    }
    var largest = [Double](repeating: 0, count: shapes.count)
    for _ in 0..<2000 {
      let (a, b) = (Self.point(center, 1, &random), Self.point(center, 1, &random))
      let (x, y) = (Self.values(network, a), Self.values(network, b))
      let distance = zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
      for (position, index) in network.activationNodes.enumerated() {
        guard case .activation(let source, _) = network.nodes[index].kind else { continue }
        let dz = zip(x[source], y[source]).map { $0 - $1 }
        let reduced = try inverses[position].solvedTriangular(.lower, dz)
        largest[position] = max(largest[position], reduced.reduce(0) { $0 + $1 * $1 } / distance)
      }
    }
    #expect(largest.allSatisfy { $0 <= 1 + 1e-6 })
    // They are not empty promises: the first is attained.
    #expect(largest[0] > 0.99)
  }

  /// Small balls freeze the slopes at the centre; large ones give the global sectors.
  @Test(arguments: activations)
  func limits(_ activation: Activation) throws {
    let network = Self.network(activation, seed: 6)
    let center = [0.3, -0.8, 0.1, 0.9]
    let values = Self.values(network, center)
    let small = try Self.prove(network, center, 1e-9)
    let large = try Self.prove(network, center, 1e9)
    for (position, index) in network.activationNodes.enumerated() {
      guard case .activation(let source, _) = network.nodes[index].kind else { continue }
      let global = network.globalSectors[position]
      for i in 0..<network.nodes[index].count {
        let slope = activation.derivative(values[source][i])
        #expect(abs(small.sectors[position].lower[i] - slope) < 1e-6 && abs(small.sectors[position].upper[i] - slope) < 1e-6)
        #expect(abs(large.sectors[position].lower[i] - global.lower[i]) < 1e-6)
        #expect(abs(large.sectors[position].upper[i] - global.upper[i]) < 1e-6)
      }
    }
  }

  @Test func whatIsNotProved() throws {
    let network = Self.network(.tanh, seed: 8)
    let center = [0.3, -0.8, 0.1, 0.9]
    let proof = try Self.prove(network, center, 0.5)
    func isProved(_ radius: Double, _ center: [Double], _ sectors: [UnitSectors], _ multipliers: [[Double]]) -> Bool {
      (try? ForwardProof(network: network, center: center, radius: radius, sectors: sectors, multipliers: multipliers)) != nil
    }
    #expect(isProved(0.5, center, proof.sectors, proof.multipliers))
    #expect(isProved(0.4, center, proof.sectors, proof.multipliers))
    #expect(!isProved(0.6, center, proof.sectors, proof.multipliers))
    #expect(!isProved(0.5, [0.3, -0.8, 0.4, 0.9], proof.sectors, proof.multipliers))
    for radius in [0, -1, .nan, .infinity] { #expect(!isProved(radius, center, proof.sectors, proof.multipliers)) }
    #expect(!isProved(0.5, [0.3, .nan, 0.4, 0.9], proof.sectors, proof.multipliers))
    #expect(!isProved(0.5, [0.3], proof.sectors, proof.multipliers))
    for layer in 0..<3 {
      for end in 0..<2 {
        var narrower = proof.sectors
        if end == 0 { narrower[layer].lower[2] += 1e-6 } else { narrower[layer].upper[2] -= 1e-6 }
        #expect(!isProved(0.5, center, narrower, proof.multipliers))
      }
      var other = proof.sectors
      other[layer].lower.removeLast()
      #expect(!isProved(0.5, center, other, proof.multipliers))
    }
    for bad in [0, -1, .nan, .infinity, 1e-9] {
      var multipliers = proof.multipliers
      multipliers[0][3] = bad
      #expect(!isProved(0.5, center, proof.sectors, multipliers))
    }
    #expect(!isProved(0.5, center, proof.sectors, [proof.multipliers[0]]))
    #expect(throws: Interruptible.cancelled) {
      try ForwardProof(
        network: network, center: center, radius: 0.5, sectors: proof.sectors, multipliers: proof.multipliers, isCancelled: { true })
    }
  }

  /// The lowering of a batch normalisation rounds no bias.
  @Test func normalisationsAreProved() throws {
    var network = Network()
    var node = network.addInput(name: "input", shape: [1, 3])
    node = try network.add(
      .batchNormalization(.init(scale: [1, 2, 3], shift: [0.1, 0.2, 0.3], mean: [1, 1, 1], variance: [1, 2, 3], epsilon: 1e-5)),
      name: "norm", to: [node])
    node = try network.add(.activation(.relu), name: "relu", to: [node])
    try network.setOutputs([node])
    let lowered = try network.lowered()
    #expect(lowered.nodes.count > 3)
    _ = try Self.prove(lowered, [0, 0, 0], 1)
  }

  @Test func memoryIsCounted() throws {
    // P before and after the second map: the first layer's units; with branches also the input and the first pre-activations.
    #expect(ForwardProof.bytes(of: Self.network(.relu, seed: 1)) >= 8 * 2 * 14 * 14)
    #expect(ForwardProof.bytes(of: Self.network(.relu, seed: 1, isBranched: true)) >= 8 * 2 * 25 * 25)
  }

  @Test func regionsRoundTrip() throws {
    let regions: [Region] = [.global, .ball(center: [0.1, -1 / 3, 5e-300], radius: 0.7)]
    for region in regions {
      let data = try JSONEncoder().encode([region])
      #expect(try JSONDecoder().decode([Region].self, from: data) == [region])
    }
    #expect(try JSONEncoder().encode([Region.global]) == Data("[\"global\"]".utf8))
    for bad in ["\"local\"", "{}", "{\"ball\":{}}", "{\"ball\":{\"center\":[1]}}", "{\"ball\":{\"center\":1,\"radius\":1}}", "1", "null"] {
      #expect(throws: DecodingError.self) { try JSONDecoder().decode([Region].self, from: Data("[\(bad)]".utf8)) }
    }
  }
}
