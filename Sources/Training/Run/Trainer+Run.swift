import Foundation

extension Trainer {
  /// Trains to the end, or until it is cancelled.
  ///
  /// - Parameters:
  ///   - isCancelled: asked before every step.
  ///   - onProgress: called after every step.
  /// - Throws: ``TrainingError/diverged(epoch:step:)``, or what a hook or `onProgress` throws.
  public func run(
    isCancelled: () -> Bool = { false }, onProgress: (TrainingProgress) throws -> Void = { _ in }
  ) throws -> TrainingOutcome {
    let start = ContinuousClock.now
    let (firstStep, earlier) = (position.totalStep, seconds)
    var samples = 0
    while !position.isAtEnd, !isCancelled() {
      let before = sums.samples
      try step()
      let elapsed = start.duration(to: .now) / .seconds(1)
      seconds = earlier + elapsed
      samples += position.step == 0 ? data.count - before : sums.samples - before
      let left = settings.epochs * position.stepsPerEpoch - position.totalStep
      try onProgress(
        TrainingProgress(
          position: position, loss: sums.loss / Double(max(1, sums.samples)), accuracy: Double(sums.correct) / Double(max(1, sums.samples)),
          samplesPerSecond: Double(samples) / elapsed, secondsLeft: elapsed * Double(left) / Double(position.totalStep - firstStep),
          lastEpoch: curve.last))
    }
    return outcome
  }

  /// The result so far.
  public var outcome: TrainingOutcome {
    let current = curve.isEmpty ? nil : curve.count - 1
    return TrainingOutcome(
      isComplete: position.isAtEnd, state: best?.state ?? deployedState, epoch: best?.epoch ?? current, curve: curve)
  }
}
