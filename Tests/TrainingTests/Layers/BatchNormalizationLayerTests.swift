import LinearAlgebra
import Networks
import Testing

@testable import Training

@Suite struct BatchNormalizationLayerTests {
  @Test(arguments: [false, true]) func gradientsAndExport(isRectified: Bool) throws {
    try check(BatchNormalizationLayer("norm", channels: 3, isRectified: isRectified), on: FeatureShape(height: 4, width: 3, channels: 3))
    try check(BatchNormalizationLayer("norm", channels: 5, isRectified: isRectified), on: .vector(5), batch: 6)
  }

  @Test func manyChannelsAreTreatedInStrips() throws {
    try check(BatchNormalizationLayer("norm", channels: 150), on: FeatureShape(height: 1, width: 2, channels: 150), batch: 2)
  }

  /// The definition, in double precision with two passes over the batch.
  @Test(arguments: [1, 3, 16, 128, 200], [0.0, 1000]) func forwardIsTheDefinition(channels: Int, offset: Double) throws {
    let shape = FeatureShape(height: 5, width: 7, channels: channels)
    let batch = 9
    var model = Model<Float>(input: shape)
    try model.add(BatchNormalizationLayer("norm", channels: channels, isRectified: true))
    var state = try randomState(model)
    let before = state
    var generator = SplitMix64(seed: 8)
    let input: [Float] = (0..<batch * shape.count).map { Float(offset + Double($0 % channels) + generator.nextGaussian()) }
    let execution = Execution(model, capacity: batch + 2)
    execution.input.batch = batch
    execution.input.elements = input
    execution.forward(&state, mode: .training, random: RandomStream(seed: 1))
    let pixels = batch * shape.pixels
    for channel in 0..<channels {
      let values = (0..<pixels).map { Double(input[$0 * channels + channel]) }
      let mean = values.reduce(0, +) / Double(pixels)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      let deviation = (squares / Double(pixels) + 1e-5).squareRoot()
      let (scale, shift) = (Double(before.parameters[channel]), Double(before.parameters[channels + channel]))
      let outputs = execution.output.buffer
      let error = values.enumerated().reduce(0) { worst, item in
        let expected = max(0, (item.element - mean) / deviation * scale + shift)
        return max(worst, abs(Double(outputs[item.offset * channels + channel]) - expected))
      }
      // However large the offset is.
      #expect(error < 3e-6)
      #expect(abs(Double(state.statistics[channel]) - (0.9 * Double(before.statistics[channel]) + 0.1 * mean)) < 1e-6 * max(1, mean))
      let variance = 0.9 * Double(before.statistics[channels + channel]) + 0.1 * squares / Double(pixels - 1)
      #expect(abs(Double(state.statistics[channels + channel]) - variance) < 1e-5 * variance)
    }
    // Attacks leave the statistics alone and see the same function.
    let (output, after) = (execution.output.elements, state)
    execution.forward(&state, mode: .attackInTraining, random: RandomStream(seed: 1))
    #expect(state == after)
    #expect(execution.output.elements == output)
  }

  @Test(arguments: [PassMode.training, .evaluation]) func resultsDoNotDependOnThreads(mode: PassMode) throws {
    var model = Model<Float>(input: FeatureShape(height: 24, width: 25, channels: 16))
    try model.add(BatchNormalizationLayer("norm", channels: 16, isRectified: true))
    try model.add(BatchNormalizationLayer("second", channels: 16))
    try checkThreads(model, mode: mode)
  }

  @Test func aConstantChannelIsShifted() throws {
    var model = Model<Float>(input: .vector(2))
    try model.add(BatchNormalizationLayer("norm", channels: 2))
    var state = try model.initialState(seed: 1)
    let execution = Execution(model, capacity: 1)
    execution.input.elements = [3, -4]
    execution.forward(&state, mode: .training, random: RandomStream(seed: 1))
    #expect(execution.output.elements == [0, 0])
    #expect(state.statistics[2] == 0.9)
  }

  @Test func wrongShapesAreRefused() throws {
    var model = Model<Float>(input: .vector(5))
    #expect(throws: TrainingError.self) { try model.add(BatchNormalizationLayer("norm", channels: 4)) }
    #expect(throws: TrainingError.self) { try model.add(BatchNormalizationLayer("norm", channels: 5, momentum: 2)) }
    #expect(throws: TrainingError.self) { try model.add(BatchNormalizationLayer("norm", channels: 5), to: [0, 0]) }
  }

  @Test func rolesSayWhatDecays() {
    let layer = BatchNormalizationLayer<Float>("norm", channels: 2)
    #expect(layer.parameters.map(\.role) == [.scale, .bias])
    #expect(layer.statistics.map(\.role) == [.statistic, .statistic])
  }
}
