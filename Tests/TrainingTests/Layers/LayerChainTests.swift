import LinearAlgebra
import Networks
import Testing

@testable import Training

/// Layers together: the shapes they hand on, shared gradients, and what is left after export.
@Suite struct LayerChainTests {
  /// Two pre-activation residual blocks with noise behind each, the second with a shortcut of its own.
  private func residual<Element: Scalar>(_ type: Element.Type, size: Int = 6, width: Int = 4) throws -> Model<Element> {
    var model = Model<Element>(input: FeatureShape(height: size, width: size, channels: 3))
    var node = try model.add(InputNormalizationLayer("input", mean: [0.5, 0.4, 0.3], deviation: [0.25, 0.5, 1]))
    node = try model.add(ConvolutionLayer("stem", inputs: 3, outputs: width, size: 3), to: [node])
    for block in 0..<2 {
      let (inputs, outputs) = (width, width << block)
      let name = "block\(block)"
      let first = try model.add(BatchNormalizationLayer("\(name).norm1", channels: inputs, isRectified: true), to: [node])
      let shortcut =
        block == 0
        ? node : try model.add(ConvolutionLayer("\(name).shortcut", inputs: inputs, outputs: outputs, size: 1, stride: 2), to: [first])
      var branch = try model.add(
        ConvolutionLayer("\(name).conv1", inputs: inputs, outputs: outputs, size: 3, stride: 1 + block), to: [first])
      branch = try model.add(BatchNormalizationLayer("\(name).norm2", channels: outputs, isRectified: true), to: [branch])
      branch = try model.add(ConvolutionLayer("\(name).conv2", inputs: outputs, outputs: outputs, size: 3), to: [branch])
      node = try model.add(SumLayer("\(name).sum"), to: [shortcut, branch])
      node = try model.add(FeynmanKacNoiseLayer("\(name).noise"), to: [node])
    }
    node = try model.add(BatchNormalizationLayer("last", channels: 2 * width, isRectified: true), to: [node])
    node = try model.add(AveragePoolLayer.global("average"), to: [node])
    try model.add(DenseLayer("logits", inputs: 2 * width, outputs: 3), to: [node])
    return model
  }

  @Test func aResidualNetworkHasGradientsAndExport() throws {
    let model = try residual(Double.self)
    for mode in [PassMode.training, .evaluation] { try checkGradients(model, batch: 2, mode: mode, tolerance: 1e-5) }
    try checkExport(model)
  }

  @Test(arguments: [PassMode.training, .attackInTraining, .noisyEvaluation]) func aResidualNetworkIsTheSameOnAllThreads(mode: PassMode)
    throws
  {
    try checkThreads(try residual(Float.self, size: 16, width: 8), batch: 12, mode: mode)
  }

  /// Noise is gone, what can be folded is folded, and the logits are the same.
  @Test func anExportedNetworkFolds() throws {
    let network = try checkExport(try residual(Double.self))
    let folded = try network.foldingBatchNormalization()
    func normalizations(_ network: Network) -> Int {
      network.nodes.count { if case .batchNormalization = $0.operation { true } else { false } }
    }
    // Only those inside the blocks follow a convolution that nothing else reads; the first follows the stem, which the shortcut reads too.
    #expect(normalizations(network) == 5)
    #expect(normalizations(folded) == 3)
    var generator = SplitMix64(seed: 6)
    let batch: Matrix<Double> = generator.gaussianMatrix(rows: 4, columns: network.inputCount)
    let (before, after) = (try network.forward(batch).elements, try folded.forward(batch).elements)
    #expect(zip(before, after).allSatisfy { abs($0 - $1) < 1e-10 * max(1, abs($0)) })
  }

  /// A batch without samples changes nothing, the statistics included.
  @Test func anEmptyBatchIsHarmless() throws {
    let model = try residual(Float.self)
    var state = try model.initialState(seed: 1)
    let before = state
    let execution = Execution(model, capacity: 2)
    execution.input.batch = 0
    execution.forward(&state, mode: .training, random: RandomStream(seed: 1))
    execution.backward(state, ofParameters: true, ofInput: true)
    #expect(state == before)
    #expect(execution.parameterGradient.allSatisfy { $0 == 0 })
  }

  /// The fused sweep against a normalisation and a ReLU one after the other.
  @Test(arguments: [PassMode.training, .evaluation]) func fusedRectifiersAreTheSame(mode: PassMode) throws {
    let shape = FeatureShape(height: 5, width: 4, channels: 6)
    func run(isFused: Bool) throws -> [[Float]] {
      var model = Model<Float>(input: shape)
      try model.add(BatchNormalizationLayer("norm", channels: 6, isRectified: isFused))
      if !isFused { try model.add(ActivationLayer("relu")) }
      var state = try randomState(model)
      let execution = Execution(model, capacity: 7)
      var generator = SplitMix64(seed: 2)
      execution.input.elements = generator.gaussianVector(7 * shape.count)
      execution.forward(&state, mode: mode, random: RandomStream(seed: 1))
      execution.outputGradient.elements = generator.gaussianVector(7 * shape.count)
      execution.backward(state, ofParameters: true, ofInput: true)
      return [execution.output.elements, execution.inputGradient.elements, execution.parameterGradient, state.statistics]
    }
    #expect(try run(isFused: true) == run(isFused: false))
  }

  /// Members of an ensemble share the input and average their logits.
  @Test func ensemblesAverageLogits() throws {
    var model = Model<Double>(input: FeatureShape(height: 4, width: 4, channels: 2))
    var members: [Int] = []
    for member in 0..<3 {
      var node = try model.add(ConvolutionLayer("\(member).conv", inputs: 2, outputs: 4, size: 3), to: [0])
      node = try model.add(MaxMinLayer("\(member).maxmin"), to: [node])
      node = try model.add(MaximumPoolLayer("\(member).pool", PoolWindow(2)), to: [node])
      node = try model.add(FlattenLayer("\(member).flat"), to: [node])
      members.append(try model.add(DenseLayer("\(member).dense", inputs: 16, outputs: 3), to: [node]))
    }
    try model.add(MeanLayer("mean", count: 3), to: members)
    try checkGradients(model, batch: 2)
    try checkExport(model)
  }
}
