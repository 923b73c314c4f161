import LinearAlgebra
import Networks
import Testing

@testable import Training

@Suite struct LipschitzProductTests {
  private static func chain() throws -> Model<Double> {
    var model = Model<Double>(input: FeatureShape(height: 6, width: 6, channels: 2))
    try model.add(ConvolutionLayer("convolution", inputs: 2, outputs: 3, size: 3, stride: 2, hasBias: true))
    try model.add(ActivationLayer("relu"))
    try model.add(FlattenLayer("flatten"))
    try model.add(DenseLayer("dense", inputs: 27, outputs: 5))
    try model.add(ActivationLayer("leak", .leakyReLU(slope: 2)))
    try model.add(DenseLayer("head", inputs: 5, outputs: 3))
    return model
  }

  /// A layer's matrix from its images of unit vectors, and so its norm by a singular value decomposition.
  private static func norm(_ layer: any Layer<Double>, _ input: FeatureShape, _ output: FeatureShape, _ own: ArraySlice<Double>) throws
    -> Double
  {
    let probe = LinearProbe(layer, input: input, output: output)
    probe.load(own)
    var matrix = Matrix<Double>(rows: output.count, columns: input.count)
    for column in 0..<input.count {
      var unit = [Double](repeating: 0, count: input.count)
      unit[column] = 1
      for (row, value) in probe.apply(unit).enumerated() { matrix[row, column] = value }
    }
    return try #require(try matrix.svd().values.first)
  }

  @Test func itIsTheProductOfSpectralNorms() throws {
    let model = try Self.chain()
    var state = try model.initialState(seed: 4)
    for index in state.parameters.indices { state.parameters[index] += 0.1 }
    var product = try LipschitzProduct(model, random: RandomStream(seed: 1))
    let early = product.evaluate(state.parameters, steps: 1)
    let value = product.evaluate(state.parameters, steps: 2000)
    var expected = 2.0
    for index in [1, 4] {
      let node = model.nodes[index]
      let layer = try #require(node.layer)
      expected *= try Self.norm(layer, model.nodes[index - 1].shape, node.shape, state.parameters[node.parameters])
    }
    #expect(abs(value - expected) <= 1e-9 * expected)
    // Whatever the number of steps, it is a lower estimate.
    #expect(early <= expected && early < value)
    #expect(product.norms.count == 2 && product.head.count == 15)
  }

  /// With converged vectors the gradient with fixed vectors is that of the norm itself, to first order.
  @Test func theGradientAgreesWithDifferences() throws {
    let model = try Self.chain()
    let state = try model.initialState(seed: 4)
    var product = try LipschitzProduct(model, random: RandomStream(seed: 1))
    _ = product.evaluate(state.parameters, steps: 1000)
    var gradient = [Double](repeating: 0, count: state.parameters.count)
    product.addGradient(weight: 1.5, to: &gradient)
    let start = product
    checkGradient(gradient, at: state.parameters, tolerance: 1e-6) {
      var copy = start
      return 1.5 * copy.evaluate($0, steps: 3)
    }
  }

  @Test func otherLayersAreRefused() throws {
    var model = Model<Double>(input: .vector(4))
    #expect(throws: TrainingError.self) { try LipschitzProduct(model, random: RandomStream(seed: 0)) }
    try model.add(DenseLayer("first", inputs: 4, outputs: 4))
    try model.add(BatchNormalizationLayer("normalisation", channels: 4))
    try model.add(DenseLayer("head", inputs: 4, outputs: 2))
    #expect(throws: TrainingError.self) { try LipschitzProduct(model, random: RandomStream(seed: 0)) }
  }

  /// The sectors' points with 14 coordinates more that say nothing.
  private static func sectorsAmongNoise(_ count: Int) throws -> Dataset {
    let sectors = try TrainerTests.sectors(count, seed: 1)
    var generator = SplitMix64(seed: 11)
    let samples = (0..<count).flatMap { Array(sectors.samples[2 * $0..<2 * $0 + 2]) + generator.gaussianVector(14, deviation: 0.3) }
    return try Dataset(name: "noisy sectors", shape: .vector(16), samples: samples, labels: sectors.labels, classCount: 3)
  }

  /// A network trained for a margin certifies more of its samples at the radius than one trained by cross-entropy, both by converged norms.
  @Test(arguments: [MarginLoss.addedMargin, .bottomLogit, .bottomLogitTrades(weight: 2), .efficientMargin])
  func trainingForAMarginWidensIt(_ loss: MarginLoss) throws {
    func share(_ loss: TrainingLoss) throws -> Double {
      var model = Model<Float>(input: .vector(16))
      try model.add(DenseLayer("first", inputs: 16, outputs: 16))
      try model.add(ActivationLayer("relu"))
      try model.add(DenseLayer("second", inputs: 16, outputs: 16))
      try model.add(ActivationLayer("relu again"))
      try model.add(DenseLayer("head", inputs: 16, outputs: 3))
      let data = try Self.sectorsAmongNoise(120)
      let settings = TrainingSettings(
        epochs: 40, batch: 40, optimiser: .adaptiveMoments(), schedule: LearningRateSchedule(rate: 0.01), loss: loss, seed: 2)
      let state = try Trainer(model: model, data: data, settings: settings).run().state
      var product = try LipschitzProduct(model, random: RandomStream(seed: 0))
      let constant = product.evaluate(state.parameters, steps: 500)
      let distances = HeadDistances(state.parameters[product.head], classes: 3).values
      let execution = Execution(model, capacity: data.count)
      data.copy(0..<data.count, into: execution.input)
      var copy = state
      execution.forward(&copy, mode: .evaluation, random: RandomStream(seed: 0))
      let certified = data.labels.indices.count { sample in
        let (row, y) = (execution.output.sample(sample), data.labels[sample])
        return (0..<3).allSatisfy { $0 == y || Double(row[y]) > Double(row[$0]) + 0.25 * constant * distances[3 * y + $0] }
      }
      return Double(certified) / Double(data.count)
    }
    let (trained, plain) = (try share(.margin(MarginTraining(loss, radius: 0.25))), try share(.crossEntropy()))
    #expect(trained > plain + 0.2, "\(trained) against \(plain)")
  }
}
