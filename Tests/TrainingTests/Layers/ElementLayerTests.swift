import Foundation
import LinearAlgebra
import Networks
import Testing

@testable import Training

@Suite struct ElementLayerTests {
  static let activations: [Activation] = [
    .relu, .leakyReLU(slope: 0.1), .tanh, .sigmoid, .elu(alpha: 1.5), .softplus, .clip(lower: -0.7, upper: 0.9),
    .hardSigmoid(slope: 0.2, offset: 0.5), .gelu, .geluTanh, .silu, .mish, .hardSwish, .absoluteValue,
  ]

  @Test(arguments: activations) func activationsHaveGradientsAndExport(activation: Activation) throws {
    try check(ActivationLayer("phi", activation), on: FeatureShape(height: 2, width: 3, channels: 2))
  }

  @Test(arguments: activations) func activationsAgreeWithTheirValues(activation: Activation) throws {
    let model = try singleLayer(ActivationLayer<Float>("phi", activation), .vector(317))
    var state = try model.initialState(seed: 1)
    let execution = Execution(model, capacity: 1)
    var points = (0..<301).map { Float($0 - 150) / 25 + 0.013 }
    // From 10⁻⁸ to 10⁷ with either sign.
    for power in -8..<8 { points.append((power % 2 == 0 ? 1 : -1) * Float(pow(10, Double(power)))) }
    execution.input.elements = points
    execution.forward(&state, mode: .training, random: RandomStream(seed: 1))
    execution.outputGradient.elements = [Float](repeating: 1, count: 317)
    execution.backward(state, ofParameters: true, ofInput: true)
    for (index, x) in points.enumerated() {
      let (value, slope) = (activation.value(Double(x)), activation.derivative(Double(x)))
      #expect(abs(Double(execution.output.elements[index]) - value) <= 1e-6 * max(1, abs(value)))
      #expect(abs(Double(execution.inputGradient.elements[index]) - slope) <= 1e-6)
    }
  }

  @Test func notANumberIsNotHidden() throws {
    for activation in [Activation.relu, .leakyReLU(slope: 0.1), .clip(lower: 0, upper: 1)] {
      let model = try singleLayer(ActivationLayer<Float>("phi", activation), .vector(1))
      var state = try model.initialState(seed: 1)
      let execution = Execution(model, capacity: 1)
      execution.input.elements = [.nan]
      execution.forward(&state, mode: .training, random: RandomStream(seed: 1))
      #expect(execution.output.elements[0].isNaN)
    }
  }

  private func singleLayer<Element>(_ layer: any Layer<Element>, _ shape: FeatureShape) throws -> Model<Element> {
    var model = Model<Element>(input: shape)
    try model.add(layer)
    return model
  }

  @Test(arguments: [[1.0, 1], [1, -1], [1, 0.5], [0.25, 2, 1], [-1, 1, 1]]) func sums(coefficients: [Double]) throws {
    let shape = FeatureShape(height: 2, width: 2, channels: 3)
    var model = Model<Double>(input: shape)
    let terms = try coefficients.indices.map { try model.add(ActivationLayer("phi\($0)", Self.activations[2 + $0]), to: [0]) }
    let sum = try model.add(SumLayer("sum", coefficients: coefficients), to: terms)
    try checkGradients(model)
    try checkExport(model)
    // A branch that goes around the sum has its gradient added to the shared one.
    try model.add(SumLayer("again", count: 3), to: [terms[0], sum, terms[1]])
    try checkGradients(model)
    try checkExport(model)
  }

  @Test func sumsOfTheSameNodeAndOfTheInput() throws {
    var model = Model<Double>(input: .vector(4))
    try model.add(SumLayer("twice"), to: [0, 0])
    let square = try model.add(ActivationLayer("phi", .silu))
    try model.add(SumLayer("around"), to: [square, 0])
    try checkGradients(model)
    try checkExport(model)
  }

  @Test(arguments: 1...4) func means(count: Int) throws {
    var model = Model<Double>(input: FeatureShape(height: 2, width: 1, channels: 2))
    let terms = try (0..<count).map { try model.add(ActivationLayer("phi\($0)", Self.activations[2 + $0]), to: [0]) }
    try model.add(MeanLayer("mean", count: count), to: terms)
    try checkGradients(model)
    try checkExport(model)
  }

  /// One input comes from a pool and has spatial axes in the network, the other is a plain vector.
  @Test func vectorsOfBothKindsAdd() throws {
    var model = Model<Double>(input: FeatureShape(height: 3, width: 2, channels: 4))
    let pooled = try model.add(AveragePoolLayer.global("pool"))
    let flat = try model.add(FlattenLayer("flat"), to: [0])
    let dense = try model.add(DenseLayer("dense", inputs: 24, outputs: 4), to: [flat])
    let sum = try model.add(SumLayer("sum"), to: [pooled, dense])
    try model.add(MeanLayer("mean", count: 2), to: [sum, pooled])
    try checkGradients(model)
    try checkExport(model)
  }

  @Test func flatteningOrdersByChannel() throws {
    let shape = FeatureShape(height: 2, width: 3, channels: 4)
    try check(FlattenLayer("flat"), on: shape)
    let model = try singleLayer(FlattenLayer<Float>("flat"), shape)
    var state = try model.initialState(seed: 1)
    let execution = Execution(model, capacity: 2)
    let input = (0..<48).map { Float($0) }
    execution.input.elements = input
    execution.forward(&state, mode: .evaluation, random: RandomStream(seed: 1))
    #expect(execution.output.elements == shape.reordered(input, toChannelsFirst: true))
  }

  @Test func resultsDoNotDependOnThreads() throws {
    var model = Model<Float>(input: FeatureShape(height: 20, width: 21, channels: 12))
    let relu = try model.add(ActivationLayer("relu"))
    let gelu = try model.add(ActivationLayer("gelu", .gelu))
    try model.add(SumLayer("sum"), to: [relu, gelu])
    try model.add(FlattenLayer("flat"))
    try checkThreads(model)
  }

  @Test func wrongShapesAreRefused() throws {
    var model = Model<Float>(input: .vector(5))
    let three = try model.add(DenseLayer("three", inputs: 5, outputs: 3))
    #expect(throws: TrainingError.self) { try model.add(SumLayer("sum"), to: [0, three]) }
    #expect(throws: TrainingError.self) { try model.add(SumLayer("sum"), to: [0]) }
    #expect(throws: TrainingError.self) { try model.add(SumLayer("sum", coefficients: [1, .infinity]), to: [0, 0]) }
    #expect(throws: TrainingError.self) { try model.add(MeanLayer("mean", count: 2), to: [0, three]) }
    #expect(throws: TrainingError.self) { try model.add(MeanLayer("mean", count: 3), to: [0, 0]) }
    #expect(throws: TrainingError.self) { try model.add(ActivationLayer("phi"), to: [0, 0]) }
    #expect(throws: TrainingError.self) { try model.add(FlattenLayer("flat"), to: [0, 0]) }
  }
}
