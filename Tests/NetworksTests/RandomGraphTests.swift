import LinearAlgebra
import Networks
import Testing

/// Builds random graphs that combine every kind of operation on images, then on vectors.
struct RandomGraph {
  var random: SplitMix64
  var network = Network()

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func weights(_ rows: Int, _ columns: Int) -> Matrix<Double> {
    random.gaussianMatrix(rows: rows, columns: columns, deviation: (1.5 / Double(columns)).squareRoot())
  }

  mutating func add(_ operation: Networks.Operation, _ inputs: Int...) throws -> Int {
    try network.add(operation, name: "n\(network.nodes.count)", to: inputs)
  }

  mutating func convolution(_ node: Int, channels: Int, kernel: Int = 3) throws -> Int {
    let inputs = network.nodes[node].shape[1]
    let pad = [kernel / 2, kernel / 2]
    return try add(
      .convolution(
        .init(
          weight: weights(channels, inputs * kernel * kernel), bias: Bool.random(using: &random) ? random.gaussianVector(channels) : nil,
          kernel: [kernel, kernel], padBefore: pad, padAfter: pad)), node)
  }

  mutating func activation(_ node: Int) throws -> Int {
    try add(.activation(allActivations[Int.random(in: 0..<allActivations.count, using: &random)]), node)
  }

  /// One random step on a C × H × W tensor.
  mutating func imageStep(_ node: Int) throws -> Int {
    let shape = network.nodes[node].shape
    let channels = shape[1]
    switch Int.random(in: 0..<12, using: &random) {
    case 0: return try add(.sum(signs: [1, -1]), try activation(try convolution(node, channels: channels)), node)
    case 1: return try add(.concatenation(axis: 1), node, try convolution(node, channels: 2, kernel: 1))
    case 2:
      return try add(
        .batchNormalization(
          .init(
            scale: random.gaussianVector(channels), shift: random.gaussianVector(channels), mean: random.gaussianVector(channels),
            variance: (0..<channels).map { _ in 0.5 + random.nextUniform() }, epsilon: 1e-5)), node)
    case 3 where shape[2] >= 4: return try add(.maxPool(.init(kernel: [2, 2], strides: [2, 2], ceilMode: true)), node)
    case 4 where shape[2] >= 3:
      return try add(.averagePool(.init(kernel: [3, 3], strides: [1, 1], padBefore: [1, 1], padAfter: [1, 1])), node)
    case 5:
      // MaxMin over channel halves, operands swapped in the minimum.
      let even = channels / 2 * 2
      guard even > 0 else { return try activation(node) }
      let starts = [0, 0, 0, 0]
      let ends = [1, even, shape[2], shape[3]]
      let a = try add(.slice(starts: starts, ends: ends, steps: [1, 2, 1, 1]), node)
      let b = try add(.slice(starts: [0, 1, 0, 0], ends: ends, steps: [1, 2, 1, 1]), node)
      return try add(.concatenation(axis: 1), try add(.maximum, a, b), try add(.minimum, b, a))
    case 6: return try add(.groupSort(size: shape[3], axis: 3), node)
    case 7: return try add(.pad(before: [0, 0, 1, 0], after: [0, 1, 0, -1 * (shape[3] > 2 ? 1 : 0)], value: 0.25), node)
    case 8: return try add(.addConstant(.init(shape: [channels, 1, 1], values: random.gaussianVector(channels)), sign: -1), node)
    case 9: return try add(.divideConstant(.init(shape: [channels, 1, 1], values: (0..<channels).map { Double($0) + 0.7 })), node)
    case 10: return try add(.transpose(permutation: [0, 1, 3, 2]), node)
    default: return try activation(try convolution(node, channels: 3))
    }
  }

  mutating func build() throws -> Network {
    var node = network.addInput(name: "image", shape: [1, 2, 5, 5])
    for _ in 0..<Int.random(in: 2...6, using: &random) { node = try imageStep(node) }
    if Bool.random(using: &random) { node = try add(.globalAveragePool, node) }
    let count = network.nodes[node].shape.count
    node = try add(.reshape([1, count]), node)
    if Bool.random(using: &random) {
      let other = network.addInput(name: "vector", shape: [1, 3])
      node = try add(.concatenation(axis: 1), node, try activation(other))
    }
    let width = network.nodes[node].shape[1]
    let hidden = try add(.dense(weight: weights(6, width), bias: random.gaussianVector(6)), node)
    let skip = try add(.dense(weight: weights(6, width), bias: nil), node)
    let sum = try add(.sum(signs: [1, 1]), try activation(hidden), skip)
    let last = try add(.dense(weight: weights(3, 6), bias: nil), sum)
    try network.setOutputs(Bool.random(using: &random) ? [last] : [last, sum])
    return network
  }
}

@Suite struct RandomGraphTests {
  @Test(arguments: 0..<60 as Range<UInt64>) func consistency(_ seed: UInt64) throws {
    var graph = RandomGraph(seed: 1000 + seed)
    try checkConsistency(try graph.build(), seed: seed)
  }
}
