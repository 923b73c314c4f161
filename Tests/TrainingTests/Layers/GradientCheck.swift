import LinearAlgebra
import Testing

@testable import Training

/// Compares the gradients of a model with central differences, for all inputs and parameters, in double precision.
///
/// The loss is a fixed random linear function of the outputs, so every output counts. Central differences of step h have an error of order
/// h² from curvature and ε/h from rounding: with h = 10⁻⁵ about 10⁻¹⁰ each for values near one, so 10⁻⁶ (relative to the largest gradient)
/// leaves room and no wrong formula passes.
func checkGradients(
  _ model: Model<Double>, batch: Int = 3, seed: UInt64 = 1, mode: PassMode = .training, tolerance: Double = 1e-6,
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  var generator = SplitMix64(seed: seed)
  var state = try model.initialState(seed: seed)
  // Scales, shifts and statistics away from their special first values.
  for index in state.parameters.indices { state.parameters[index] += 0.3 * generator.nextGaussian() }
  for index in state.statistics.indices { state.statistics[index] += 0.5 * generator.nextUniform() }
  let random = RandomStream(seed: seed).stream(.noise)
  let execution = Execution(model, capacity: batch)
  let weights: [Double] = generator.gaussianVector(batch * model.outputShape.count)
  let input: [Double] = generator.gaussianVector(batch * model.inputShape.count)
  func loss(_ input: [Double], _ state: ModelState<Double>) -> Double {
    var copy = state
    execution.input.elements = input
    execution.forward(&copy, mode: mode, random: random)
    return zip(execution.output.elements, weights).reduce(0) { $0 + $1.0 * $1.1 }
  }
  _ = loss(input, state)
  execution.outputGradient.batch = batch
  execution.outputGradient.elements = weights
  execution.clearParameterGradient()
  execution.backward(state, ofParameters: true, ofInput: true)
  let (ofInput, ofParameters) = (execution.inputGradient.elements, execution.parameterGradient)

  // Where a unit with a kink changes sides between the two points, the difference is neither slope; a hundredth of the step then tells.
  func compare(_ gradient: [Double], _ what: (Int) -> String, _ difference: (Int, Double) -> Double) {
    let differences = gradient.indices.map { difference($0, 1e-5) }
    let scale = max(1e-3, differences.map(abs).max() ?? 0)
    func agrees(_ index: Int, _ value: Double) -> Bool { abs(gradient[index] - value) <= tolerance * scale }
    for index in gradient.indices where !agrees(index, differences[index]) && !agrees(index, difference(index, 1e-7)) {
      Issue.record("\(what(index)): \(gradient[index]) against \(differences[index])", sourceLocation: sourceLocation)
      return
    }
  }
  compare(ofInput, { "input \($0)" }) { index, h in
    var (up, down) = (input, input)
    up[index] += h
    down[index] -= h
    return (loss(up, state) - loss(down, state)) / (2 * h)
  }
  compare(ofParameters, { index in "parameter \(model.parameters.first { $0.range.contains(index) }?.name ?? "") \(index)" }) { index, h in
    var (up, down) = (state, state)
    up.parameters[index] += h
    down.parameters[index] -= h
    return (loss(input, up) - loss(input, down)) / (2 * h)
  }

  // Gradients wanted alone are the same, and parameter gradients add up.
  _ = loss(input, state)
  execution.outputGradient.elements = weights
  execution.backward(state, ofParameters: false, ofInput: true)
  #expect(execution.inputGradient.elements == ofInput, sourceLocation: sourceLocation)
  #expect(execution.parameterGradient == ofParameters, sourceLocation: sourceLocation)
  execution.outputGradient.elements = weights
  execution.backward(state, ofParameters: true, ofInput: false)
  for (twice, once) in zip(execution.parameterGradient, ofParameters) {
    #expect(abs(twice - 2 * once) <= 1e-9 * max(1, abs(once)), sourceLocation: sourceLocation)
  }
}
