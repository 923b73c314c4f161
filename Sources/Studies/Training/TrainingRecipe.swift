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

  /// All that determines what is trained beside the data, in words.
  ///
  /// - Throws: `FormatError` when the file of a saved network cannot be read.
  func words() throws -> [String: String] {
    var words = [
      "model": try model.identity(), "training": String(reflecting: settings),
      "attacks": String(reflecting: evaluation.attacks), "nearest": String(reflecting: evaluation.minimalNorm),
      "draws": "\(evaluation.answerDraws)",
    ]
    words["pruning"] = pruning?.identity
    words["retraining"] = retraining.map { String(reflecting: $0) }
    return words
  }
}
