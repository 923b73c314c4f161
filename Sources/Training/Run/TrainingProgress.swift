/// How far a run has come.
public struct TrainingProgress: Sendable {
  /// Where it is; the step is the next one.
  public let position: TrainingPosition
  /// The mean loss of this epoch so far.
  public let loss: Double
  /// The accuracy on this epoch's samples so far.
  public let accuracy: Double
  /// Samples a second since the run, or this session of it, began.
  public let samplesPerSecond: Double
  /// The seconds to the end at this rate.
  public let secondsLeft: Double
  /// The last finished epoch, if any.
  public let lastEpoch: EpochRecord?
}
