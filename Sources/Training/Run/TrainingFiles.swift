/// The files that a run leaves and goes on from.
public struct TrainingFiles: Sendable, Hashable {
  /// The checkpoint, if one is wanted.
  public var checkpoint: String?
  /// The seconds after which a checkpoint is written within an epoch; at the end of each epoch one is written anyway.
  public var checkpointInterval: Double
  /// The learning curve as CSV, if it is wanted.
  public var curve: String?

  /// The paths, none by default.
  public init(checkpoint: String? = nil, checkpointInterval: Double = 60, curve: String? = nil) {
    self.checkpoint = checkpoint
    self.checkpointInterval = checkpointInterval
    self.curve = curve
  }
}
