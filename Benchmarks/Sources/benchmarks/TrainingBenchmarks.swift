import LinearAlgebra
import Training

/// The layers of a training step.
enum TrainingBenchmarks {
  static let topic = Topic(
    id: "training", title: "Training: the convolutions of ResNet-20, batch 128, Float",
    note: """
      Best times of the forward pass and of the gradients of the input, of the kernel and of both. Operations: 2 · batch · outputs · kernel \
      for each, padding included.
      """,
    columns: [
      "convolution", "threads", "forward", "its GF/s", "of input", "input GF/s", "of kernel", "kernel GF/s", "of both", "both GF/s",
    ],
    cases: shapes.map { shape in Topic.Case(name: shape.name) { try rows(shape, $0) } })

  private struct ConvolutionShape {
    let inputs: Int
    let outputs: Int
    let size: Int
    let kernel: Int
    let stride: Int

    var name: String {
      "\(inputs)x\(size)x\(size) to \(outputs), \(kernel)x\(kernel)" + (stride > 1 ? ", stride \(stride)" : "")
    }
  }

  private static let shapes: [ConvolutionShape] = [
    .init(inputs: 3, outputs: 16, size: 32, kernel: 3, stride: 1), .init(inputs: 16, outputs: 16, size: 32, kernel: 3, stride: 1),
    .init(inputs: 16, outputs: 32, size: 32, kernel: 3, stride: 2), .init(inputs: 16, outputs: 32, size: 32, kernel: 1, stride: 2),
    .init(inputs: 32, outputs: 32, size: 16, kernel: 3, stride: 1), .init(inputs: 32, outputs: 64, size: 16, kernel: 3, stride: 2),
    .init(inputs: 32, outputs: 64, size: 16, kernel: 1, stride: 2), .init(inputs: 64, outputs: 64, size: 8, kernel: 3, stride: 1),
  ]

  /// One row for one thread, and one for as many as are asked for.
  private static func rows(_ shape: ConvolutionShape, _ harness: Harness) throws -> [[Cell]] {
    let batch = 128
    var model = Model<Float>(input: FeatureShape(height: shape.size, width: shape.size, channels: shape.inputs))
    try model.add(
      ConvolutionLayer("convolution", inputs: shape.inputs, outputs: shape.outputs, size: shape.kernel, stride: shape.stride))
    var state = try model.initialState(seed: 1)
    let execution = Execution(model, capacity: batch)
    var random = SplitMix64(seed: 2)
    execution.input.elements = random.gaussianVector(execution.input.count)
    execution.outputGradient.elements = random.gaussianVector(execution.outputGradient.count)
    let operations = 2e-9 * Double(batch * model.outputShape.count * shape.inputs * shape.kernel * shape.kernel)

    let asked = Threads.count
    defer { Threads.count = asked }
    return Set([1, asked]).sorted().map { threads in
      Threads.count = threads
      let forward = harness.measure { execution.forward(&state, mode: .training, random: RandomStream(seed: 3)) }
      let ofInput = harness.measure { execution.backward(state, ofParameters: false, ofInput: true) }
      let ofKernel = harness.measure { execution.backward(state, ofParameters: true, ofInput: false) }
      let ofBoth = harness.measure { execution.backward(state, ofParameters: true, ofInput: true) }
      return [
        .text(shape.name), .count(threads), .seconds(forward.best), .rate(operations / forward.best), .seconds(ofInput.best),
        .rate(operations / ofInput.best), .seconds(ofKernel.best), .rate(operations / ofKernel.best), .seconds(ofBoth.best),
        .rate(2 * operations / ofBoth.best),
      ]
    }
  }
}
