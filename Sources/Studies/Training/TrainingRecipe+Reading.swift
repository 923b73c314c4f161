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
    self = try FormatError.naming(file) {
      let mapping = try YAMLMapping(YAMLValue(text: text), name: "the recipe", keys: ["title", "description"] + Self.keys)
      return try TrainingRecipe(mapping, seed: seed, folder: URL(fileURLWithPath: file).deletingLastPathComponent())
    }
  }

  /// Reads the keys of a recipe; `changes` are those of a variant, which replace the recipe's, in `training:` key by key.
  init(_ mapping: YAMLMapping, changes: YAMLMapping? = nil, seed override: UInt64? = nil, folder: URL) throws {
    func entry(_ key: String) -> YAMLEntry? { changes?[key] ?? mapping[key] }
    title = try (changes?["title"] ?? mapping.required("title")).text()
    summary = try entry("description")?.text().trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    let seed = try override ?? mapping["seed"]?.seed() ?? 0
    self.seed = seed
    data = try entry("data").map { try DataDescription($0, folder: folder) } ?? .glyphs(size: 14)
    model = try ModelBeginning(changes?["model"] ?? mapping.required("model"), folder: folder)
    var training = try mapping.required("training").mapping(TrainingSettings.keys)
    if let own = try changes?["training"]?.mapping(TrainingSettings.keys) { training = training.overlaid(by: own) }
    settings = try TrainingSettings(training, seed: seed)
    func present(_ key: String) -> YAMLEntry? { entry(key).flatMap { $0.value.text == "none" ? nil : $0 } }
    pruning = try present("pruning").map(PruningMethod.init)
    retraining = try present("retraining").map {
      try TrainingSettings(training.overlaid(by: $0.mapping(TrainingSettings.keys)), seed: seed)
    }
    evaluation = try entry("evaluation").map { try AccuracyEvaluation($0, seed: seed) } ?? AccuracyEvaluation()
  }
}
