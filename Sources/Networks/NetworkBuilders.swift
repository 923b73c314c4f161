import LinearAlgebra

/// Random networks for tests, demonstrations and benchmarks, scaled so that activations keep their magnitude.
///
/// Weights are rounded to single precision, as in most stored models. The same arguments give the same network on every machine.
public enum NetworkBuilders {
  /// A multilayer perceptron: dense layers of the given widths (input first, output last) with an activation between them.
  ///
  /// - Throws: ``NetworkError`` when there are fewer than two widths or one is not positive.
  public static func multilayerPerceptron(widths: [Int], activation: Activation = .relu, seed: UInt64) throws -> Network {
    try perceptron(widths: widths, between: .activation(activation), gain: 2, seed: seed)
  }

  /// A multilayer perceptron whose hidden layers are sorted within groups of units; MaxMin is size 2. Sorting keeps magnitudes, so that
  /// weights have variance 1 / inputs.
  ///
  /// - Throws: ``NetworkError`` when there are fewer than two widths, one is not positive, or the size does not divide a hidden width.
  public static func sortingPerceptron(widths: [Int], groupSize: Int = 2, seed: UInt64) throws -> Network {
    guard groupSize >= 2, widths.dropFirst().dropLast().allSatisfy({ $0 % groupSize == 0 }) else {
      throw NetworkError.invalidInput(
        node: "perceptron", detail: "groups of \(groupSize) units in hidden widths \(widths.dropFirst().dropLast())")
    }
    return try perceptron(widths: widths, between: .groupSort(size: groupSize, axis: 1), gain: 1, seed: seed)
  }

  private static func perceptron(widths: [Int], between: Operation, gain: Double, seed: UInt64) throws -> Network {
    guard widths.count >= 2, widths.allSatisfy({ $0 > 0 }) else {
      throw NetworkError.invalidInput(node: "perceptron", detail: "widths \(widths)")
    }
    var random = SplitMix64(seed: seed)
    var network = Network()
    var node = network.addInput(name: "input", shape: [1, widths[0]])
    for layer in 1..<widths.count {
      let isLast = layer == widths.count - 1
      let dense = denseOperation(widths[layer], widths[layer - 1], gain: isLast ? 1 : gain, &random)
      node = try network.add(dense, name: "dense\(layer)", to: [node])
      if !isLast { node = try network.add(between, name: "activation\(layer)", to: [node]) }
    }
    try network.setOutputs([node])
    return network
  }

  /// A convolutional network on channels × size × size images: 3×3 convolutions with padding, stride 2 after the first unless strides are
  /// given, an activation, then a dense layer.
  ///
  /// - Throws: ``NetworkError`` when a size does not work out.
  public static func convolutional(
    inputChannels: Int = 1, size: Int = 8, channels: [Int] = [4, 8], strides: [Int]? = nil, outputs: Int = 10,
    activation: Activation = .relu, seed: UInt64
  ) throws -> Network {
    guard strides?.count ?? channels.count == channels.count, strides?.allSatisfy({ $0 > 0 }) ?? true else {
      throw NetworkError.invalidInput(node: "conv1", detail: "\(strides ?? []) are no strides of \(channels.count) convolutions")
    }
    var random = SplitMix64(seed: seed)
    var network = Network()
    var node = network.addInput(name: "input", shape: try Shape.checked([1, inputChannels, size, size], node: "input"))
    var width = inputChannels
    for (layer, next) in channels.enumerated() {
      let convolution = convolution(next, width, kernel: 3, stride: strides?[layer] ?? (layer == 0 ? 1 : 2), bias: true, gain: 2, &random)
      node = try network.add(convolution, name: "conv\(layer + 1)", to: [node])
      node = try network.add(.activation(activation), name: "activation\(layer + 1)", to: [node])
      width = next
    }
    let count = network.nodes[node].shape.count
    node = try network.add(.reshape([1, count]), name: "flatten", to: [node])
    node = try network.add(denseOperation(outputs, count, gain: 1, &random), name: "dense", to: [node])
    try network.setOutputs([node])
    return network
  }

  /// A chain of 3×3 convolutions of stride 1 with an activation between each two; the output is the last one's image.
  ///
  /// - Parameters:
  ///   - image: channels, height and width of the input.
  ///   - channels: the channels of each convolution.
  ///   - isPadded: whether images keep their size; otherwise each convolution takes off a border of one pixel.
  ///   - activation: the activation function.
  ///   - seed: of the weights.
  /// - Throws: ``NetworkError`` when a size does not work out.
  public static func convolutionChain(
    image: [Int] = [3, 32, 32], channels: [Int] = [16, 16, 16], isPadded: Bool = true, activation: Activation = .relu, seed: UInt64
  ) throws -> Network {
    var random = SplitMix64(seed: seed)
    var network = Network()
    var node = network.addInput(name: "input", shape: try Shape.checked([1] + image, node: "input"))
    var width = image.first ?? 1
    for (layer, next) in channels.enumerated() {
      let isLast = layer == channels.count - 1
      let convolution = convolution(
        next, width, kernel: 3, stride: 1, bias: true, gain: isLast ? 1 : 2, isPadded: isPadded, &random)
      node = try network.add(convolution, name: "conv\(layer + 1)", to: [node])
      if !isLast { node = try network.add(.activation(activation), name: "activation\(layer + 1)", to: [node]) }
      width = next
    }
    try network.setOutputs([node])
    return network
  }

  /// How a residual network's shortcut changes its shape between stages.
  public enum Shortcut: Sendable {
    /// A 1×1 convolution with stride 2.
    case convolution
    /// Every second pixel, padded with zero channels (option A of the residual network paper).
    case padding
  }

  /// A residual network for 3×32×32 images: a 3×3 convolution, three stages of residual blocks with 16, 32 and 64 channels (or `width` times
  /// 1, 2 and 4), global average, ten outputs. Three blocks a stage make ResNet-20.
  ///
  /// He, Zhang, Ren, Sun: "Deep residual learning for image recognition", arXiv 1512.03385, section 4.2.
  ///
  /// - Parameters:
  ///   - blocks: residual blocks in a stage.
  ///   - width: the channels of the first stage; each later stage has twice as many.
  ///   - size: height and width of the images.
  ///   - shortcut: how a shortcut changes its shape between stages.
  ///   - isFolded: whether batch normalisation is folded into biased convolutions instead of standing on its own.
  ///   - seed: of the weights.
  /// - Throws: ``NetworkError`` when a size does not work out.
  public static func residual(
    blocks: Int = 3, width: Int = 16, size: Int = 32, shortcut: Shortcut = .convolution, isFolded: Bool = false, seed: UInt64
  ) throws -> Network {
    var random = SplitMix64(seed: seed)
    var network = Network()

    func normalized(_ input: Int, _ outputs: Int, _ inputs: Int, kernel: Int, stride: Int, gain: Double, _ name: String) throws -> Int {
      let operation = convolution(outputs, inputs, kernel: kernel, stride: stride, bias: isFolded, gain: gain, &random)
      let node = try network.add(operation, name: name, to: [input])
      return isFolded ? node : try network.add(normalization(outputs, &random), name: name + ".bn", to: [node])
    }

    let input = network.addInput(name: "input", shape: try Shape.checked([1, 3, size, size], node: "input"))
    var node = try normalized(input, width, 3, kernel: 3, stride: 1, gain: 2, "conv")
    node = try network.add(.activation(.relu), name: "relu", to: [node])
    var channels = width
    // The branches' variances sum to about that of the trunk.
    let branchGain = 2 / Double(max(1, 3 * blocks))
    for stage in 0..<3 {
      for block in 0..<blocks {
        let name = "stage\(stage + 1).block\(block + 1)"
        let isReduction = stage > 0 && block == 0
        let next = isReduction ? 2 * channels : channels
        var branch = try normalized(node, next, channels, kernel: 3, stride: isReduction ? 2 : 1, gain: 2, name + ".conv1")
        branch = try network.add(.activation(.relu), name: name + ".relu1", to: [branch])
        branch = try normalized(branch, next, next, kernel: 3, stride: 1, gain: branchGain, name + ".conv2")
        var trunk = node
        if isReduction {
          switch shortcut {
          case .convolution: trunk = try normalized(node, next, channels, kernel: 1, stride: 2, gain: 1, name + ".shortcut")
          case .padding:
            let shape = network.nodes[node].shape
            let slice = Operation.slice(starts: [0, 0, 0, 0], ends: shape.dimensions, steps: [1, 1, 2, 2])
            trunk = try network.add(slice, name: name + ".slice", to: [node])
            let pad = Operation.pad(before: [0, channels / 2, 0, 0], after: [0, next - channels - channels / 2, 0, 0], value: 0)
            trunk = try network.add(pad, name: name + ".pad", to: [trunk])
          }
        }
        node = try network.add(.sum(signs: [1, 1]), name: name + ".sum", to: [branch, trunk])
        node = try network.add(.activation(.relu), name: name + ".relu2", to: [node])
        channels = next
      }
    }
    node = try network.add(.globalAveragePool, name: "average", to: [node])
    node = try network.add(.reshape([1, channels]), name: "flatten", to: [node])
    node = try network.add(denseOperation(10, channels, gain: 1, &random), name: "dense", to: [node])
    try network.setOutputs([node])
    return network
  }

  /// Normal weights of variance gain / inputs and small biases.
  private static func denseOperation(_ outputs: Int, _ inputs: Int, gain: Double, _ random: inout SplitMix64) -> Operation {
    .dense(weight: weights(outputs, inputs, gain: gain, &random), bias: stored(outputs, deviation: 0.1, &random))
  }

  private static func convolution(
    _ outputs: Int, _ inputs: Int, kernel: Int, stride: Int, bias: Bool, gain: Double, isPadded: Bool = true, _ random: inout SplitMix64
  ) -> Operation {
    let pad = isPadded ? [kernel / 2, kernel / 2] : [0, 0]
    return .convolution(
      Operation.Convolution(
        weight: weights(outputs, inputs * kernel * kernel, gain: gain, &random),
        bias: bias ? stored(outputs, deviation: 0.1, &random) : nil, kernel: [kernel, kernel], strides: [stride, stride], padBefore: pad,
        padAfter: pad))
  }

  /// Factors near one.
  private static func normalization(_ channels: Int, _ random: inout SplitMix64) -> Operation {
    .batchNormalization(
      Operation.BatchNormalization(
        scale: stored(channels, deviation: 0.1, &random).map { 1 + $0 }, shift: stored(channels, deviation: 0.1, &random),
        mean: stored(channels, deviation: 0.1, &random), variance: stored(channels, deviation: 0.1, &random).map { 1 + $0.magnitude },
        epsilon: Double(Float(1e-5))))
  }

  private static func weights(_ rows: Int, _ columns: Int, gain: Double, _ random: inout SplitMix64) -> Matrix<Double> {
    Matrix(rows: rows, columns: columns, elements: stored(rows * columns, deviation: (gain / Double(columns)).squareRoot(), &random))
  }

  /// Normal numbers as single precision stores them.
  private static func stored(_ count: Int, deviation: Double, _ random: inout SplitMix64) -> [Double] {
    (0..<count).map { _ in Double(Float(deviation * random.nextGaussian())) }
  }
}
