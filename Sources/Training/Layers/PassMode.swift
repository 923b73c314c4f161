import LinearAlgebra

/// What a pass through the model is for.
public struct PassMode: Hashable, Sendable {
  /// Whether batch normalisation uses the batch's own statistics and dropout is active.
  public var isTraining: Bool
  /// Whether the running statistics learn from this pass; attacks leave them alone.
  public var updatesStatistics: Bool
  /// Whether noise layers add noise.
  public var isNoisy: Bool

  /// A step of training.
  public static let training = PassMode(isTraining: true, updatesStatistics: true, isNoisy: true)
  /// The search for an adversary during training.
  public static let attackInTraining = PassMode(isTraining: true, updatesStatistics: false, isNoisy: true)
  /// The network that is saved.
  public static let evaluation = PassMode(isTraining: false, updatesStatistics: false, isNoisy: false)
  /// The network with its noise, as it was trained.
  public static let noisyEvaluation = PassMode(isTraining: false, updatesStatistics: false, isNoisy: true)
}
