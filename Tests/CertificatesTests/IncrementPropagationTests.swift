import LinearAlgebra
import Networks
import Testing

@testable import Certificates

@Suite("Bounds of differences")
struct IncrementPropagationTests {
  /// The network with all weights and biases changed by `change`.
  static func copy(_ network: Network, changing change: (Double) -> Double) throws -> Network {
    func changed(_ weight: Matrix<Double>) -> Matrix<Double> {
      Matrix(rows: weight.rows, columns: weight.columns, elements: weight.elements.map(change))
    }
    var result = Network()
    for node in network.nodes {
      switch node.operation {
      case .input: result.addInput(name: node.name, shape: node.shape)
      case .dense(let weight, let bias):
        try result.add(.dense(weight: changed(weight), bias: bias?.map(change)), name: node.name, to: node.inputs)
      case .convolution(let c):
        let convolution = Operation.Convolution(
          weight: changed(c.weight), bias: c.bias?.map(change), kernel: c.kernel, strides: c.strides, dilations: c.dilations,
          padBefore: c.padBefore, padAfter: c.padAfter, groups: c.groups)
        try result.add(.convolution(convolution), name: node.name, to: node.inputs)
      case .batchNormalization(let n):
        let normalization = Operation.BatchNormalization(
          scale: n.scale.map(change), shift: n.shift.map(change), mean: n.mean, variance: n.variance, epsilon: n.epsilon)
        try result.add(.batchNormalization(normalization), name: node.name, to: node.inputs)
      default: try result.add(node.operation, name: node.name, to: node.inputs)
      }
    }
    try result.setOutputs(network.outputs, names: network.outputNames)
    return result
  }

  /// Points of a region: its middle, corners or the surface, and what is between.
  static func points(_ region: Region, count: Int, _ random: inout SplitMix64) -> Matrix<Double> {
    let center = region.center
    var points = Matrix<Double>(rows: count, columns: center.count)
    for k in 0..<count {
      let share = k == 0 ? 0 : k % 2 == 0 ? 1 : random.nextUniform()
      let direction: [Double] = random.gaussianVector(center.count)
      let length = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for i in center.indices {
        switch region {
        case .global: points[k, i] = direction[i]
        case .ball(_, let radius): points[k, i] = center[i] + (1 - 1e-9) * share * radius * direction[i] / length
        case .box(let lower, let upper):
          let part = k % 2 == 0 ? (direction[i] < 0 ? 0 : 1) : random.nextUniform()
          points[k, i] = k == 0 ? center[i] : min(max(lower[i] + part * (upper[i] - lower[i]), lower[i]), upper[i])
        }
      }
    }
    return points
  }

  @Test("The increments of random networks are theirs, and the bounds hold them", arguments: UInt64(1)...15)
  func boundsHoldDifferences(seed: UInt64) throws {
    var random = SplitMix64(seed: 7000 + seed)
    let g = try RandomNetworks.network(seed: seed)
    let kind = seed % 3
    let f = try Self.copy(g) { value in
      switch kind {
      case 0: random.nextUniform() < 0.3 ? 0 : value
      case 1: value + 0.01 * random.nextGaussian()
      default: (value * 16).rounded() / 16
      }
    }
    let (first, second) = (try f.lowered(), try g.lowered())
    let form = try #require(LoweredNetwork.increments(first, second))
    let prepared = try PropagationNetwork(form, followsIncrements: true)
    let center: [Double] = random.gaussianVector(g.inputCount)
    for region in [
      Region.ball(center: center, radius: 0.3), .around(center, radius: 0.05, norm: .lInfinity),
      .box(lower: center, upper: center.map { $0 + 0.2 * random.nextUniform() }),
    ] {
      let points = Self.points(region, count: 40, &random)
      let (x, y) = (try f.forward(points), try g.forward(points))
      let own = form.forward(points)
      let size = (x.elements + y.elements).reduce(1) { max($0, $1.magnitude) }
      for tightening in [BoundPropagation.Tightening.none, .curved, .all] {
        let bounds = try BoundPropagation(prepared, region: region, tightening: tightening)
        let count = form.outputCount
        var rows = Matrix<Double>(rows: 2 * count, columns: count)
        for i in 0..<count { (rows[i, i], rows[count + i, i]) = (1, -1) }
        let values = try bounds.lowerBounds(of: rows)
        for k in 0..<points.rows {
          for i in 0..<count {
            let difference = x[k, i] - y[k, i]
            #expect(abs(own[k, i] - difference) <= 1e-11 * size)
            #expect(values[i] <= difference + 1e-12 * size && difference <= -values[count + i] + 1e-12 * size)
          }
        }
      }
    }
  }

  @Test func incrementsOfEqualNetworksVanish() throws {
    for seed in UInt64(1)...6 {
      // Averages and normalisations have factors that are known up to rounding only, so their differences need not be zero.
      let isExact = seed % 2 == 0
      let lowered = try RandomNetworks.network(seed: seed, isPiecewiseLinear: isExact).lowered()
      let form = try #require(LoweredNetwork.increments(lowered, lowered))
      if isExact { #expect(form.activationNodes.isEmpty) }
      let region = Region.around([Double](repeating: 0.4, count: form.inputCount), radius: 3, norm: .lInfinity)
      let (lower, upper) = try BoundPropagation(PropagationNetwork(form, followsIncrements: true), region: region).intervals[
        form.nodes.count - 1]
      #expect(zip(lower, upper).allSatisfy { $0 <= 0 && 0 <= $1 && $1 - $0 < 1e-9 })
    }
  }

  @Test("The lines around increments enclose them", arguments: TestNetworks.activations)
  func linesEnclose(activation: Activation) throws {
    var random = SplitMix64(seed: 31)
    for _ in 0..<12 {
      // One unit: z = x₀ and δ = x₁.
      let (a, b) = (random.nextGaussian(), random.nextGaussian())
      let (reach, spread) = (2 * random.nextUniform(), random.nextUniform())
      func pick(_ column: Int) -> DenseMap<Double> {
        DenseMap(weight: Matrix(rows: 1, columns: 2, elements: column == 0 ? [1, 0] : [0, 1]))
      }
      let nodes: [LoweredNetwork.Node] = [
        .init(name: "x", kind: .input, count: 2),
        .init(name: "z", kind: .affine(terms: [.init(source: 0, map: pick(0))], bias: nil), count: 1),
        .init(name: "δ", kind: .affine(terms: [.init(source: 0, map: pick(1))], bias: nil), count: 1),
        .init(name: "z + δ", kind: .affine(terms: [.init(source: 1, map: nil), .init(source: 2, map: nil)], bias: nil), count: 1),
        .init(name: "h", kind: .activation(source: 3, units: .uniform(activation)), count: 1),
        .init(name: "g", kind: .activation(source: 1, units: .uniform(activation)), count: 1),
        .init(
          name: "δ′", kind: .affine(terms: [.init(source: 4, map: nil), .init(source: 5, map: DiagonalMap(scale: [-1]))], bias: nil),
          count: 1),
      ]
      let prepared = try PropagationNetwork(LoweredNetwork(nodes: nodes), followsIncrements: true)
      let increments = try #require(prepared.increments[2]?.first)
      let region = Region.box(lower: [a - reach, 0.3 * b - spread], upper: [a + reach, 0.3 * b + spread])
      let intervals = try NodeIntervals(arithmetic: prepared, region: region)
      let lines = NodeRelaxation(increments, node: 6, intervals: intervals)
      let (lower, upper) = intervals[6]
      for i in 0...24 {
        for j in 0...24 {
          let (z, d) = (a + reach * (Double(i) / 12 - 1), 0.3 * b + spread * (Double(j) / 12 - 1))
          let value = activation.value(z + d) - activation.value(z)
          #expect(lower[0] - 1e-14 <= value && value <= upper[0] + 1e-14)
          #expect(lines.lowerSlopes[0] * d + lines.lowerIntercepts[0] <= value + 1e-12)
          #expect(lines.upperSlopes[0] * d + lines.upperIntercepts[0] >= value - 1e-12)
        }
      }
    }
  }

  @Test func otherGraphsHaveNoIncrements() throws {
    let relu = try NetworkBuilders.multilayerPerceptron(widths: [3, 5, 2], seed: 1).lowered()
    let tanh = try NetworkBuilders.multilayerPerceptron(widths: [3, 5, 2], activation: .tanh, seed: 1).lowered()
    let narrow = try NetworkBuilders.multilayerPerceptron(widths: [3, 4, 2], seed: 1).lowered()
    #expect(LoweredNetwork.increments(relu, tanh) == nil)
    #expect(LoweredNetwork.increments(relu, narrow) == nil)
    #expect(LoweredNetwork.increments(relu, relu) != nil)
  }
}
