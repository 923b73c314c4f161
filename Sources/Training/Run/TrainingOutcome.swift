import LinearAlgebra

/// What a run came to.
public struct TrainingOutcome: Sendable {
  /// Whether all epochs are over; otherwise it was cancelled.
  public let isComplete: Bool
  /// The numbers to be deployed: of the epoch that was chosen.
  public let state: ModelState<Float>
  /// The epoch that was chosen, or `nil` when none is finished.
  public let epoch: Int?
  /// All finished epochs.
  public let curve: [EpochRecord]
}
