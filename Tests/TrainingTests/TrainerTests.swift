import Foundation
import LinearAlgebra
import Testing

@testable import Training

@Suite struct TrainerTests {
  /// Points in the plane, labelled by which of three rays they lie nearest to, with a gap between classes.
  static func sectors(_ count: Int, seed: UInt64) throws -> Dataset {
    var generator = SplitMix64(seed: seed)
    var (samples, labels): ([Float], [Int]) = ([], [])
    for index in 0..<count {
      let angle = (Double(index % 3) + 0.7 * (generator.nextUniform() - 0.5)) * 2 * Double.pi / 3
      let radius = 0.5 + generator.nextUniform()
      samples += [Float(radius * cos(angle)), Float(radius * sin(angle))]
      labels.append(index % 3)
    }
    return try Dataset(name: "sectors", shape: .vector(2), samples: samples, labels: labels, classCount: 3)
  }

  static func perceptron() throws -> Model<Float> {
    var model = Model<Float>(input: .vector(2))
    try model.add(DenseLayer("hidden", inputs: 2, outputs: 8))
    try model.add(NoisyRectifier(name: "relu", count: 8))
    try model.add(DenseLayer("head", inputs: 8, outputs: 3))
    return model
  }

  @Test(arguments: [
    OptimiserSettings.gradientDescent(momentum: 0.9, isNesterov: true), .adaptiveMoments(.adam), .adaptiveMoments(.nadam),
  ]) func aSeparableProblemIsLearntCompletely(optimiser: OptimiserSettings) throws {
    let settings = TrainingSettings(
      epochs: 40, batch: 32, optimiser: optimiser, schedule: LearningRateSchedule(rate: 0.03, course: .cosine(end: 0.01)), seed: 5)
    let trainer = try Trainer(
      model: Self.perceptron(), data: Self.sectors(200, seed: 1), validation: Self.sectors(100, seed: 2), settings: settings)
    let outcome = try trainer.run()
    #expect(outcome.isComplete && outcome.epoch == 39 && outcome.curve.count == 40)
    let last = try #require(outcome.curve.last)
    #expect(last.accuracy == 1 && last.validationAccuracy == 1)
    #expect(last.loss < 0.1 * outcome.curve[0].loss)
  }
}
