import LinearAlgebra
import Networks
import Testing

@testable import Training

/// A convolution to be tested, and the image it is tested on.
struct ConvolutionCase: Sendable, CustomTestStringConvertible {
  var input: FeatureShape
  var outputs: Int
  var kernel: (height: Int, width: Int)
  var stride = (height: 1, width: 1)
  var padding = (top: 0, left: 0, bottom: 0, right: 0)
  var groups = 1
  var hasBias = false
  var hasShortcut = false

  var testDescription: String {
    "\(input) to \(outputs), kernel \(kernel), stride \(stride), padding \(padding), groups \(groups)\(hasBias ? ", bias" : "")"
      + (hasShortcut ? ", shortcut" : "")
  }

  func layer<Element>(_ type: Element.Type, instructions: Int32? = nil) -> ConvolutionLayer<Element> {
    var layer = ConvolutionLayer<Element>(
      "convolution", inputs: input.channels, outputs: outputs, kernel: .init(height: kernel.height, width: kernel.width),
      stride: .init(height: stride.height, width: stride.width),
      padding: .init(top: padding.top, left: padding.left, bottom: padding.bottom, right: padding.right), groups: groups,
      hasBias: hasBias, hasShortcut: hasShortcut)
    layer.instructions = instructions
    return layer
  }

  var geometry: ConvolutionGeometry {
    ConvolutionGeometry(
      inputChannels: input.channels, outputChannels: outputs, inputHeight: input.height, inputWidth: input.width,
      kernelHeight: kernel.height, kernelWidth: kernel.width, strideHeight: stride.height, strideWidth: stride.width,
      padTop: padding.top, padLeft: padding.left, padBottom: padding.bottom, padRight: padding.right, groups: groups)
  }

  /// Odd sizes, both strides, uneven padding, more padding than the kernel reads, strides longer than the kernel, groups.
  static let small: [ConvolutionCase] = [
    .init(input: .init(height: 5, width: 6, channels: 3), outputs: 4, kernel: (3, 3), padding: (1, 1, 1, 1)),
    .init(input: .init(height: 4, width: 4, channels: 4), outputs: 3, kernel: (3, 3), padding: (1, 1, 1, 1), hasBias: true),
    .init(input: .init(height: 5, width: 7, channels: 2), outputs: 5, kernel: (3, 2), stride: (2, 1), padding: (1, 0, 0, 2)),
    .init(input: .init(height: 7, width: 6, channels: 2), outputs: 3, kernel: (3, 3), stride: (2, 2), padding: (1, 1, 1, 1), hasBias: true),
    .init(input: .init(height: 6, width: 5, channels: 3), outputs: 2, kernel: (1, 1), stride: (2, 2)),
    .init(input: .init(height: 4, width: 8, channels: 4), outputs: 4, kernel: (1, 1), hasBias: true),
    .init(input: .init(height: 3, width: 3, channels: 2), outputs: 2, kernel: (3, 3), padding: (4, 3, 2, 3)),
    .init(input: .init(height: 7, width: 9, channels: 1), outputs: 2, kernel: (2, 3), stride: (3, 4), padding: (0, 1, 1, 0)),
    .init(input: .init(height: 5, width: 4, channels: 4), outputs: 6, kernel: (3, 3), padding: (1, 1, 1, 1), groups: 2, hasBias: true),
    .init(input: .init(height: 5, width: 5, channels: 3), outputs: 3, kernel: (3, 3), stride: (2, 2), padding: (1, 1, 1, 1), groups: 3),
    .init(input: .init(height: 3, width: 4, channels: 2), outputs: 17, kernel: (2, 2), hasBias: true),
    .init(input: .init(height: 1, width: 1, channels: 5), outputs: 3, kernel: (1, 1)),
  ]

  /// Channels that fill vectors, with and without a rest.
  static let wide: [ConvolutionCase] = [
    .init(input: .init(height: 9, width: 12, channels: 16), outputs: 16, kernel: (3, 3), padding: (1, 1, 1, 1)),
    .init(
      input: .init(height: 8, width: 8, channels: 8), outputs: 40, kernel: (3, 3), stride: (2, 2), padding: (1, 1, 1, 1), hasBias: true),
    .init(input: .init(height: 6, width: 7, channels: 70), outputs: 33, kernel: (1, 1)),
    .init(input: .init(height: 5, width: 37, channels: 6), outputs: 16, kernel: (3, 3), padding: (1, 1, 1, 1), hasBias: true),
    .init(input: .init(height: 4, width: 19, channels: 16), outputs: 2, kernel: (2, 3), padding: (0, 1, 0, 1)),
    .init(input: .init(height: 11, width: 9, channels: 3), outputs: 16, kernel: (5, 5), padding: (2, 2, 2, 2)),
    .init(input: .init(height: 6, width: 8, channels: 36), outputs: 36, kernel: (3, 3), padding: (1, 1, 1, 1), groups: 2),
  ]

  /// What minimal filtering is for: kernels of 3 × 3, sizes in steps of four, channels in steps of a vector.
  static let filtered: [ConvolutionCase] = [
    .init(input: .init(height: 4, width: 4, channels: 2), outputs: 4, kernel: (3, 3), padding: (1, 1, 1, 1), hasBias: true),
    .init(input: .init(height: 4, width: 8, channels: 4), outputs: 2, kernel: (3, 3), padding: (1, 1, 1, 1), groups: 1),
    .init(input: .init(height: 6, width: 10, channels: 4), outputs: 4, kernel: (3, 3)),
    .init(input: .init(height: 8, width: 8, channels: 32), outputs: 16, kernel: (3, 3), padding: (1, 1, 1, 1)),
    .init(input: .init(height: 12, width: 28, channels: 16), outputs: 48, kernel: (3, 3), padding: (1, 1, 1, 1), hasBias: true),
    .init(input: .init(height: 8, width: 8, channels: 16), outputs: 16, kernel: (6, 6), stride: (2, 2), padding: (2, 2, 2, 2)),
  ]
}

@Suite struct ConvolutionLayerTests {
  @Test(arguments: ConvolutionCase.small) func gradientsAgreeWithDifferences(one: ConvolutionCase) throws {
    var model = Model<Double>(input: one.input)
    try model.add(one.layer(Double.self))
    try checkGradients(model)
  }

  @Test(arguments: ConvolutionCase.filtered) func minimalFilteringAgreesWithSums(one: ConvolutionCase) throws {
    try compareFiltering(one, Float.self)
    try compareFiltering(one, Double.self)
    guard one.input.channels <= 4 else { return }
    var model = Model<Double>(input: one.input)
    var layer = one.layer(Double.self)
    layer.instructions = 0
    try model.add(layer)
    try checkGradients(model)
  }

  private func compareFiltering<Element: Scalar>(_ one: ConvolutionCase, _ type: Element.Type) throws {
    for instructions in 0..<ConvolutionSums.instructionSets {
      let sums = ConvolutionSums(one.geometry, size: MemoryLayout<Element>.size, instructions: Int32(instructions))
      let exact = try Run(one, type, batch: 9, instructions: Int32(instructions))
      let filtered = try Run(one, type, batch: 9, instructions: Int32(instructions), mode: .training)
      if sums.isTransformed(sums.forward, isExact: false) { #expect(exact.output != filtered.output) }
      for (a, b) in [
        (exact.output, filtered.output), (exact.inputGradient, filtered.inputGradient),
        (exact.parameterGradient, filtered.parameterGradient),
      ] {
        let scale = Double(a.map(\.magnitude).max() ?? 0)
        #expect(a.count == b.count)
        // Ten times the sums' own errors are usual, far less than any wrong coefficient makes.
        #expect(largestDifference(a, b) <= 500 * Double(Element.ulpOfOne) * scale)
      }
    }
  }

  @Test(arguments: [false, true]) func gradientsThroughAShortcutAgreeWithDifferences(isUsedTwice: Bool) throws {
    var model = Model<Double>(input: FeatureShape(height: 4, width: 5, channels: 3))
    let first = try model.add(ConvolutionLayer("first", inputs: 3, outputs: 3, size: 3))
    let second = try model.add(ConvolutionLayer("second", inputs: 3, outputs: 3, size: 3, hasBias: true))
    let third = try model.add(ConvolutionLayer("third", inputs: 3, outputs: 3, size: 3, hasShortcut: true), to: [second, first])
    // A node that is used three times makes gradients add up.
    if isUsedTwice { try model.add(ConvolutionLayer("fourth", inputs: 3, outputs: 3, size: 1, hasShortcut: true), to: [third, first]) }
    try checkGradients(model)
  }

  @Test func aLayerMayBeItsOwnShortcut() throws {
    var model = Model<Double>(input: FeatureShape(height: 3, width: 3, channels: 2))
    let first = try model.add(ConvolutionLayer("first", inputs: 2, outputs: 2, size: 1))
    try model.add(ConvolutionLayer("second", inputs: 2, outputs: 2, size: 3, hasShortcut: true), to: [first, first])
    try checkGradients(model)
  }

  @Test(arguments: ConvolutionCase.small + ConvolutionCase.wide) func outputsAgreeWithTheConvolutionMap(one: ConvolutionCase) throws {
    try compareWithMap(one, Float.self)
    try compareWithMap(one, Double.self)
  }

  private func compareWithMap<Element: Scalar>(_ one: ConvolutionCase, _ type: Element.Type) throws {
    let run = try Run(one, type, batch: 3)
    let geometry = try one.geometry.validated()
    let weight = Matrix(rows: one.outputs, columns: geometry.kernelCount, elements: run.weight)
    let map = ConvolutionMap(geometry: geometry, weight: weight)
    let magnitudes = ConvolutionMap(
      geometry: geometry, weight: Matrix(rows: weight.rows, columns: weight.columns, elements: run.weight.map(\.magnitude)))
    let input = Matrix(rows: 3, columns: geometry.inputCount, elements: channelsFirst(run.input, one.input))
    var (expected, bound) = (
      Matrix<Element>(rows: 3, columns: geometry.outputCount), Matrix<Element>(rows: 3, columns: geometry.outputCount)
    )
    map.apply(input, to: &expected, accumulating: false)
    magnitudes.apply(Matrix(rows: 3, columns: input.columns, elements: input.elements.map(\.magnitude)), to: &bound, accumulating: false)
    let pixels = geometry.outputHeight * geometry.outputWidth
    let gamma = 2 * ErrorBounds.gamma(geometry.kernelCount + 4, for: type)
    for (index, value) in channelsFirst(run.output, run.outputShape).enumerated() {
      let bias = run.bias.isEmpty ? 0 : Double(run.bias[index / pixels % one.outputs])
      let error = (Double(value) - Double(expected.elements[index]) - bias).magnitude
      #expect(error <= gamma * (Double(bound.elements[index]) + bias.magnitude), "\(type) \(index)")
    }
  }

  @Test(arguments: ConvolutionCase.small + ConvolutionCase.wide) func everyInstructionSetAgrees(one: ConvolutionCase) throws {
    try compareInstructions(one, Float.self)
    try compareInstructions(one, Double.self)
  }

  private func compareInstructions<Element: Scalar>(_ one: ConvolutionCase, _ type: Element.Type) throws {
    let plain = try Run(one, type, batch: 3, instructions: 0)
    for instructions in 1..<ConvolutionSums.instructionSets {
      let wide = try Run(one, type, batch: 3, instructions: Int32(instructions))
      for (a, b) in [
        (plain.output, wide.output), (plain.inputGradient, wide.inputGradient), (plain.parameterGradient, wide.parameterGradient),
      ] {
        let scale = Double(a.map(\.magnitude).max() ?? 0)
        #expect(a.count == b.count)
        #expect(largestDifference(a, b) <= 64 * Double(Element.ulpOfOne) * scale)
      }
    }
  }

  /// Batches of 19 do not divide evenly into parts. Other tests may run meanwhile with whatever number of threads: theirs must not matter either.
  @Test func threadsDoNotMatter() throws {
    let before = Threads.count
    defer { Threads.count = before }
    for one in ConvolutionCase.wide + ConvolutionCase.filtered {
      Threads.count = 1
      let alone = try Run(one, Float.self, batch: 19, mode: .training)
      Threads.count = 3
      let together = try Run(one, Float.self, batch: 19, mode: .training)
      #expect(alone.output == together.output)
      #expect(alone.inputGradient == together.inputGradient)
      #expect(alone.parameterGradient == together.parameterGradient)
    }
  }

  @Test(arguments: ConvolutionCase.small) func theExportComputesTheSame(one: ConvolutionCase) throws {
    var model = Model<Double>(input: one.input)
    try model.add(one.layer(Double.self))
    try compareWithExport(model)
  }

  @Test func theExportOfAShortcutComputesTheSame() throws {
    var model = Model<Double>(input: FeatureShape(height: 4, width: 5, channels: 3))
    let first = try model.add(ConvolutionLayer("first", inputs: 3, outputs: 2, size: 3))
    let second = try model.add(ConvolutionLayer("second", inputs: 2, outputs: 2, size: 3, hasBias: true))
    try model.add(ConvolutionLayer("third", inputs: 2, outputs: 2, size: 3, hasShortcut: true), to: [second, first])
    try compareWithExport(model)
  }

  private func compareWithExport(_ model: Model<Double>) throws {
    var state = try model.initialState(seed: 5)
    var random = SplitMix64(seed: 6)
    for index in state.parameters.indices { state.parameters[index] += random.nextGaussian() }
    let input: [Double] = random.gaussianVector(model.inputShape.count)
    let execution = Execution(model, capacity: 1)
    execution.input.elements = input
    execution.forward(&state, mode: .evaluation, random: RandomStream(seed: 0))
    let network = try model.network(state)
    let flat = Matrix(rows: 1, columns: input.count, elements: channelsFirst(input, model.inputShape))
    let values: [Double] = try network.forward(flat).elements
    let expected = channelsFirst(execution.output.elements, model.outputShape)
    #expect(values.count == expected.count)
    for (x, y) in zip(values, expected) { #expect((x - y).magnitude <= 1e-12 * max(1, y.magnitude)) }
  }

  @Test func wrongInputsAreRefused() throws {
    let image = FeatureShape(height: 4, width: 4, channels: 3)
    func refuses(_ layer: ConvolutionLayer<Double>, _ inputs: [FeatureShape]) {
      #expect(throws: TrainingError.self) { try layer.outputShape(of: inputs) }
    }
    refuses(ConvolutionLayer("c", inputs: 2, outputs: 4, size: 3), [image])
    refuses(ConvolutionLayer("c", inputs: 3, outputs: 4, size: 5, padding: 0), [image])
    refuses(ConvolutionLayer("c", inputs: 3, outputs: 4, size: 3, stride: 0), [image])
    refuses(ConvolutionLayer("c", inputs: 3, outputs: 4, size: 3, groups: 2), [image])
    refuses(ConvolutionLayer("c", inputs: 3, outputs: 4, size: 3, groups: 0), [image])
    refuses(ConvolutionLayer("c", inputs: 3, outputs: 4, size: 3), [image, image])
    refuses(ConvolutionLayer("c", inputs: 3, outputs: 4, size: 3, hasShortcut: true), [image])
    refuses(ConvolutionLayer("c", inputs: 3, outputs: 4, size: 3, hasShortcut: true), [image, image])
  }
}

/// A layer's output and gradients for seeded numbers.
private struct Run<Element: Scalar> {
  let input: [Element]
  let weight: [Element]
  let bias: [Element]
  let output: [Element]
  let outputShape: FeatureShape
  let inputGradient: [Element]
  let parameterGradient: [Element]

  init(_ one: ConvolutionCase, _ type: Element.Type, batch: Int, instructions: Int32? = nil, mode: PassMode = .evaluation) throws {
    var model = Model<Element>(input: one.input)
    try model.add(one.layer(type, instructions: instructions))
    var random = SplitMix64(seed: 3)
    var state = try model.initialState(seed: 4)
    for index in state.parameters.indices { state.parameters[index] += Element(random.nextGaussian()) }
    input = random.gaussianVector(batch * one.input.count)
    // More room than is used, as in the last batch of an epoch.
    let execution = Execution(model, capacity: batch + 2)
    execution.input.batch = batch
    execution.input.elements = input
    execution.forward(&state, mode: mode, random: RandomStream(seed: 0))
    output = execution.output.elements
    outputShape = model.outputShape
    execution.outputGradient.batch = batch
    execution.outputGradient.elements = random.gaussianVector(output.count)
    execution.clearParameterGradient()
    execution.backward(state, ofParameters: true, ofInput: true)
    (inputGradient, parameterGradient) = (execution.inputGradient.elements, execution.parameterGradient)
    let count = one.outputs * one.geometry.kernelCount
    (weight, bias) = (Array(state.parameters[..<count]), Array(state.parameters[count...]))
  }
}

private func largestDifference<Element: Scalar>(_ a: [Element], _ b: [Element]) -> Double {
  zip(a, b).reduce(0) { largest, pair in
    let difference = (Double(pair.0) - Double(pair.1)).magnitude
    return difference.isNaN ? .infinity : max(largest, difference)
  }
}

/// Height × width × channels as channels × height × width, image by image.
private func channelsFirst<Element>(_ images: [Element], _ shape: FeatureShape) -> [Element] {
  (0..<images.count / shape.count).flatMap { image in
    (0..<shape.channels).flatMap { channel in
      (0..<shape.pixels).map { images[image * shape.count + $0 * shape.channels + channel] }
    }
  }
}
