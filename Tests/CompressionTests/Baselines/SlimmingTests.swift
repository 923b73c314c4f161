import Compression
import LinearAlgebra
import Testing
import Training

@Suite("Network slimming") struct SlimmingTests {
  private static let image = FeatureShape(height: 6, width: 6, channels: 1)

  /// Models whose normalised channels are read in all the ways there are.
  private static func models() throws -> [Model<Float>] {
    var grouped = Model<Float>(input: image)
    try grouped.add(ConvolutionLayer("conv1", inputs: 1, outputs: 4, size: 3))
    let normalized = try grouped.add(BatchNormalizationLayer("norm", channels: 4, isRectified: true))
    try grouped.add(ConvolutionLayer("conv2", inputs: 4, outputs: 6, size: 3, groups: 2))
    let side = try grouped.add(ConvolutionLayer("conv3", inputs: 4, outputs: 6, size: 1), to: [normalized])
    try grouped.add(SumLayer("sum"), to: [side - 1, side])
    try grouped.add(MaximumPoolLayer("pool", PoolWindow(2)))
    try grouped.add(FlattenLayer("flatten"))
    try grouped.add(DenseLayer("head", inputs: 54, outputs: 3))
    return [
      try ModelArchitecture.residual(.init(depth: 8, channels: [3, 4, 5], ensemble: .init(members: 2, noise: 0.1))).model(
        input: image, classes: 3),
      try ModelArchitecture.convolutional(
        .init(convolutions: [.init(channels: 4), .init(channels: 3, stride: 2)], widths: [6], isNormalized: true)
      ).model(input: image, classes: 3),
      try ModelArchitecture.residualPerceptron(.init(width: 6, blocks: 2)).model(input: image, classes: 3), grouped,
    ]
  }

  /// Numbers far from zero and far from each other, so that nothing is zero by chance.
  private static func state(of model: Model<Float>, seed: UInt64) throws -> ModelState<Float> {
    var generator = SplitMix64(seed: seed)
    var state = try model.initialState(seed: seed)
    for i in state.parameters.indices { state.parameters[i] = Float(generator.nextGaussian()) }
    for i in state.statistics.indices { state.statistics[i] = Float(0.5 + generator.nextUniform()) }
    return state
  }

  private static func logits(_ model: Model<Float>, _ state: ModelState<Float>) -> [Float] {
    let execution = Execution(model, capacity: 5)
    execution.input.batch = 5
    var generator = SplitMix64(seed: 9)
    for i in execution.input.buffer.indices { execution.input.base[i] = Float(generator.nextGaussian()) }
    var state = state
    execution.forward(&state, mode: .evaluation, random: RandomStream(seed: 0))
    return execution.output.elements
  }

  @Test("The channels of smallest scale are gone, and of their readers the weights that read nothing any more", arguments: 0..<4)
  func channelsAreDead(index: Int) throws {
    let model = try Self.models()[index]
    var checked = 0
    for (seed, share) in zip(0..<6 as Range<UInt64>, [0.1, 0.2, 0.3, 0.3, 0.4, 0.4]) {
      let state = try Self.state(of: model, seed: seed)
      // By chance all channels of a narrow layer may be the smallest.
      guard let mask = try? SlimmingSelection(share: share).mask(state, of: model, after: nil) else { continue }
      checked += 1
      let scales = model.parameters.filter { $0.declaration.role == .scale }
      let channels = scales.reduce(0) { $0 + $1.range.count }
      #expect(scales.reduce(0) { $0 + $1.range.count { !mask.isKept[$0] } } == Int((share * Double(channels)).rounded()))
      let sizes = scales.flatMap(\.range).map { (abs(state.parameters[$0]), mask.isKept[$0]) }
      #expect(sizes.filter { !$0.1 }.map(\.0).max() ?? 0 <= sizes.filter(\.1).map(\.0).min() ?? 0)

      // With the scales and shifts gone, what else goes changes nothing: bit for bit the same sums with zeros in them.
      var channelsOnly = PruningMask(count: model.parameterCount)
      for scale in scales {
        for place in scale.range where !mask.isKept[place] {
          channelsOnly.isKept[place] = false
          channelsOnly.isKept[place + scale.range.count] = false
        }
      }
      let logits = Self.logits(model, SelectionTests.applying(channelsOnly, to: state))
      let difference = zip(logits, Self.logits(model, SelectionTests.applying(mask, to: state))).map { abs($0 - $1) }.max() ?? 1
      #expect(difference <= 1e-5 * (logits.map(abs).max() ?? 0))

      // The scales pruned first are pruned again.
      #expect(try SlimmingSelection(share: share).mask(SelectionTests.applying(mask, to: state), of: model, after: mask) == mask)
    }
    #expect(checked >= 3)
  }

  @Test("Readers lose exactly the weights of dead channels, the readers of groups and of flattened maps too")
  func readers() throws {
    let model = try Self.models()[3]
    var state = try Self.state(of: model, seed: 1)
    func range(_ name: String) throws -> Range<Int> { try #require(model.parameters.first { $0.name == name }).range }
    let scale = try range("norm.scale")
    for (offset, value) in [2, -0.1, 3, -4].enumerated() { state.parameters[scale.lowerBound + offset] = Float(value) }
    let mask = try SlimmingSelection(share: 0.25).mask(state, of: model, after: nil)
    var expected = PruningMask(count: model.parameterCount)
    expected.isKept[scale.lowerBound + 1] = false
    expected.isKept[try range("norm.shift").lowerBound + 1] = false
    // conv2 has 6 × 2 × 3 × 3 weights; channel 1 is the second input of the first group, which makes the outputs 0 to 2.
    for output in 0..<3 { for tap in 0..<9 { expected.isKept[try range("conv2.weight").lowerBound + (output * 2 + 1) * 9 + tap] = false } }
    for output in 0..<6 { expected.isKept[try range("conv3.weight").lowerBound + output * 4 + 1] = false }
    #expect(mask == expected)

    let flat = try Self.models()[1]
    var other = try Self.state(of: flat, seed: 1)
    let last = try #require(flat.parameters.last { $0.declaration.role == .scale })
    for i in flat.parameters.filter({ $0.declaration.role == .scale }).flatMap(\.range) { other.parameters[i] = 1 }
    other.parameters[last.range.lowerBound + 2] = 0.5
    let kept = try SlimmingSelection(share: 1.0 / 7).mask(other, of: flat, after: nil)
    let dense = try #require(flat.parameters.first { $0.name == "dense1.weight" })
    // Maps of 3 × 3 pixels of three channels, channel by channel.
    for (offset, place) in dense.range.enumerated() { #expect(kept.isKept[place] == (offset % 27 < 18)) }
  }

  @Test("In a residual ensemble both readers of a normalisation lose its dead channels")
  func residualReaders() throws {
    let model = try Self.models()[0]
    let state = try Self.state(of: model, seed: 2)
    let mask = try SlimmingSelection(share: 0.3).mask(state, of: model, after: nil)
    func parameter(_ name: String) throws -> Model<Float>.PlacedParameter { try #require(model.parameters.first { $0.name == name }) }
    var expected = PruningMask(count: model.parameterCount)
    for weight in try PruningScope.all.weights(of: model) where !weight.name.hasSuffix("stem.weight") {
      let layer = weight.name.dropLast(".weight".count)
      let (path, name) = (layer.split(separator: ".").dropLast().joined(separator: "."), layer.split(separator: ".").last)
      let norm = ["head": "norm", "conv1": "norm1", "shortcut": "norm1", "conv2": "norm2"][name]
      let scale = try parameter("\(path).\(try #require(norm)).scale").range
      let shift = try parameter("\(path).\(try #require(norm)).shift").range
      let (inputs, kernel) = (weight.declaration.shape[1], weight.declaration.shape.dropFirst(2).reduce(1, *))
      #expect(inputs == scale.count)
      for channel in 0..<inputs where !mask.isKept[scale.lowerBound + channel] {
        (expected.isKept[scale.lowerBound + channel], expected.isKept[shift.lowerBound + channel]) = (false, false)
        for (offset, place) in weight.range.enumerated() where offset / kernel % inputs == channel { expected.isKept[place] = false }
      }
    }
    #expect(mask == expected && mask.keptCount < model.parameterCount)
  }

  @Test("A normalisation of which nothing would be left is named, and a model without one refused")
  func errors() throws {
    let model = try Self.models()[1]
    var state = try Self.state(of: model, seed: 1)
    let scales = model.parameters.filter { $0.declaration.role == .scale }
    for i in scales[0].range { state.parameters[i] = 0.001 }
    #expect(throws: CompressionError.emptyLayer("conv1.norm")) { try SlimmingSelection(share: 0.6).mask(state, of: model, after: nil) }
    var hook = Slimming(strength: 1e-4)
    let dense = try SelectionTests.dense([3, 2])
    #expect(throws: CompressionError.self) { try hook.begin([Float](repeating: 0, count: 8), model: dense) }
  }

  @Test("The penalty's subgradient has the sign of the scale, and nothing else is pulled")
  func penalty() throws {
    let model = try Self.models()[0]
    var parameters = try Self.state(of: model, seed: 4).parameters
    let scales = model.parameters.filter { $0.declaration.role == .scale }.flatMap(\.range)
    parameters[scales[0]] = 0
    var hook = Slimming(strength: 0.25)
    try hook.begin(parameters, model: model)
    var gradient = [Float](repeating: 1, count: parameters.count)
    let penalty = hook.penalise(parameters, gradient: &gradient, at: TrainingPosition(stepsPerEpoch: 1, epochs: 1))
    #expect(abs(penalty - 0.25 * scales.reduce(0) { $0 + Double(abs(parameters[$1])) }) < 1e-9)
    for i in parameters.indices {
      let expected: Float = !scales.contains(i) || parameters[i] == 0 ? 0 : parameters[i] > 0 ? 0.25 : -0.25
      #expect(gradient[i] == 1 + expected)
    }
  }
}
