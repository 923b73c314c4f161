import Foundation
import LinearAlgebra
import Synchronization
import Testing

@testable import Training

@Suite struct TrainerTests {
  /// Changes nothing and keeps what it is shown.
  private final class Recorder: BatchAugmentation {
    let batches = Mutex<[[Float]]>([])
    func augment(_ batch: Tensor<Float>, random: RandomStream) { batches.withLock { $0.append(batch.elements) } }
  }

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

  @Test func resultsDoNotDependOnTheNumberOfThreads() throws {
    func run() throws -> ModelState<Float> {
      try Trainer(
        model: Self.perceptron(), data: Self.sectors(100, seed: 1),
        settings: TrainingSettings(epochs: 2, batch: 32, schedule: LearningRateSchedule(rate: 0.05), seed: 3)
      ).run().state
    }
    let count = Threads.count
    defer { Threads.count = count }
    Threads.count = 1
    let one = try run()
    Threads.count = 2
    #expect(try run() == one)
  }

  /// Every sample is seen once an epoch, in another order each time, and the last batch has what is left.
  @Test func everySampleIsSeenOnceAnEpoch() throws {
    let count = 23
    let data = try Dataset(
      name: "numbers", shape: .vector(1), samples: (0..<count).map(Float.init), labels: (0..<count).map { $0 % 2 }, classCount: 2)
    var model = Model<Float>(input: .vector(1))
    try model.add(DenseLayer("head", inputs: 1, outputs: 2))
    var settings = TrainingSettings(epochs: 2, batch: 10, schedule: LearningRateSchedule(rate: 1e-6))
    let recorder = Recorder()
    settings.augmentation = recorder
    _ = try Trainer(model: model, data: data, settings: settings).run()
    let batches = recorder.batches.withLock { $0 }
    #expect(batches.map(\.count) == [10, 10, 3, 10, 10, 3])
    let epochs = [Array(batches[0..<3].joined()), Array(batches[3..<6].joined())]
    for epoch in epochs { #expect(epoch.sorted() == data.samples) }
    #expect(epochs[0] != epochs[1] && epochs[0] != data.samples)
  }

  /// The places of a step in their order, seen by a hook; and what the passes saw.
  @Test func hooksAreCalledAtTheirPlaces() throws {
    struct Probe: TrainingHook {
      var memory = TrainingMemory()
      let identity = "probe"
      let isSubstituting = true
      let calls = Log()

      final class Log: Sendable { let names = Mutex<[String]>([]) }

      func note(_ name: String) { calls.names.withLock { $0.append(name) } }
      mutating func begin(_ parameters: [Float], model: Model<Float>) { note("begin") }
      mutating func substitute(_ parameters: inout [Float], at position: TrainingPosition) {
        note("substitute")
        for i in parameters.indices { parameters[i] = 0 }
      }
      mutating func penalise(_ parameters: [Float], gradient: inout [Float], at position: TrainingPosition) -> Double {
        note("penalise")
        // With all parameters zero every class has the same probability, and the weights of a linear model no gradient but the data's mean.
        #expect(parameters.contains { $0 != 0 })
        for i in gradient.indices { gradient[i] = 1 }
        return 0.5
      }
      mutating func move(_ parameters: inout [Float], rate: Double, at position: TrainingPosition) {
        note("move \(rate)")
        for i in parameters.indices { parameters[i] = 2 }
      }
      mutating func project(_ parameters: inout [Float], at position: TrainingPosition) {
        note("project")
        #expect(parameters.allSatisfy { $0 == 1.75 })
      }
      mutating func epochEnded(_ state: inout ModelState<Float>, at position: TrainingPosition) { note("epoch") }
      func deploy(_ parameters: inout [Float]) {
        for i in parameters.indices { parameters[i] = 3 }
      }
    }
    var model = Model<Float>(input: .vector(2))
    try model.add(DenseLayer("head", inputs: 2, outputs: 3))
    let probe = Probe()
    let outcome = try Trainer(
      model: model, data: Self.sectors(6, seed: 1),
      settings: TrainingSettings(epochs: 1, batch: 3, optimiser: .gradientDescent(), schedule: LearningRateSchedule(rate: 0.25)),
      hooks: [probe]
    ).run()
    let step = ["substitute", "penalise", "move 0.25", "project"]
    #expect(probe.calls.names.withLock { $0 } == ["begin"] + step + step + ["epoch"])
    #expect(outcome.state.parameters.allSatisfy { $0 == 3 })
    // The passes saw the zeros.
    #expect(abs(outcome.curve[0].loss - log(3)) < 1e-6 && outcome.curve[0].penalty == 0.5)
  }

  @Test func divergenceIsReported() throws {
    let settings = TrainingSettings(
      epochs: 50, batch: 16, optimiser: .gradientDescent(momentum: 0.9), schedule: LearningRateSchedule(rate: 1e30))
    let trainer = try Trainer(model: Self.perceptron(), data: Self.sectors(60, seed: 1), settings: settings)
    #expect { try trainer.run() } throws: { error in
      guard case TrainingError.diverged = error else { return false }
      return true
    }
  }

  @Test func theBestEpochIsTheResult() throws {
    var settings = TrainingSettings(
      epochs: 12, batch: 16, optimiser: .gradientDescent(), schedule: LearningRateSchedule(rate: 0.5), seed: 2)
    settings.selection = .bestAccuracy
    let outcome = try Trainer(
      model: Self.perceptron(), data: Self.sectors(60, seed: 1), validation: Self.sectors(60, seed: 2), settings: settings
    ).run()
    let accuracies = outcome.curve.compactMap(\.validationAccuracy)
    let best = try #require(accuracies.max())
    #expect(outcome.epoch == accuracies.firstIndex(of: best))
    // The state is that epoch's: a run that ends there has it.
    settings.epochs = try #require(outcome.epoch) + 1
    let shorter = try Trainer(
      model: Self.perceptron(), data: Self.sectors(60, seed: 1), validation: Self.sectors(60, seed: 2), settings: settings)
    #expect(try shorter.run().state == outcome.state)
  }

  @Test func partsThatDoNotFitAreRefused() throws {
    let (model, data) = (try Self.perceptron(), try Self.sectors(6, seed: 1))
    let settings = TrainingSettings(epochs: 1)
    #expect(throws: TrainingError.self) {
      let other = try Dataset(name: "x", shape: .vector(3), samples: [1, 2, 3], labels: [0], classCount: 3)
      _ = try Trainer(model: model, data: other, settings: settings)
    }
    #expect(throws: TrainingError.self) {
      let other = try Dataset(name: "x", shape: .vector(2), samples: [1, 2], labels: [0], classCount: 4)
      _ = try Trainer(model: model, data: other, settings: settings)
    }
    #expect(throws: TrainingError.self) {
      _ = try Trainer(model: model, data: data, settings: settings, initial: ModelState(parameters: [1], statistics: []))
    }
    let changes: [(inout TrainingSettings) -> Void] = [
      { $0.epochs = 0 }, { $0.batch = 0 }, { $0.loss = .tradeOff() }, { $0.selection = .bestAccuracy },
      { $0.selection = .bestAttackedAccuracy }, { $0.weightDecay = WeightDecay(-1) }, { $0.clipping = .norm(0) },
      { $0.loss = .crossEntropy(smoothing: 1) },
    ]
    for change in changes {
      var other = settings
      change(&other)
      #expect(throws: TrainingError.self) { _ = try Trainer(model: model, data: data, settings: other) }
    }
  }

  /// Fifteen epochs of one batch against PyTorch 2.15, everything of a step together:
  ///
  ///     net = Sequential(Linear(2, 4), ReLU(), Linear(4, 3))
  ///     vector_to_parameters(tensor([0.5 * sin(i + 1) for i in range(27)]), net.parameters())
  ///     x = tensor([[cos(i), sin(2 * i)] for i in range(6)]); y = tensor([0, 1, 2, 0, 1, 2])
  ///     o = SGD(net.parameters(), lr=0.3, momentum=0.9, nesterov=True, weight_decay=5e-4)
  ///     s = MultiStepLR(o, [5, 10], gamma=0.1)
  ///     for e in range(15):
  ///         o.zero_grad(); l = cross_entropy(net(x), y, label_smoothing=0.1); l.backward()
  ///         clip_grad_norm_(net.parameters(), 0.5); o.step(); s.step()
  @Test func aWholeRunIsThatOfPyTorch() throws {
    let losses = [
      1.182547, 1.097867, 1.018357, 0.952987, 0.888882, 0.825328, 0.818792, 0.811501, 0.803568, 0.795105, 0.786224, 0.785296, 0.784325,
      0.783315, 0.782271,
    ]
    let parameters: [Float] = [
      0.608727, -0.181736, 0.070346, -0.377252, -0.750517, -0.131318, 0.176826, 1.286949, 0.027001, -0.271185, -0.304474, 0.465453,
      0.399324, 0.4938, 0.428671, -0.23459, -0.303188, -0.374354, 0.009394, 0.867991, 0.051129, -0.004412, -0.461022, -0.773243,
      0.317257, 0.072355, 0.401271,
    ]
    var model = Model<Float>(input: .vector(2))
    try model.add(DenseLayer("hidden", inputs: 2, outputs: 4))
    try model.add(ActivationLayer("relu"))
    try model.add(DenseLayer("head", inputs: 4, outputs: 3))
    let samples = (0..<6).flatMap { [Float(cos(Double($0))), Float(sin(Double(2 * $0)))] }
    let data = try Dataset(name: "curve", shape: .vector(2), samples: samples, labels: [0, 1, 2, 0, 1, 2], classCount: 3)
    var settings = TrainingSettings(
      epochs: 15, batch: 6, schedule: LearningRateSchedule(rate: 0.3, course: .milestones([5, 10], factor: 0.1)),
      loss: .crossEntropy(smoothing: 0.1))
    settings.weightDecay = WeightDecay(5e-4)
    settings.clipping = .norm(0.5)
    let initial = ModelState<Float>(parameters: (0..<27).map { Float(0.5 * sin(Double($0 + 1))) }, statistics: [])
    let outcome = try Trainer(model: model, data: data, settings: settings, initial: initial).run()
    for (record, loss) in zip(outcome.curve, losses) { #expect(abs(record.loss - loss) <= 1e-5) }
    // PyTorch divides by the norm plus 10⁻⁶ where it clips.
    for (value, expected) in zip(outcome.state.parameters, parameters) { #expect(abs(value - expected) <= 2e-5) }
  }
}
