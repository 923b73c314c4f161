import LinearAlgebra
import Training

/// Whole training steps.
enum TrainingStepBenchmarks {
  static let topic = Topic(
    id: "training-step", title: "Training: whole steps, Float",
    note: "Forward, backward and the step of SGD with Nesterov's momentum and weight decay on one batch after the other; no augmentation.",
    columns: ["model", "batch", "threads", "step", "samples/s"],
    cases: [
      Topic.Case(name: "resnet20") { harness in
        try rows(
          "ResNet-20, 3x32x32", .residual(ResidualArchitecture(depth: 20)), FeatureShape(height: 32, width: 32, channels: 3), batch: 128,
          harness)
      },
      Topic.Case(name: "resnet8") { harness in
        try rows(
          "ResNet-8, 8-16-32 channels, 1x14x14", .residual(ResidualArchitecture(depth: 8, channels: [8, 16, 32])),
          FeatureShape(height: 14, width: 14, channels: 1), batch: 128, harness)
      },
      Topic.Case(name: "lenet5") { harness in
        try rows("LeNet-5, 1x28x28", .leNet5, FeatureShape(height: 28, width: 28, channels: 1), batch: 64, harness)
      },
    ])

  private static func rows(
    _ name: String, _ architecture: ModelArchitecture, _ shape: FeatureShape, batch: Int, _ harness: Harness
  ) throws -> [[Cell]] {
    var random = SplitMix64(seed: 1)
    let count = 4 * batch
    let data = try Dataset(
      name: "noise", shape: shape, samples: (0..<count * shape.count).map { _ in Float(random.nextUniform()) },
      labels: (0..<count).map { $0 % 10 }, classCount: 10)
    var settings = TrainingSettings(epochs: 1_000_000, batch: batch, schedule: LearningRateSchedule(rate: 0.01))
    settings.weightDecay = WeightDecay(5e-4)
    let trainer = try Trainer(model: architecture.model(input: shape, classes: 10), data: data, settings: settings)

    let asked = Threads.count
    defer { Threads.count = asked }
    return try Set([1, asked]).sorted().map { threads in
      Threads.count = threads
      let timing = try harness.measure(40) { try trainer.step() }
      return [.text(name), .count(batch), .count(threads), .seconds(timing.best), .rate(Double(batch) / timing.best)]
    }
  }
}
