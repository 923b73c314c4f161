import LinearAlgebra
import Testing

@testable import Training

/// Adversarial training of a small Feynman-Kac ensemble with everything at once: convolutions, batch statistics, noise, crops, projected
/// gradients and a last batch that is not full.
@Suite(.serialized) struct RobustTrainingTests {
  private static func trainer(_ loss: TrainingLoss) throws -> Trainer {
    let model: Model<Float> = try ModelArchitecture.residual(
      ResidualArchitecture(blocks: 1, channels: [4, 6], ensemble: FeynmanKacEnsemble(members: 2, noise: 0.1))
    ).model(input: FeatureShape(height: 8, width: 8, channels: 1), classes: 3)
    var generator = SplitMix64(seed: 4)
    let labels = (0..<44).map { $0 % 3 }
    // A bright bar, whose row is the class, on a grey ground.
    let samples = labels.flatMap { label in
      (0..<64).map { pixel in Float(pixel / 16 == label ? 0.7 : 0.3) + Float(0.2 * generator.nextUniform()) }
    }
    let data = try Dataset(
      name: "bars", shape: FeatureShape(height: 8, width: 8, channels: 1), samples: samples, labels: labels, classCount: 3)
    var settings = TrainingSettings(epochs: 2, batch: 12, schedule: LearningRateSchedule(rate: 0.05), loss: loss, seed: 3)
    settings.adversary = try ProjectedGradient(epsilon: 0.1, step: 0.04, count: 3)
    settings.augmentation = try Augmentation(padding: 1, flips: true)
    settings.weightDecay = WeightDecay(5e-4)
    return try Trainer(model: model, data: data, settings: settings)
  }

  @Test(arguments: [TrainingLoss.crossEntropy(), .tradeOff(), .trades()])
  func neitherThreadsNorInterruptionsChangeARun(_ loss: TrainingLoss) throws {
    let count = Threads.count
    defer { Threads.count = count }
    Threads.count = 1
    let undisturbed = try Self.trainer(loss)
    _ = try undisturbed.run()
    Threads.count = 2
    let first = try Self.trainer(loss)
    for _ in 0..<3 { try first.step() }
    let second = try Self.trainer(loss)
    try second.resume(from: first.checkpoint)
    _ = try second.run()
    #expect(second.state == undisturbed.state)
    #expect(second.curve.map(\.loss) == undisturbed.curve.map(\.loss))
    #expect(undisturbed.curve[1].loss < undisturbed.curve[0].loss)
  }

  /// Running statistics learn once from every pass of the loss: after one step at momentum m they are (1 − m) · first + m · the batch's, which
  /// a training pass on the same batch reproduces.
  @Test func statisticsLearnFromTheLossAlone() throws {
    let trainer = try Self.trainer(.crossEntropy())
    let (before, beginning) = (trainer.checkpoint, trainer.state)
    try trainer.step()
    // The batch of the step is still in the execution: the same pass from the same beginning.
    var again = beginning
    trainer.execution.forward(
      &again, mode: .training, random: RandomStream(seed: 3).stream(.noise).stream(0).stream(1))
    #expect(again.statistics == trainer.state.statistics)
    #expect(again.statistics != before.state.statistics)
  }
}
