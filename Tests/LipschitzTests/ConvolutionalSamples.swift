import LinearAlgebra
import Networks

/// Small convolutional networks with random weights.
enum ConvolutionalSamples {
  /// One layer of a sample.
  enum Layer {
    case convolution(channels: Int, kernel: Int, stride: Int, padding: Int)
    case activation(Activation)
    case averagePool(Int)
    case maxPool(Int)
    case normalization
    /// x + conv(φ(conv(x))), kernels 3 × 3.
    case residual(Activation)
    case flatten
    case dense(Int)
  }

  /// A sample with its name.
  struct Sample: Sendable, CustomStringConvertible {
    let description: String
    let build: @Sendable (Int) throws -> Network
  }

  static func network(_ layers: [Layer], channels: Int, height: Int, width: Int, seed: UInt64) throws -> Network {
    var random = SplitMix64(seed: seed)
    var network = Network()
    var node = network.addInput(name: "input", shape: Shape([1, channels, height, width]))
    func shape() -> Shape { network.nodes[node].shape }
    func convolve(_ outputs: Int, _ kernel: Int, _ stride: Int, _ padding: Int, name: String) throws {
      let inputs = shape()[1]
      let fan = Double(inputs * kernel * kernel)
      let weight: Matrix<Double> = random.gaussianMatrix(
        rows: outputs, columns: inputs * kernel * kernel, deviation: 1.6 / fan.squareRoot())
      node = try network.add(
        .convolution(
          .init(
            weight: weight, kernel: [kernel, kernel], strides: [stride, stride], padBefore: [padding, padding],
            padAfter: [padding, padding])),
        name: name, to: [node])
    }
    for (place, layer) in layers.enumerated() {
      let name = "layer\(place)"
      switch layer {
      case .convolution(let outputs, let kernel, let stride, let padding): try convolve(outputs, kernel, stride, padding, name: name)
      case .activation(let activation): node = try network.add(.activation(activation), name: name, to: [node])
      case .averagePool(let size):
        node = try network.add(.averagePool(.init(kernel: [size, size], strides: [size, size])), name: name, to: [node])
      case .maxPool(let size):
        node = try network.add(.maxPool(.init(kernel: [size, size], strides: [size, size])), name: name, to: [node])
      case .normalization:
        let count = shape()[1]
        node = try network.add(
          .batchNormalization(
            .init(
              scale: (0..<count).map { _ in 0.5 + random.nextUniform() }, shift: Array(repeating: 0.1, count: count),
              mean: Array(repeating: 0.2, count: count), variance: (0..<count).map { _ in 0.5 + random.nextUniform() }, epsilon: 1e-5)),
          name: name, to: [node])
      case .residual(let activation):
        let start = node
        let count = shape()[1]
        try convolve(count, 3, 1, 1, name: name + "a")
        node = try network.add(.activation(activation), name: name + "b", to: [node])
        try convolve(count, 3, 1, 1, name: name + "c")
        node = try network.add(.sum(signs: [1, 1]), name: name + "d", to: [start, node])
      case .flatten: node = try network.add(.reshape(Shape([1, shape().count])), name: name, to: [node])
      case .dense(let outputs):
        let inputs = shape()[1]
        let weight: Matrix<Double> = random.gaussianMatrix(rows: outputs, columns: inputs, deviation: 1.4 / Double(inputs).squareRoot())
        node = try network.add(.dense(weight: weight, bias: nil), name: name, to: [node])
      }
    }
    try network.setOutputs([node])
    return network
  }

  private static func sample(_ name: String, channels: Int = 2, height: Int = 6, width: Int = 5, _ layers: [Layer]) -> Sample {
    Sample(description: name) { try network(layers, channels: channels, height: height, width: width, seed: UInt64($0)) }
  }

  /// Every structure that the frequency method covers, small enough to be unrolled.
  static let all: [Sample] = [
    sample(
      "zero padding",
      [
        .convolution(channels: 3, kernel: 3, stride: 1, padding: 1), .activation(.relu),
        .convolution(channels: 2, kernel: 3, stride: 1, padding: 1),
        .activation(.relu), .convolution(channels: 2, kernel: 3, stride: 1, padding: 1),
      ]),
    sample(
      "no padding, leaky", height: 7, width: 7,
      [
        .convolution(channels: 3, kernel: 2, stride: 1, padding: 0), .activation(.leakyReLU(slope: 0.2)),
        .convolution(channels: 2, kernel: 3, stride: 1, padding: 0), .activation(.tanh),
        .convolution(channels: 2, kernel: 2, stride: 1, padding: 0),
      ]),
    sample(
      "padding, leaky",
      [
        .convolution(channels: 3, kernel: 3, stride: 1, padding: 1), .activation(.leakyReLU(slope: 0.2)),
        .convolution(channels: 2, kernel: 3, stride: 1, padding: 1), .activation(.gelu),
        .convolution(channels: 2, kernel: 3, stride: 1, padding: 1),
      ]),
    sample(
      "strides", height: 9, width: 8,
      [
        .convolution(channels: 3, kernel: 3, stride: 2, padding: 1), .activation(.relu),
        .convolution(channels: 3, kernel: 3, stride: 1, padding: 1),
        .activation(.relu), .convolution(channels: 2, kernel: 2, stride: 2, padding: 1),
      ]),
    sample(
      "average pools", channels: 1, height: 8, width: 6,
      [
        .convolution(channels: 3, kernel: 3, stride: 1, padding: 1), .normalization, .activation(.relu), .averagePool(2),
        .convolution(channels: 2, kernel: 3, stride: 1, padding: 1), .activation(.softplus),
        .convolution(channels: 2, kernel: 1, stride: 1, padding: 0),
      ]),
    sample(
      "max pools", channels: 1, height: 8, width: 6,
      [
        .convolution(channels: 2, kernel: 3, stride: 1, padding: 1), .activation(.relu), .maxPool(2),
        .convolution(channels: 2, kernel: 3, stride: 1, padding: 1), .activation(.relu), .maxPool(2),
        .convolution(channels: 2, kernel: 1, stride: 1, padding: 0),
      ]),
    sample(
      "max pool of three", channels: 1, height: 7, width: 9,
      [.convolution(channels: 2, kernel: 3, stride: 1, padding: 1), .activation(.tanh), .maxPool(3), .flatten, .dense(2)]),
    sample(
      "residual",
      [
        .convolution(channels: 2, kernel: 3, stride: 1, padding: 1), .activation(.relu), .residual(.relu), .activation(.relu),
        .residual(.tanh),
        .activation(.relu), .convolution(channels: 2, kernel: 1, stride: 1, padding: 0),
      ]),
    sample(
      "dense layers behind", height: 6, width: 6,
      [
        .convolution(channels: 3, kernel: 3, stride: 1, padding: 1), .activation(.relu),
        .convolution(channels: 3, kernel: 3, stride: 2, padding: 1),
        .activation(.relu), .flatten, .dense(8), .activation(.relu), .dense(3),
      ]),
    sample(
      "pool and one dense layer", channels: 1, height: 6, width: 6,
      [.convolution(channels: 4, kernel: 3, stride: 1, padding: 1), .activation(.relu), .averagePool(2), .flatten, .dense(3)]),
  ]
}
