import Compression
import Training

/// A model to be trained as a file describes it: data, architecture, training and how the result is judged.
public struct TrainingRecipe: Sendable {
  /// The heading.
  public var title: String
  /// What it is for.
  public var summary: String
  /// The seed of everything: first values, order, augmentation, attacks.
  public var seed: UInt64
  /// The data.
  public var data: DataDescription
  /// The model.
  public var model: ModelBeginning
  /// How it is trained.
  public var settings: TrainingSettings
  /// How it is pruned, if it is.
  public var pruning: PruningMethod?
  /// How what is left of it is trained after a choice; as in `settings` unless given.
  public var retraining: TrainingSettings?
  /// How the trained network is judged.
  public var evaluation: AccuracyEvaluation
}
