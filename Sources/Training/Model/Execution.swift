import LinearAlgebra

/// The memory in which a model is run forwards and backwards, made once for batches up to a capacity.
///
/// A backward pass belongs to the forward pass before it. Gradients of activations live only as long as they are needed, so their memory goes
/// round and stays in the caches.
public final class Execution<Element: Scalar> {
  /// The model.
  public let model: Model<Element>
  /// The most samples in a batch.
  public let capacity: Int
  /// The input; write a batch here before a forward pass.
  public let input: Tensor<Element>
  /// The gradient of the loss with respect to the input, after a backward pass that wanted it.
  public let inputGradient: Tensor<Element>
  /// The gradient of the loss with respect to the output; write it here before a backward pass.
  public let outputGradient: Tensor<Element>
  /// The gradient of the loss with respect to the parameters: backward passes add to it, ``clearParameterGradient()`` makes it zero.
  public private(set) var parameterGradient: [Element]

  private let values: [Tensor<Element>]
  private let memories: [LayerMemory<Element>]
  /// Whether a node's output depends on a parameter.
  private let dependsOnParameters: [Bool]
  private var mode = PassMode.evaluation
  private var random = RandomStream(seed: 0)
  private var pool: [Int: [Tensor<Element>]] = [:]

  /// Memory for batches of up to `capacity` samples.
  public init(_ model: Model<Element>, capacity: Int) {
    self.model = model
    self.capacity = capacity
    values = model.nodes.map { Tensor(capacity: capacity, shape: $0.shape) }
    memories = model.nodes.map { node in
      node.layer?.memory(capacity: capacity, inputs: node.inputs.map { model.nodes[$0].shape }) ?? LayerMemory()
    }
    var depends: [Bool] = []
    for node in model.nodes { depends.append(!node.parameters.isEmpty || node.inputs.contains { depends[$0] }) }
    dependsOnParameters = depends
    input = values[0]
    inputGradient = Tensor(capacity: capacity, shape: model.inputShape)
    outputGradient = Tensor(capacity: capacity, shape: model.outputShape)
    parameterGradient = [Element](repeating: 0, count: model.parameterCount)
  }

  /// The output of the last forward pass.
  public var output: Tensor<Element> { values[values.count - 1] }

  /// The output of one node in the last forward pass.
  public func value(of node: Int) -> Tensor<Element> { values[node] }

  /// Makes the gradient of the parameters zero.
  public func clearParameterGradient() {
    for index in parameterGradient.indices { parameterGradient[index] = 0 }
  }

  /// Changes the gradient of the parameters, such as by adding a penalty's.
  public func withParameterGradient<Result>(_ body: (inout [Element]) throws -> Result) rethrows -> Result {
    try body(&parameterGradient)
  }

  /// Computes the output of the batch in ``input``.
  ///
  /// - Parameters:
  ///   - state: the numbers of the model; its statistics change when the mode says so.
  ///   - mode: what the pass is for.
  ///   - random: the numbers of noise layers and dropout in this pass.
  public func forward(_ state: inout ModelState<Element>, mode: PassMode, random: RandomStream) {
    self.mode = mode
    self.random = random
    state.parameters.withUnsafeBufferPointer { parameters in
      state.statistics.withUnsafeMutableBufferPointer { statistics in
        for (index, node) in model.nodes.enumerated() {
          guard let layer = node.layer else { continue }
          let output = values[index]
          output.batch = input.batch
          layer.forward(
            ForwardPass(
              inputs: node.inputs.map { values[$0] }, output: output, parameters: place(parameters, node.parameters),
              statistics: place(statistics, node.statistics), memory: memories[index], mode: mode, random: random.stream(index)))
        }
      }
    }
  }

  /// Computes gradients from ``outputGradient``, which is used up.
  ///
  /// - Parameters:
  ///   - state: the numbers of the forward pass.
  ///   - ofParameters: whether to add to ``parameterGradient``.
  ///   - ofInput: whether to compute ``inputGradient``.
  public func backward(_ state: ModelState<Element>, ofParameters: Bool, ofInput: Bool) {
    let last = model.nodes.count - 1
    outputGradient.batch = input.batch
    var gradients = [Tensor<Element>?](repeating: nil, count: model.nodes.count)
    gradients[last] = outputGradient
    state.parameters.withUnsafeBufferPointer { parameters in
      state.statistics.withUnsafeBufferPointer { statistics in
        parameterGradient.withUnsafeMutableBufferPointer { parameterGradient in
          for index in model.nodes.indices.dropFirst().reversed() {
            let node = model.nodes[index]
            guard let layer = node.layer, let outputGradient = gradients[index] else { continue }
            gradients[index] = nil
            var isShared = false
            let wanted = node.inputs.enumerated().map { position, source -> BackwardPass<Element>.InputGradient? in
              guard ofInput || (ofParameters && dependsOnParameters[source]) else { return nil }
              if let known = gradients[source] { return .init(tensor: known, isAccumulating: true) }
              if position == layer.passesGradientTo, source != 0, node.inputs.filter({ $0 == source }).count == 1 {
                gradients[source] = outputGradient
                isShared = true
                return nil
              }
              let tensor = source == 0 ? inputGradient : borrow(model.nodes[source].shape)
              tensor.batch = input.batch
              gradients[source] = tensor
              return .init(tensor: tensor, isAccumulating: false)
            }
            layer.backward(
              BackwardPass(
                inputs: node.inputs.map { values[$0] }, output: values[index], outputGradient: outputGradient, inputGradients: wanted,
                parameters: place(parameters, node.parameters),
                parameterGradient: ofParameters ? place(parameterGradient, node.parameters) : nil,
                statistics: place(statistics, node.statistics), memory: memories[index], mode: mode, random: random.stream(index)))
            if !isShared, outputGradient !== self.outputGradient { pool[outputGradient.shape.count, default: []].append(outputGradient) }
          }
        }
      }
    }
  }

  private func borrow(_ shape: FeatureShape) -> Tensor<Element> {
    if let index = pool[shape.count]?.lastIndex(where: { $0.shape == shape }), let tensor = pool[shape.count]?.remove(at: index) {
      return tensor
    }
    return Tensor(capacity: capacity, shape: shape)
  }

  /// Layers without parameters get a place that they do not read.
  private func place(_ buffer: UnsafeBufferPointer<Element>, _ range: Range<Int>) -> UnsafePointer<Element> {
    buffer.baseAddress.map { $0 + range.lowerBound } ?? UnsafePointer(input.base)
  }

  private func place(_ buffer: UnsafeMutableBufferPointer<Element>, _ range: Range<Int>) -> UnsafeMutablePointer<Element> {
    buffer.baseAddress.map { $0 + range.lowerBound } ?? input.base
  }
}
