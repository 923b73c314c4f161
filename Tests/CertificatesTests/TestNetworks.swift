import LinearAlgebra
import Networks
import Testing

@testable import Certificates

/// A small network with a name for messages.
struct TestCase: Sendable, CustomTestStringConvertible {
  let name: String
  let network: Network
  var testDescription: String { name }

  var lowered: LoweredNetwork {
    get throws { try network.lowered() }
  }
}

/// Small random networks of every kind of activation and connection, with weights of few bits, which keep exact arithmetic fast.
enum TestNetworks {
  static let activations: [Activation] = [
    .relu, .leakyReLU(slope: 0.125), .leakyReLU(slope: -0.5), .leakyReLU(slope: 2), .tanh, .sigmoid, .elu(alpha: 1), .elu(alpha: 2),
    .elu(alpha: -0.5), .softplus, .clip(lower: -1, upper: 1), .hardSigmoid(slope: 0.25, offset: 0.5), .hardSigmoid(slope: -0.5, offset: 0),
    .gelu, .geluTanh, .silu, .mish, .hardSwish, .absoluteValue,
  ]

  static func all() throws -> [TestCase] { try perceptrons() + structures() + [single()] }

  static func perceptrons() throws -> [TestCase] {
    try activations.enumerated().map { index, activation in
      try make("perceptron \(activation)", seed: UInt64(100 + index), shape: [1, 3]) { b in
        let h = try b.activate(try b.dense(4, from: b.input), activation)
        return try b.dense(2, from: try b.activate(try b.dense(3, from: h), activation))
      }
    }
  }

  static func structures() throws -> [TestCase] {
    [
      try make("residual", seed: 1) { b in
        let h = try b.activate(try b.dense(4, from: b.input))
        let branch = try b.dense(4, from: try b.activate(try b.dense(4, from: h)))
        return try b.dense(2, from: try b.activate(try b.add(.sum(signs: [1, -1]), [h, branch])))
      },
      try make("residual to the input", seed: 2) { b in
        try b.add(.sum(signs: [1, 1]), [b.input, try b.dense(4, from: try b.activate(try b.dense(4, from: b.input), .tanh))])
      },
      try make("dense connections", seed: 3) { b in
        let a = try b.activate(try b.dense(3, from: b.input))
        let joined = try b.add(.concatenation(axis: 1), [b.input, a])
        let c = try b.activate(try b.dense(3, from: joined), .silu)
        return try b.dense(2, from: try b.add(.concatenation(axis: 1), [joined, c, a]))
      },
      try make("a source read four times", seed: 4) { b in
        let a = try b.activate(try b.dense(3, from: b.input))
        let sum = try b.add(.sum(signs: [1, 1, 1, -1]), [a, a, try b.dense(3, from: a), a])
        return try b.dense(2, from: try b.activate(try b.add(.sum(signs: [1, 1]), [sum, a]), .gelu))
      },
      try make("units without slack", seed: 5) { b in
        let p = try b.dense(4, from: b.input)
        let slopes = Operation.Constant(shape: [1, 4], values: [1, 0.25, 1, -0.5])
        return try b.dense(2, from: try b.add(.parametricReLU(slopes: slopes), [p]))
      },
      try make("MaxMin", seed: 6) { b in
        let sorted = try b.add(.groupSort(size: 2, axis: 1), [try b.dense(4, from: b.input)])
        return try b.dense(2, from: try b.add(.groupSort(size: 4, axis: 1), [try b.dense(4, from: sorted)]))
      },
      try make("maximum and minimum", seed: 7) { b in
        let (p, q) = (try b.dense(3, from: b.input), try b.dense(3, from: b.input))
        let (high, low) = (try b.add(.maximum, [p, q]), try b.add(.minimum, [p, q]))
        return try b.dense(2, from: try b.add(.concatenation(axis: 1), [high, low]))
      },
      try make("max pool", seed: 8, shape: [1, 1, 3, 3]) { b in
        let pooled = try b.add(.maxPool(.init(kernel: [2, 2], strides: [1, 1])), [b.input])
        return try b.dense(2, from: try b.add(.reshape([1, 4]), [pooled]))
      },
      try make("convolution, padding and slices", seed: 9, shape: [1, 1, 3, 3]) { b in
        let convolution = Operation.Convolution(weight: b.weights(2, 4), bias: [0.5, -0.25], kernel: [2, 2], strides: [1, 1])
        let h = try b.activate(try b.add(.convolution(convolution), [b.input]))
        let sliced = try b.add(.slice(starts: [0, 0, 0, 0], ends: [1, 2, 2, 2], steps: [1, 1, 1, 2]), [h])
        return try b.dense(2, from: try b.add(.reshape([1, 4]), [sliced]))
      },
      try make("average of four", seed: 10, shape: [1, 1, 4, 4]) { b in
        let pooled = try b.add(.averagePool(.init(kernel: [2, 2], strides: [2, 2])), [b.input])
        return try b.dense(2, from: try b.activate(try b.dense(3, from: try b.add(.reshape([1, 4]), [pooled]))))
      },
    ]
  }

  /// Maxima of more than two units: windows that overlap or are padded, units that are straight, pools of pools and pools used twice.
  static func pools() throws -> [TestCase] {
    func convolution(_ b: inout Builder, _ channels: Int, from source: Int) throws -> Int {
      let inputs = b.network.nodes[source].shape[1]
      let weight = b.weights(channels, 4 * inputs)
      let bias = (0..<channels).map { _ in Double(Float(b.random.nextGaussian())) }
      return try b.add(.convolution(.init(weight: weight, bias: bias, kernel: [2, 2], strides: [1, 1])), [source])
    }
    return [
      try make("overlapping pools", seed: 21, shape: [1, 1, 7, 7]) { b in
        let h = try b.activate(try convolution(&b, 3, from: b.input))
        let pooled = try b.add(.maxPool(.init(kernel: [3, 3], strides: [2, 2], padBefore: [1, 1], padAfter: [1, 1])), [h])
        let g = try b.activate(try convolution(&b, 4, from: pooled), .tanh)
        let last = try b.add(.maxPool(.init(kernel: [2, 2], strides: [1, 1])), [g])
        return try b.dense(3, from: try b.add(.reshape([1, 4]), [last]))
      },
      try make("pool of a pool", seed: 22, shape: [1, 1, 6, 6]) { b in
        let first = try b.add(.maxPool(.init(kernel: [2, 2], strides: [1, 1])), [try convolution(&b, 2, from: b.input)])
        let second = try b.add(.maxPool(.init(kernel: [2, 2], strides: [2, 2])), [first])
        return try b.dense(2, from: try b.activate(try b.dense(5, from: try b.add(.reshape([1, 8]), [second]))))
      },
      try make("pool beside its source", seed: 23, shape: [1, 1, 5, 5]) { b in
        let h = try b.activate(try convolution(&b, 2, from: b.input), .leakyReLU(slope: 0.125))
        let pooled = try b.add(.maxPool(.init(kernel: [3, 3], strides: [1, 1], padBefore: [1, 1], padAfter: [1, 1])), [h])
        let sum = try b.add(.sum(signs: [1, -1]), [h, pooled])
        let own = try b.add(.reshape([1, 32]), [sum])
        return try b.dense(3, from: try b.add(.concatenation(axis: 1), [own, try b.add(.reshape([1, 32]), [pooled])]))
      },
    ]
  }

  /// A perceptron with weights as single precision stores them.
  static func single() throws -> TestCase {
    TestCase(name: "single precision", network: try NetworkBuilders.multilayerPerceptron(widths: [2, 3, 3, 2], seed: 17))
  }

  /// Networks with coefficients known only up to a radius.
  static func uncertain() throws -> [TestCase] {
    [
      try make("average of three", seed: 11, shape: [1, 2, 3, 3]) { b in
        let pooled = try b.add(.averagePool(.init(kernel: [3, 3], strides: [1, 1], padBefore: [1, 1], padAfter: [1, 1])), [b.input])
        let mean = try b.add(.globalAveragePool, [try b.activate(pooled)])
        return try b.dense(2, from: try b.add(.reshape([1, 2]), [mean]))
      },
      try make("batch normalisation", seed: 12, shape: [1, 2, 2, 2]) { b in
        let normalization = Operation.BatchNormalization(
          scale: [1.5, -0.75], shift: [0, 1], mean: [0.5, 0], variance: [0.3, 2.7], epsilon: 1e-5)
        let h = try b.activate(try b.add(.batchNormalization(normalization), [b.input]), .tanh)
        return try b.dense(2, from: try b.add(.reshape([1, 8]), [h]))
      },
    ]
  }

  private static func make(_ name: String, seed: UInt64, shape: Shape = [1, 4], _ build: (inout Builder) throws -> Int) throws -> TestCase {
    var builder = Builder(seed: seed, shape: shape)
    let output = try build(&builder)
    try builder.network.setOutputs([output])
    return TestCase(name: name, network: builder.network)
  }

  struct Builder {
    var network = Network()
    let input: Int
    var random: SplitMix64

    init(seed: UInt64, shape: Shape) {
      random = SplitMix64(seed: seed)
      input = network.addInput(name: "input", shape: shape)
    }

    mutating func weights(_ rows: Int, _ columns: Int) -> Matrix<Double> {
      Matrix(rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in (random.nextGaussian() * 32).rounded() / 64 })
    }

    mutating func add(_ operation: Networks.Operation, _ inputs: [Int]) throws -> Int {
      try network.add(operation, name: "node\(network.nodes.count)", to: inputs)
    }

    mutating func dense(_ outputs: Int, from source: Int) throws -> Int {
      let inputs = network.nodes[source].shape.count
      let bias = (0..<outputs).map { _ in Double(Float(random.nextGaussian() / 4)) }
      return try add(.dense(weight: weights(outputs, inputs), bias: bias), [source])
    }

    mutating func activate(_ source: Int, _ activation: Activation = .relu) throws -> Int {
      try add(.activation(activation), [source])
    }
  }
}
