import FileSupport
import Foundation
import LinearAlgebra

extension Trainer {
  /// Trains to the end, or until it is cancelled; from the checkpoint where there is one.
  ///
  /// - Parameters:
  ///   - files: what is written. The curve is made anew from the checkpoint's, so it fits the run whenever that was interrupted.
  ///   - isCancelled: asked before every step; after a `true` the checkpoint is written and the run stops.
  ///   - onProgress: called after every step.
  /// - Returns: the result, of a cancelled run the result so far.
  /// - Throws: ``TrainingError/diverged(epoch:step:)``; ``TrainingError/checkpoint(path:detail:)`` when there is a checkpoint of another run or a
  ///   damaged one; `FileWriteError`; what a hook or `onProgress` throws.
  public func run(
    files: TrainingFiles = TrainingFiles(), isCancelled: () -> Bool = { false }, onProgress: (TrainingProgress) throws -> Void = { _ in }
  ) throws -> TrainingOutcome {
    if let path = files.checkpoint, FileManager.default.fileExists(atPath: path) { try resume(from: Checkpoint(path: path), path: path) }
    if let obstacle = files.checkpoint.flatMap({ AtomicFile.obstacle(path: $0) }) { throw obstacle }
    let curveFile = try files.curve.map { try LineFile(path: $0, overwriting: true) }
    for line in [EpochRecord.header] + curve.map(\.line) { try curveFile?.append(Data(line.utf8)) }

    let start = ContinuousClock.now
    let firstStep = position.totalStep
    var samples = 0
    var lastCheckpoint = start
    startClock()
    defer { stopClock() }
    while !position.isAtEnd {
      if isCancelled() {
        try files.checkpoint.map { try checkpoint.write(path: $0) }
        return outcome
      }
      samples += try step()
      let isEpochEnd = position.step == 0
      if isEpochEnd, let record = curve.last { try curveFile?.append(Data(record.line.utf8)) }
      if let path = files.checkpoint, isEpochEnd || lastCheckpoint.duration(to: .now) >= .seconds(files.checkpointInterval) {
        try checkpoint.write(path: path)
        lastCheckpoint = .now
      }
      let elapsed = start.duration(to: .now) / .seconds(1)
      let left = settings.epochs * position.stepsPerEpoch - position.totalStep
      try onProgress(
        TrainingProgress(
          position: position, loss: sums.loss / Double(max(1, sums.samples)), accuracy: Double(sums.correct) / Double(max(1, sums.samples)),
          samplesPerSecond: Double(samples) / elapsed, secondsLeft: elapsed * Double(left) / Double(position.totalStep - firstStep),
          lastEpoch: curve.last))
    }
    try curveFile?.synchronise()
    return outcome
  }

  /// The result so far.
  public var outcome: TrainingOutcome {
    TrainingOutcome(
      isComplete: position.isAtEnd, state: best?.state ?? deployedState, epoch: best?.epoch ?? (curve.isEmpty ? nil : curve.count - 1),
      curve: curve)
  }

  /// Where the run is, with all that it needs to go on.
  public var checkpoint: Checkpoint {
    Checkpoint(
      identity: identity, epoch: position.epoch, step: position.step, state: state, optimiser: optimiser.memory, hooks: hooks.map(\.memory),
      loss: TrainingMemory(vectors: lipschitz?.memory ?? []), sums: sums, best: best, curve: curve, seconds: seconds)
  }

  /// Goes on from a checkpoint.
  ///
  /// - Parameters:
  ///   - checkpoint: one of the same run.
  ///   - path: what errors name.
  /// - Throws: ``TrainingError/checkpoint(path:detail:)`` when it is of another run.
  public func resume(from checkpoint: Checkpoint, path: String = "checkpoint") throws(TrainingError) {
    let differences = [
      checkpoint.identity.settings == identity.settings ? nil : "settings",
      checkpoint.identity.model == identity.model ? nil : "model",
      checkpoint.identity.data == identity.data ? nil : "data",
      checkpoint.identity.beginning == identity.beginning ? nil : "first values",
    ].compactMap { $0 }
    guard differences.isEmpty else {
      throw .checkpoint(
        path: path, detail: "it is of another run: \(differences.joined(separator: ", ")) differ; remove it to begin anew")
    }
    func fits(_ state: ModelState<Float>) -> Bool {
      state.parameters.count == model.parameterCount && state.statistics.count == model.statisticsCount
    }
    let fresh = settings.optimiser.optimiser(count: model.parameterCount).memory
    let isWithinRun = checkpoint.epoch < settings.epochs && checkpoint.step < position.stepsPerEpoch
    guard fits(checkpoint.state), checkpoint.best.map({ fits($0.state) && $0.epoch < checkpoint.epoch }) ?? true,
      isWithinRun || (checkpoint.epoch == settings.epochs && checkpoint.step == 0), checkpoint.curve.count == checkpoint.epoch,
      checkpoint.hooks.map { $0.vectors.map(\.count) } == hooks.map({ $0.memory.vectors.map(\.count) }),
      checkpoint.optimiser.numbers.count == fresh.numbers.count,
      checkpoint.optimiser.vectors.map(\.count) == fresh.vectors.map(\.count),
      checkpoint.loss.vectors.map(\.count) == lipschitz?.memory.map(\.count) ?? []
    else { throw .checkpoint(path: path, detail: "its parts do not fit each other: it is damaged") }
    state = checkpoint.state
    position.epoch = checkpoint.epoch
    position.step = checkpoint.step
    optimiser.memory = checkpoint.optimiser
    lipschitz?.memory = checkpoint.loss.vectors
    for (index, memory) in checkpoint.hooks.enumerated() { hooks[index].memory = memory }
    sums = checkpoint.sums
    best = checkpoint.best
    curve = checkpoint.curve
    earlierSeconds = checkpoint.seconds
  }
}
