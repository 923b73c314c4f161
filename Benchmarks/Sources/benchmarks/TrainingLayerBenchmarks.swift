import LinearAlgebra
import Networks
import Training

/// The layers of a training step that do little but read and write memory.
enum TrainingLayerBenchmarks {
  static let topic = Topic(
    id: "training-layers", title: "Training: the other layers of ResNet-20, batch 128, Float",
    note: """
      Best times of the forward pass and of the backward pass with all gradients, alone and over the time of copying the feature map \
      (one read, one write) on as many threads. A normalisation reads twice and writes once forwards, and reads four times and writes once \
      backwards: at the speed of memory, 1.5 and 2.5 copies.
      """,
    columns: ["layer", "shape", "threads", "forward", "backward", "copy", "forward / copy", "backward / copy"],
    cases: kinds.map { kind in Topic.Case(name: kind.name) { harness in try shapes.flatMap { try rows(kind, $0, harness) } } })

  private struct Kind: Sendable {
    let name: String
    let layer: @Sendable (Int) -> any Layer<Float>
  }

  private static let kinds = [
    Kind(name: "batch normalisation") { BatchNormalizationLayer("layer", channels: $0) },
    Kind(name: "batch normalisation and ReLU") { BatchNormalizationLayer("layer", channels: $0, isRectified: true) },
    Kind(name: "ReLU") { _ in ActivationLayer("layer") },
    Kind(name: "GELU") { _ in ActivationLayer("layer", .gelu) },
    Kind(name: "noise of the batch's deviation") { _ in FeynmanKacNoiseLayer("layer") },
    Kind(name: "dropout") { _ in DropoutLayer("layer") },
    Kind(name: "MaxMin") { _ in MaxMinLayer("layer") },
    Kind(name: "maximum of 2x2") { _ in MaximumPoolLayer("layer", PoolWindow(2)) },
  ]

  private static let shapes = [(32, 16), (16, 32), (8, 64)].map { FeatureShape(height: $0.0, width: $0.0, channels: $0.1) }

  /// One row for one thread, and one for as many as are asked for.
  private static func rows(_ kind: Kind, _ shape: FeatureShape, _ harness: Harness) throws -> [[Cell]] {
    let batch = 128
    var model = Model<Float>(input: shape)
    try model.add(kind.layer(shape.channels))
    var state = try model.initialState(seed: 1)
    let execution = Execution(model, capacity: batch)
    var random = SplitMix64(seed: 2)
    execution.input.elements = random.gaussianVector(execution.input.count)
    execution.outputGradient.elements = random.gaussianVector(execution.outputGradient.count)
    let (input, other) = (execution.input, execution.inputGradient)

    let asked = Threads.count
    defer { Threads.count = asked }
    return Set([1, asked]).sorted().map { threads in
      Threads.count = threads
      let copy = harness.measure(50) {
        ParallelFor.run(batch) { other.sample($0).baseAddress?.update(from: input.base + $0 * shape.count, count: shape.count) }
      }
      let forward = harness.measure(50) { execution.forward(&state, mode: .training, random: RandomStream(seed: 3)) }
      let backward = harness.measure(50) { execution.backward(state, ofParameters: true, ofInput: true) }
      return [
        .text(kind.name), .text(shape.description), .count(threads), .seconds(forward.best), .seconds(backward.best), .seconds(copy.best),
        .rate(forward.best / copy.best), .rate(backward.best / copy.best),
      ]
    }
  }
}
