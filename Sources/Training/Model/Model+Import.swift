import LinearAlgebra
import Networks

extension Model {
  /// A saved network as a model with its numbers, for fast evaluation and attacks.
  ///
  /// The network takes one tensor, 1 × channels × height × width or 1 × n, and its operations are those that layers have: dense, convolution
  /// and pooling over two axes, batch normalisation, activations, sums, sorting and selection of channels, a factor or an offset for each
  /// channel, and flattening.
  ///
  /// - Throws: ``TrainingError/unsupported(node:detail:)`` for other operations; `Evaluator` knows them all.
  public static func importing(_ network: Network) throws(TrainingError) -> (model: Model, state: ModelState<Element>) {
    var importer = try NetworkImporter<Element>(network)
    for (index, node) in network.nodes.enumerated() where index != network.inputs[0] { try importer.add(node, at: index) }
    return try importer.finished()
  }
}

/// A model under construction from a network's nodes.
private struct NetworkImporter<Element: Scalar> {
  private let network: Network
  private var model: Model<Element>
  private var state = ModelState<Element>(parameters: [], statistics: [])
  /// The model's node for each node of the network.
  private var places: [Int: Int]

  init(_ network: Network) throws(TrainingError) {
    guard network.inputs.count == 1, network.outputs.count == 1 else {
      throw .unsupported(node: "network", detail: "\(network.inputs.count) inputs and \(network.outputs.count) outputs instead of one each")
    }
    self.network = network
    let node = network.nodes[network.inputs[0]]
    model = Model(input: try Self.feature(node.shape, node.name))
    places = [network.inputs[0]: 0]
  }

  /// The model, whose last node must be the network's output.
  func finished() throws(TrainingError) -> (Model<Element>, ModelState<Element>) {
    guard places[network.outputs[0]] == model.nodes.count - 1 else {
      throw .unsupported(node: network.nodes[network.outputs[0]].name, detail: "other nodes follow the output")
    }
    return (model, state)
  }

  private static func feature(_ shape: Shape, _ node: String) throws(TrainingError) -> FeatureShape {
    switch shape.dimensions {
    case let axes where axes.count == 4 && axes[0] == 1: FeatureShape(height: axes[2], width: axes[3], channels: axes[1])
    case let axes where axes.count == 2 && axes[0] == 1: .vector(axes[1])
    default: throw .unsupported(node: node, detail: "a tensor of shape \(shape)")
    }
  }

  mutating func add(_ node: Network.Node, at index: Int) throws(TrainingError) {
    let shapes = node.inputs.map { network.nodes[$0].shape }
    let feature = try Self.feature(node.shape, node.name)
    func refused(_ detail: String) -> TrainingError { .unsupported(node: node.name, detail: detail) }
    switch node.operation {
    case .input: throw refused("a second input")
    case .dense(let weight, let bias):
      guard shapes[0].rank == 2 else { throw refused("a dense layer on \(shapes[0])") }
      let layer = DenseLayer<Element>(name(node, index), inputs: weight.columns, outputs: weight.rows, hasBias: bias != nil)
      try append(layer, node, index, [weight.elements, bias ?? []])
    case .convolution(let convolution):
      try append(
        Self.layer(convolution, shapes[0], name(node, index), refused), node, index, [convolution.weight.elements, convolution.bias ?? []])
    case .batchNormalization(let values):
      let layer = BatchNormalizationLayer<Element>(name(node, index), channels: values.scale.count, epsilon: Float(values.epsilon))
      try append(layer, node, index, [values.scale, values.shift], statistics: [values.mean, values.variance])
    case .activation(let activation): try append(ActivationLayer<Element>(name(node, index), activation), node, index)
    case .sum(let signs):
      guard shapes.allSatisfy({ $0 == node.shape }) else { throw refused("a sum that broadcasts") }
      try append(SumLayer<Element>(name(node, index), coefficients: signs.map { Element($0) }), node, index)
    case .maxPool(let pooling):
      try append(MaximumPoolLayer<Element>(name(node, index), try Self.window(pooling, refused)), node, index)
    case .averagePool(let pooling):
      let window = try Self.window(pooling, refused)
      try append(AveragePoolLayer<Element>(name(node, index), window, countsPadding: pooling.countsPadding), node, index)
    case .globalAveragePool: try append(AveragePoolLayer<Element>.global(name(node, index)), node, index)
    case .reduction(let axes, _, true) where axes.sorted() == [2, 3] && shapes[0].rank == 4:
      try append(AveragePoolLayer<Element>.global(name(node, index)), node, index)
    case .groupSort(let size, axis: 1): try append(GroupSortLayer<Element>(name(node, index), size: size), node, index)
    case .gather(axis: 1, let indices, keepsAxis: true):
      try append(ChannelSelectionLayer<Element>(name(node, index), of: shapes[0][1], sources: indices), node, index)
    case .pad(let before, let after, value: 0) where (before + after).enumerated().allSatisfy({ $1 == 0 || $0 % before.count == 1 }):
      let sources = (0..<node.shape[1]).map { (0..<shapes[0][1]).contains($0 - before[1]) ? $0 - before[1] : nil }
      try append(ChannelSelectionLayer<Element>(name(node, index), of: shapes[0][1], sources: sources), node, index)
    case .addConstant(let constant, let sign) where sign == 1:
      let offsets = try Self.channels(constant, node.shape, refused)
      let ones = offsets.map { _ in Element(1) }
      try append(InputNormalizationLayer<Element>(name(node, index), mean: offsets.map { Element(-$0) }, deviation: ones), node, index)
    case .divideConstant(let constant), .multiplyConstant(let constant):
      var divisors = try Self.channels(constant, node.shape, refused)
      if case .multiplyConstant = node.operation { divisors = divisors.map { 1 / $0 } }
      guard divisors.allSatisfy({ $0 > 0 }) else { throw refused("factors that are not positive") }
      let zeros = divisors.map { _ in Element(0) }
      try append(
        InputNormalizationLayer<Element>(name(node, index), mean: zeros, deviation: divisors.map { Element($0) }), node, index)
    case .reshape where try Self.feature(shapes[0], node.name) == feature: places[index] = places[node.inputs[0]]
    case .reshape where feature.isVector: try append(FlattenLayer<Element>(name(node, index)), node, index)
    default: throw refused("no layer computes this operation")
    }
    guard let place = places[index], model.nodes[place].shape == feature else { throw refused("an output of shape \(node.shape)") }
  }

  private mutating func append(
    _ layer: some Layer<Element>, _ node: Network.Node, _ index: Int, _ parameters: [[Double]] = [], statistics: [[Double]] = []
  ) throws(TrainingError) {
    var inputs: [Int] = []
    for input in node.inputs {
      guard let place = places[input] else { throw .unsupported(node: node.name, detail: "its input comes after it") }
      inputs.append(place)
    }
    places[index] = try model.add(layer, to: inputs)
    state.parameters += parameters.joined().map { Element($0) }
    state.statistics += statistics.joined().map { Element($0) }
  }

  /// Names of model files need not be unique or there at all.
  private func name(_ node: Network.Node, _ index: Int) -> String { "\(index).\(node.name)" }

  private static func layer(
    _ convolution: Operation.Convolution, _ input: Shape, _ name: String, _ refused: (String) -> TrainingError
  ) throws(TrainingError) -> ConvolutionLayer<Element> {
    guard input.rank == 4, convolution.kernel.count == 2, convolution.dilations == [1, 1] else {
      throw refused("a convolution with dilations or of other axes")
    }
    let (before, after) = (convolution.padBefore, convolution.padAfter)
    return ConvolutionLayer(
      name, inputs: input[1], outputs: convolution.weight.rows,
      kernel: .init(height: convolution.kernel[0], width: convolution.kernel[1]),
      stride: .init(height: convolution.strides[0], width: convolution.strides[1]),
      padding: .init(top: before[0], left: before[1], bottom: after[0], right: after[1]), groups: convolution.groups,
      hasBias: convolution.bias != nil)
  }

  private static func window(_ pooling: Operation.Pooling, _ refused: (String) -> TrainingError) throws(TrainingError) -> PoolWindow {
    guard pooling.kernel.count == 2, pooling.dilations == [1, 1], pooling.padBefore == pooling.padAfter else {
      throw refused("a pool with dilations, uneven padding or of other axes")
    }
    return PoolWindow(
      height: pooling.kernel[0], width: pooling.kernel[1], strideHeight: pooling.strides[0], strideWidth: pooling.strides[1],
      padHeight: pooling.padBefore[0], padWidth: pooling.padBefore[1])
  }

  /// One number for each channel of a constant that broadcasts to `shape` along the other axes.
  private static func channels(
    _ constant: Operation.Constant, _ shape: Shape, _ refused: (String) -> TrainingError
  ) throws(TrainingError) -> [Double] {
    let channels = shape[1]
    if constant.values.count == 1 { return [Double](repeating: constant.values[0], count: channels) }
    let axes = [Int](repeating: 1, count: max(0, shape.rank - constant.shape.rank)) + constant.shape.dimensions
    guard constant.values.count == channels, axes.count == shape.rank, axes[1] == channels else {
      throw refused("a constant of shape \(constant.shape) on \(shape)")
    }
    return constant.values
  }
}
