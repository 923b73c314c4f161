import LinearAlgebra
import Networks
import Testing

@testable import Training

extension FeatureShape {
  /// Samples of this shape in the other order: height × width × channels to channels × height × width, or back.
  func reordered<Element>(_ elements: [Element], toChannelsFirst: Bool) -> [Element] {
    stride(from: 0, to: elements.count, by: count).flatMap { start in
      (0..<count).map { place in
        let source =
          toChannelsFirst
          ? place % pixels * channels + place / pixels
          : place % channels * pixels + place / channels
        return elements[start + source]
      }
    }
  }
}

/// A state with parameters and statistics away from their special first values.
func randomState<Element: Scalar>(_ model: Model<Element>, seed: UInt64 = 1) throws -> ModelState<Element> {
  var generator = SplitMix64(seed: seed)
  var state = try model.initialState(seed: seed)
  for index in state.parameters.indices { state.parameters[index] += Element(0.3 * generator.nextGaussian()) }
  for index in state.statistics.indices { state.statistics[index] += Element(0.5 * generator.nextUniform()) }
  return state
}

/// Compares a model in evaluation mode with the network exported from it, both in double precision.
@discardableResult
func checkExport(
  _ model: Model<Double>, batch: Int = 3, seed: UInt64 = 1, tolerance: Double = 1e-12, sourceLocation: SourceLocation = #_sourceLocation
) throws -> Network {
  var generator = SplitMix64(seed: seed)
  var state = try randomState(model, seed: seed)
  let input: [Double] = generator.gaussianVector(batch * model.inputShape.count)
  let execution = Execution(model, capacity: batch)
  execution.input.elements = input
  execution.forward(&state, mode: .evaluation, random: RandomStream(seed: seed))
  let network = try model.network(state)
  let rows = model.inputShape.reordered(input, toChannelsFirst: true)
  let outputs = try network.forward(Matrix(rows: batch, columns: model.inputShape.count, elements: rows)).elements
  let expected = model.outputShape.reordered(execution.output.elements, toChannelsFirst: true)
  try #require(outputs.count == expected.count, sourceLocation: sourceLocation)
  let scale = expected.reduce(1) { max($0, abs($1)) }
  for (ours, exported) in zip(expected, outputs) where !(abs(ours - exported) <= tolerance * scale) {
    Issue.record("executed \(ours), exported \(exported)", sourceLocation: sourceLocation)
    break
  }
  return network
}

/// The output, input gradient, parameter gradient and statistics of one pass in single precision on a number of threads.
private func trace(_ model: Model<Float>, batch: Int, mode: PassMode, threads: Int) throws -> [[Float]] {
  let before = Threads.count
  Threads.count = threads
  defer { Threads.count = before }
  var generator = SplitMix64(seed: 5)
  var state = try randomState(model, seed: 5)
  let execution = Execution(model, capacity: batch)
  execution.input.elements = generator.gaussianVector(batch * model.inputShape.count)
  execution.forward(&state, mode: mode, random: RandomStream(seed: 3))
  execution.outputGradient.batch = batch
  execution.outputGradient.elements = generator.gaussianVector(batch * model.outputShape.count)
  execution.backward(state, ofParameters: true, ofInput: true)
  return [execution.output.elements, execution.inputGradient.elements, execution.parameterGradient, state.statistics]
}

/// Requires that results do not depend on the number of threads, in any bit.
func checkThreads(_ model: Model<Float>, batch: Int = 8, mode: PassMode = .training, sourceLocation: SourceLocation = #_sourceLocation)
  throws
{
  let one = try trace(model, batch: batch, mode: mode, threads: 1)
  #expect(one.allSatisfy { $0.allSatisfy(\.isFinite) }, sourceLocation: sourceLocation)
  for threads in [2, 3] {
    #expect(try trace(model, batch: batch, mode: mode, threads: threads) == one, "\(threads) threads", sourceLocation: sourceLocation)
  }
}

/// All checks of a model of one layer: gradients in every mode, and the export.
func check(
  _ layer: any Layer<Double>, on shape: FeatureShape, batch: Int = 3, sourceLocation: SourceLocation = #_sourceLocation
) throws {
  var model = Model<Double>(input: shape)
  try model.add(layer)
  for mode in [PassMode.training, .attackInTraining, .evaluation, .noisyEvaluation] {
    try checkGradients(model, batch: batch, mode: mode, sourceLocation: sourceLocation)
  }
  try checkExport(model, sourceLocation: sourceLocation)
  // A gradient that is added to another one: the layer's input is used twice.
  var twice = Model<Double>(input: shape)
  try twice.add(ActivationLayer("first", .tanh))
  let second = try twice.add(layer)
  let third = try twice.add(ActivationLayer("third", .softplus), to: [1])
  let sizes = [twice.nodes[second].shape, shape]
  let flat =
    try sizes[0] == sizes[1]
    ? [second, third]
    : [
      twice.add(DenseLayer("a", inputs: sizes[0].count, outputs: 2), to: [twice.add(FlattenLayer("c"), to: [second])]),
      twice.add(DenseLayer("b", inputs: sizes[1].count, outputs: 2), to: [twice.add(FlattenLayer("d"), to: [third])]),
    ]
  try twice.add(SumLayer("sum"), to: flat)
  try checkGradients(twice, batch: batch, sourceLocation: sourceLocation)
  try checkExport(twice, sourceLocation: sourceLocation)
}
