import Foundation
import LinearAlgebra
import Testing

@testable import Training

@Suite struct CheckpointTests {
  /// Shrinks the weights over their running mean: remembers a vector, a number and steps.
  private struct Averaging: TrainingHook {
    var memory = TrainingMemory()
    var identity: String { "averaging" }

    mutating func begin(_ parameters: [Float], model: Model<Float>) { memory = TrainingMemory(numbers: [0], vectors: [parameters]) }

    mutating func penalise(_ parameters: [Float], gradient: inout [Float], at position: TrainingPosition) -> Double {
      memory.numbers[0] += 0.25
      var total = 0.0
      for i in parameters.indices {
        gradient[i] += 0.01 * (parameters[i] - memory.vectors[0][i])
        total += 0.005 * Double((parameters[i] - memory.vectors[0][i]) * (parameters[i] - memory.vectors[0][i]))
      }
      return total
    }

    mutating func project(_ parameters: inout [Float], at position: TrainingPosition) {
      for i in parameters.indices { memory.vectors[0][i] += 0.1 * (parameters[i] - memory.vectors[0][i]) }
    }
  }

  /// Noise on samples.
  private struct Jitter: BatchAugmentation, BatchAdversary {
    let size: Float

    func augment(_ batch: Tensor<Float>, random: RandomStream) {
      var generator = random.generator
      for i in batch.buffer.indices { batch.base[i] += size * Float(generator.nextGaussian()) }
    }

    func perturb(
      _ execution: Execution<Float>, _ state: inout ModelState<Float>, labels: [Int], mode: PassMode, random: RandomStream
    ) {
      execution.forward(&state, mode: mode, random: random)
      _ = CrossEntropy.evaluate(execution.output, labels: labels, gradient: execution.outputGradient)
      execution.backward(state, ofParameters: false, ofInput: true)
      for i in execution.input.buffer.indices { execution.input.base[i] += execution.inputGradient.base[i] > 0 ? size : -size }
    }
  }

  private static func trainer(_ change: (inout TrainingSettings) -> Void = { _ in }) throws -> Trainer {
    var model = Model<Float>(input: .vector(2))
    try model.add(DenseLayer("hidden", inputs: 2, outputs: 6))
    try model.add(NoisyRectifier(name: "relu", count: 6, deviation: 0.1))
    try model.add(DenseLayer("head", inputs: 6, outputs: 3))
    var settings = TrainingSettings(
      epochs: 3, batch: 16, optimiser: .adaptiveMoments(.nadam),
      schedule: LearningRateSchedule(rate: 0.02, course: .cosine(end: 0), warmUpEpochs: 0.5), loss: .tradeOff(), seed: 7)
    settings.augmentation = Jitter(size: 0.02)
    settings.adversary = Jitter(size: 0.05)
    settings.weightDecay = WeightDecay(1e-3, scope: .weights)
    settings.clipping = .norm(3)
    settings.selection = .bestAccuracy
    change(&settings)
    return try Trainer(
      model: model, data: TrainerTests.sectors(70, seed: 1), validation: TrainerTests.sectors(40, seed: 2), settings: settings,
      hooks: [Averaging()])
  }

  @Test(arguments: [TrainingLoss.trades(), .margin(MarginTraining(.efficientMargin, radius: 0.1)), .crossEntropy(smoothing: 0.1)])
  func everyLossGoesOn(_ loss: TrainingLoss) throws {
    func trainer() throws -> Trainer {
      var model = Model<Float>(input: .vector(2))
      try model.add(DenseLayer("hidden", inputs: 2, outputs: 6))
      try model.add(ActivationLayer("relu"))
      try model.add(DenseLayer("head", inputs: 6, outputs: 3))
      var settings = TrainingSettings(epochs: 2, batch: 16, schedule: LearningRateSchedule(rate: 0.02), loss: loss, seed: 7)
      if loss.wantsAdversary { settings.adversary = Jitter(size: 0.05) }
      return try Trainer(model: model, data: TrainerTests.sectors(70, seed: 1), settings: settings)
    }
    let undisturbed = Self.result(try trainer().run())
    #expect(undisturbed.1[1].loss < undisturbed.1[0].loss)
    let stopped = try trainer()
    for _ in 0..<7 { try stopped.step() }
    let other = try trainer()
    try other.resume(from: stopped.checkpoint)
    #expect(Self.result(try other.run()) == undisturbed)
  }

  /// What a run comes to, without the times.
  private static func result(_ outcome: TrainingOutcome) -> (ModelState<Float>, [EpochRecord]) {
    (
      outcome.state,
      outcome.curve.map {
        var record = $0
        record.seconds = 0
        return record
      }
    )
  }

  private static func withFolder(_ body: (String) throws -> Void) throws {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("checkpoint-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try body(folder)
  }

  @Test func anInterruptedRunEndsAsAnUndisturbedOne() throws {
    let undisturbed = Self.result(try Self.trainer().run())
    // Five steps an epoch: stops in the middle of epochs, at their ends, and before the first step.
    for stops in [[7], [5, 10], [0, 1, 2, 14], Array(0..<15)] {
      try Self.withFolder { folder in
        let files = TrainingFiles(checkpoint: folder + "/run.checkpoint", checkpointInterval: 0, curve: folder + "/run.csv")
        for stop in stops {
          let trainer = try Self.trainer()
          #expect(try !trainer.run(files: files, isCancelled: { trainer.position.totalStep >= stop }).isComplete)
          #expect(trainer.position.totalStep == stop)
        }
        let outcome = try Self.trainer().run(files: files)
        #expect(outcome.isComplete)
        #expect(Self.result(outcome) == undisturbed)
        // The curve has one line for each epoch, however often it was interrupted.
        let lines = try String(contentsOfFile: folder + "/run.csv", encoding: .utf8).split(separator: "\n")
        #expect(lines.map(String.init) == [EpochRecord.header] + outcome.curve.map(\.line))
        // A finished run is not trained again.
        let again = try Self.trainer()
        #expect(Self.result(try again.run(files: files, onProgress: { _ in Issue.record("a step of a finished run") })) == undisturbed)
      }
    }
  }

  /// A crash leaves whatever checkpoint was written last: here that of every step in turn.
  @Test func everyCheckpointLeadsToTheSameEnd() throws {
    let undisturbed = Self.result(try Self.trainer().run())
    let trainer = try Self.trainer()
    while !trainer.position.isAtEnd {
      let other = try Self.trainer()
      try other.resume(from: trainer.checkpoint)
      #expect(Self.result(try other.run()) == undisturbed)
      try trainer.step()
    }
  }

  @Test func aRunOfOtherSettingsIsNotContinued() throws {
    let checkpoint = try Self.trainer().checkpoint
    let changes: [(inout TrainingSettings) -> Void] = [
      { $0.seed = 8 }, { $0.epochs = 4 }, { $0.clipping = nil }, { $0.adversary = Jitter(size: 0.06) }, { $0.weightDecay.scope = .all },
    ]
    for change in changes {
      let other = try Self.trainer(change)
      #expect(throws: TrainingError.self) { try other.resume(from: checkpoint) }
    }
    try Self.trainer().resume(from: checkpoint)
  }

  @Test func otherDataAndOtherFirstValuesAreNotContinued() throws {
    let trainer = try Self.trainer()
    var initial = trainer.state
    initial.parameters[0] += 1
    func other(_ data: Dataset, _ initial: ModelState<Float>) throws -> Trainer {
      try Trainer(
        model: trainer.model, data: data, validation: trainer.validation, settings: trainer.settings, hooks: [Averaging()], initial: initial
      )
    }
    try other(trainer.data, trainer.state).resume(from: trainer.checkpoint)
    #expect { try other(trainer.data, initial).resume(from: trainer.checkpoint) } throws: { "\($0)".contains("first values differ") }
    #expect { try other(TrainerTests.sectors(70, seed: 9), trainer.state).resume(from: trainer.checkpoint) } throws: {
      "\($0)".contains("data")
    }
  }

  @Test func filesAreReadAsTheyWereWritten() throws {
    let trainer = try Self.trainer()
    for _ in 0..<8 { try trainer.step() }
    let checkpoint = trainer.checkpoint
    try Self.withFolder { folder in
      try checkpoint.write(path: folder + "/a")
      #expect(try Checkpoint(path: folder + "/a") == checkpoint)
      #expect(throws: TrainingError.self) { try Checkpoint(path: folder + "/b") }
    }
  }

  @Test func damagedFilesAreRefused() throws {
    let trainer = try Self.trainer()
    for _ in 0..<8 { try trainer.step() }
    try Self.withFolder { folder in
      let path = folder + "/a"
      try trainer.checkpoint.write(path: path)
      let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
      for count in stride(from: 0, to: bytes.count, by: 13) {
        #expect(throws: BinaryReader.Failure.self) { try Checkpoint(bytes: Array(bytes.prefix(count))) }
      }
      #expect(throws: BinaryReader.Failure.self) { try Checkpoint(bytes: bytes + [0]) }
      var generator = SplitMix64(seed: 4)
      for _ in 0..<300 {
        var damaged = bytes
        damaged[Int(generator.next() % UInt64(bytes.count))] ^= UInt8(1 + generator.next() % 255)
        #expect(throws: BinaryReader.Failure.self) { try Checkpoint(bytes: damaged) }
      }
      try Data("something else".utf8).write(to: URL(fileURLWithPath: path))
      #expect(throws: TrainingError.checkpoint(path: path, detail: "it is not a checkpoint")) {
        _ = try Self.trainer().run(files: TrainingFiles(checkpoint: path))
      }
    }
  }

  /// Fields changed at random behind a right checksum either are refused or give a checkpoint; nothing traps, and no memory is asked for that
  /// is not there.
  @Test func nothingTrapsOnForgedFields() throws {
    let trainer = try Self.trainer()
    for _ in 0..<8 { try trainer.step() }
    try Self.withFolder { folder in
      try trainer.checkpoint.write(path: folder + "/a")
      let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: folder + "/a")))
      var generator = SplitMix64(seed: 6)
      var refused = 0
      for round in 0..<400 {
        var forged = bytes
        for _ in 0...Int(generator.next() % 3) {
          let place = 32 + 8 * Int(generator.next() % UInt64((bytes.count - 32) / 8))
          let word: UInt64 = [0, 1, UInt64.max, UInt64(Int.max), 1 << 40, generator.next()][Int(generator.next() % 6)]
          withUnsafeBytes(of: word) { for (offset, byte) in $0.enumerated() { forged[place + offset] = byte } }
        }
        if round % 4 == 0 { forged.removeLast(Int(generator.next() % 64)) }
        let content = Array(forged.dropFirst(32))
        var header = BinaryWriter()
        header.append(UInt64(Checkpoint.checksum(content)))
        header.append(content.count)
        forged.replaceSubrange(16..<32, with: header.bytes)
        do {
          let other = try Self.trainer()
          try other.resume(from: Checkpoint(bytes: forged))
        } catch { refused += 1 }
      }
      #expect(refused > 100)
    }
  }

  /// A checkpoint that cannot be written is noticed before the first step, not after an epoch.
  @Test func anObstacleIsFoundBeforeTraining() throws {
    let trainer = try Self.trainer()
    #expect { try trainer.run(files: TrainingFiles(checkpoint: "/nowhere/at/all/run.checkpoint")) } throws: {
      "\($0)".contains("cannot be written")
    }
    #expect(trainer.position.totalStep == 0)
  }
}
