/// A place in a run.
public struct TrainingPosition: Hashable, Sendable {
  /// The epoch, counted from 0.
  public var epoch = 0
  /// The step within the epoch, counted from 0.
  public var step = 0
  /// The steps in an epoch.
  public let stepsPerEpoch: Int
  /// The epochs in all.
  public let epochs: Int

  /// The beginning of a run.
  public init(stepsPerEpoch: Int, epochs: Int) {
    self.stepsPerEpoch = stepsPerEpoch
    self.epochs = epochs
  }

  /// The step, counted from 0 over all epochs.
  public var totalStep: Int { epoch * stepsPerEpoch + step }
  /// Whether all epochs are over.
  public var isAtEnd: Bool { epoch >= epochs }
  /// The epochs so far with their fraction.
  public var progress: Double { Double(totalStep) / Double(max(1, stepsPerEpoch)) }
}
