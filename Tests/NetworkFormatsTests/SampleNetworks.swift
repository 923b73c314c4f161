import LinearAlgebra
import Networks

/// Small random networks that between them use every operation.
struct SampleNetworks {
  private var generator: SplitMix64
  private let isSingle: Bool

  /// Samples from a seed; in single precision every weight is a float32 number.
  init(seed: UInt64, isSingle: Bool = true) {
    generator = SplitMix64(seed: seed)
    self.isSingle = isSingle
  }

  /// `count` weights.
  mutating func numbers(_ count: Int) -> [Double] {
    let values: [Double] = generator.gaussianVector(count)
    return isSingle ? values.map { Double(Float($0)) } : values
  }

  mutating func matrix(_ rows: Int, _ columns: Int) -> Matrix<Double> {
    Matrix(rows: rows, columns: columns, elements: numbers(rows * columns))
  }

  mutating func constant(_ dimensions: [Int]) -> Operation.Constant {
    Operation.Constant(shape: Shape(dimensions), values: numbers(dimensions.reduce(1, *)))
  }

  mutating func integer(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

  /// Every activation function.
  static let activations: [Activation] = [
    .relu, .leakyReLU(slope: 0.125), .tanh, .sigmoid, .elu(alpha: 0.5), .softplus, .clip(lower: -1, upper: 2),
    .hardSigmoid(slope: 0.25, offset: 0.5), .gelu, .geluTanh, .silu, .mish, .hardSwish, .absoluteValue,
  ]

  /// A fully connected network with biases on some layers.
  mutating func perceptron(layers: Int) throws -> Network {
    var network = Network()
    var width = integer(1...6)
    var node = network.addInput(name: "x", shape: [1, width])
    for layer in 0..<layers {
      let next = integer(1...6)
      let bias = layer.isMultiple(of: 2) ? numbers(next) : nil
      node = try network.add(.dense(weight: matrix(next, width), bias: bias), name: "dense\(layer)", to: [node])
      if layer < layers - 1 { node = try network.add(.activation(.relu), name: "relu\(layer)", to: [node]) }
      width = next
    }
    try network.setOutputs([node], names: ["y"])
    return network
  }

  /// A chain of random operations on images, with a skip and several outputs.
  mutating func image() throws -> Network {
    var network = Network()
    let channels = 2 * integer(1...2)
    let side = integer(5...8)
    let input = network.addInput(name: "image", shape: [1, channels, side, side])
    let convolution = Operation.Convolution(
      weight: matrix(channels, channels * 9), bias: numbers(channels), kernel: [3, 3], padBefore: [1, 1], padAfter: [1, 1])
    var node = try network.add(.convolution(convolution), name: "conv", to: [input])
    let grouped = Operation.Convolution(
      weight: matrix(channels, channels / 2 * 6), kernel: [3, 2], strides: [2, 1], dilations: [1, 2], padBefore: [1, 0], padAfter: [2, 2],
      groups: 2)
    let normalisation = Operation.BatchNormalization(
      scale: numbers(channels), shift: numbers(channels), mean: numbers(channels), variance: numbers(channels).map { abs($0) },
      epsilon: 0.0078125)
    node = try network.add(.batchNormalization(normalisation), name: "norm", to: [node])
    let activation = Self.activations[integer(0...Self.activations.count - 1)]
    node = try network.add(.activation(activation), name: "act", to: [node])
    node = try network.add(.sum(signs: [1, Bool.random(using: &generator) ? 1 : -1]), name: "skip", to: [node, input])
    let side1 = try network.add(.convolution(grouped), name: "grouped", to: [node])
    let pooling = Operation.Pooling(kernel: [2, 2], strides: [2, 2], padBefore: [1, 0], padAfter: [0, 1], ceilMode: integer(0...1) == 1)
    let average = Operation.Pooling(
      kernel: [2, 3], strides: [1, 2], padBefore: [1, 1], padAfter: [1, 1], countsPadding: integer(0...1) == 1)
    let maximum = try network.add(.maxPool(pooling), name: "maxpool", to: [node])
    let mean = try network.add(.averagePool(average), name: "avgpool", to: [maximum])
    let global = try network.add(.globalAveragePool, name: "global", to: [side1])
    let sorted = try network.add(.groupSort(size: 2, axis: 1), name: "maxmin", to: [mean])
    let slopes = constant([channels, 1, 1])
    let sloped = try network.add(.parametricReLU(slopes: slopes), name: "prelu", to: [sorted])
    let flat = try network.add(.reshape([1, network.nodes[global].shape.count]), name: "flat", to: [global])
    let dense = try network.add(.dense(weight: matrix(3, channels), bias: numbers(3)), name: "dense", to: [flat])
    try network.setOutputs([dense, sloped, sorted], names: ["class", "sloped", "sorted"])
    return network
  }

  /// Arithmetic, rearrangement and reductions on tensors of three axes, with two inputs.
  mutating func arithmetic() throws -> Network {
    var network = Network()
    let (a, b) = (integer(2...4), 2 * integer(1...3))
    let x = network.addInput(name: "x", shape: [2, a, b])
    let z = network.addInput(name: "z", shape: [2, a, b])
    var node = try network.add(.addConstant(constant([a, 1]), sign: -1), name: "from", to: [x])
    node = try network.add(.multiplyConstant(constant([b])), name: "times", to: [node])
    node = try network.add(.divideConstant(constant([1])), name: "over", to: [node])
    node = try network.add(.addConstant(constant([2, 1, 1]), sign: 1), name: "plus", to: [node])
    let dense = try network.add(.dense(weight: matrix(b, b), bias: numbers(b)), name: "dense", to: [node])
    let plain = try network.add(.dense(weight: matrix(b, b), bias: nil), name: "plain", to: [dense])
    let sum = try network.add(.sum(signs: [1, 1, 1]), name: "sum", to: [dense, plain, z])
    let minus = try network.add(.sum(signs: [-1]), name: "minus", to: [sum])
    let maximum = try network.add(.maximum, name: "max", to: [minus, z])
    let minimum = try network.add(.minimum, name: "min", to: [maximum, dense])
    let transposed = try network.add(.transpose(permutation: [2, 0, 1]), name: "transpose", to: [minimum])
    let sliced = try network.add(
      .slice(starts: [b - 1, 0, a - 1], ends: [-1, 2, 0], steps: [-1, 1, -1]), name: "slice", to: [transposed])
    let padded = try network.add(.pad(before: [1, 0, 0], after: [0, 2, -1].map { max($0, 0) }, value: 0.5), name: "pad", to: [sliced])
    let gathered = try network.add(.gather(axis: 1, indices: [1, 0, 1], keepsAxis: true), name: "gather", to: [padded])
    let picked = try network.add(.gather(axis: 1, indices: [1], keepsAxis: false), name: "pick", to: [padded])
    let joined = try network.add(.concatenation(axis: 1), name: "concat", to: [gathered, padded])
    let mean = try network.add(.reduction(axes: [0, 2], keepsAxes: true, isMean: true), name: "mean", to: [joined])
    let total = try network.add(.reduction(axes: [1], keepsAxes: false, isMean: false), name: "total", to: [joined])
    try network.setOutputs([mean, total, picked, x], names: ["mean", "total", "picked", "same"])
    return network
  }

  /// One network for every activation function.
  mutating func activation(_ activation: Activation) throws -> Network {
    var network = Network()
    let x = network.addInput(name: "x", shape: [1, 8])
    let y = try network.add(.activation(activation), name: "act", to: [x])
    try network.setOutputs([y], names: ["y"])
    return network
  }

  /// Inputs for a network.
  mutating func inputs(for network: Network) -> [[Double]] { network.inputs.map { numbers(network.nodes[$0].shape.count) } }
}

/// Everything a network holds, for comparisons.
func contents(_ network: Network) -> String {
  let nodes = network.nodes.map { "\($0.name) \($0.inputs) \($0.shape) \($0.operation)" }
  return nodes.joined(separator: "\n") + "\n\(network.inputs) \(network.outputs) \(network.outputNames)"
}
