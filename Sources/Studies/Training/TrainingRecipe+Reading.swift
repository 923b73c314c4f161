import Compression
import Foundation
import NetworkFormats
import Training

extension TrainingRecipe {
  /// Reads a recipe.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - seed: in place of the recipe's own.
  ///   - data: in place of the recipe's own.
  /// - Throws: `FormatError` that names the file, the line and the key.
  public static func read(path: String, seed: UInt64? = nil, data: DataDescription? = nil) throws -> TrainingRecipe {
    var recipe = try TrainingRecipe(text: StudyText.read(path: path), file: path, seed: seed)
    if let data { recipe.data = data }
    return recipe
  }

  /// Parses the text of a recipe; paths in it are relative to the folder of `file`.
  ///
  /// - Throws: `FormatError` that names the file, the line and the key.
  public init(text: String, file: String, seed: UInt64? = nil) throws {
    let field = Self.field(folder: URL(fileURLWithPath: file).deletingLastPathComponent())
    self = try FormatError.naming(file) {
      let value = try YAMLValue(text: text)
      if let entries = try value.keyedEntries(), let kind = StudyFile.Kind.allCases.first(where: { entries[$0.rawValue] != nil }) {
        throw (entries[kind.rawValue]?.key ?? value).failure("'\(kind.rawValue)' makes this a study, for 'lipcert run'; a recipe has none")
      }
      var recipe = try field.read(YAMLMapping(value, name: "the recipe", keys: field.names))
      if let seed { recipe.seedEverything(seed) }
      return recipe
    }
  }

  /// The keys of a recipe.
  static func field(folder: URL) -> Field<TrainingRecipe> {
    .group(
      Parts.field(folder: folder, isPart: false).requiring("title", "model", "training"),
      Field("seed", .seed, default: 0, "The seed of everything: first values, order of the samples, augmentation, attacks.")
    ) { try TrainingRecipe($1, seed: $2, in: $0) }
  }

  /// What a file says of a recipe.
  struct Parts: Sendable {
    var title: String?
    var summary: String?
    var data: DataDescription?
    var model: ModelBeginning?
    var training: YAMLMapping?
    var pruning: PruningMethod??
    var retraining: YAMLMapping??
    var evaluation: AccuracyEvaluation?

    /// The keys of a recipe, or of a part of one whose other keys stand elsewhere.
    static func field(folder: URL, isPart: Bool) -> Field<Parts> {
      .group(
        Field("title", .text, "The heading of the report."),
        Field("description", .prose, "What it is about; it stands below the heading."),
        Field(
          "data", DataDescription.notation(folder: folder),
          "The data: images that the program makes itself, a folder or files; {glyphs: 14} unless given."),
        Field("model", ModelBeginning.notation(folder: folder), "The model that is trained: an architecture, or a saved network."),
        Field("training", training(isPart: isPart), "How it is trained."),
        Field("pruning", .orNone(PruningMethod.notation), "How it is pruned; not at all unless given, or none."),
        Field(
          "retraining", .orNone(training(isPart: true)),
          "How what is kept after pruning is trained again: the keys of training that are different."),
        Field("evaluation", AccuracyEvaluation.notation, "How the trained network is judged, beside its natural accuracy.")
      ) {
        Parts(
          title: $1, summary: $2, data: $3, model: $4, training: $5, pruning: $6, retraining: $7, evaluation: $8)
      }
    }

    private static func training(isPart: Bool) -> Notation<YAMLMapping> {
      Notation<YAMLMapping>.keys(of: TrainingSettings.field, isPart: isPart).named(isPart ? "part-of-training" : "training")
    }

    /// The same with the changes of a variant, which replace what is there, in `training:` key by key.
    func changed(by changes: Parts) -> Parts {
      Parts(
        title: changes.title ?? title, summary: changes.summary ?? summary, data: changes.data ?? data, model: changes.model ?? model,
        training: changes.training.map { training?.overlaid(by: $0) ?? $0 } ?? training, pruning: changes.pruning ?? pruning,
        retraining: changes.retraining ?? retraining, evaluation: changes.evaluation ?? evaluation)
    }
  }

  /// Makes the recipe of its parts; `place` is complained about when some are missing.
  init(_ parts: Parts, seed: UInt64, in place: YAMLMapping) throws {
    guard let title = parts.title else { throw place.missing("title") }
    guard let model = parts.model else { throw place.missing("model") }
    guard let training = parts.training else { throw place.missing("training") }
    self.init(
      title: title, summary: parts.summary ?? "", seed: seed, data: parts.data ?? .glyphs(size: 14), model: model,
      settings: try TrainingSettings.field.read(training), pruning: parts.pruning ?? nil,
      retraining: try (parts.retraining ?? nil).map { try TrainingSettings.field.read(training.overlaid(by: $0)) },
      evaluation: parts.evaluation ?? AccuracyEvaluation())
    seedEverything(seed)
  }

  /// Gives everything its seed.
  private mutating func seedEverything(_ seed: UInt64) {
    (self.seed, settings.seed, evaluation.seed) = (seed, seed, seed)
    retraining?.seed = seed
  }
}
