import Foundation
import NetworkFormats
import Training

/// Study files of any kind.
public enum StudyFile {
  /// Reads a study file: one with `variants` trains, one with `steps` does what they say one by one, one with `models` bounds them.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - data: in place of the study's own, in a study that trains variants.
  /// - Throws: `FormatError` that names the file, the line and the key.
  public static func read(path: String, data: DataDescription? = nil) throws -> any Study {
    let text = try StudyText.read(path: path)
    let kind: Kind = try FormatError.naming(path) { try Self.kind(of: YAMLValue(text: text)) }
    if kind == .training { return try TrainingStudy.read(path: path, data: data) }
    guard data == nil else { throw FormatError(.unsupported, file: path, reason: "data can be replaced in studies with 'variants' only") }
    return kind == .bounds ? try BoundStudy.read(path: path) : try PipelineStudy.read(path: path)
  }

  /// The kinds of studies, by the key that only they have.
  enum Kind: String, CaseIterable {
    case bounds = "models"
    case training = "variants"
    case steps
  }

  /// Which kind of study it is.
  static func kind(of value: YAMLValue) throws -> Kind {
    guard let entries = try value.entries() else { throw value.failure("the study: expected keys and values") }
    if let kind = Kind.allCases.first(where: { entries[$0.rawValue] != nil }) { return kind }
    if entries["model"] != nil, entries["training"] != nil {
      throw value.failure("the study: needs 'models', 'variants' or 'steps'; this is a recipe, for 'lipcert train' or 'lipcert prune'")
    }
    // A misspelt key is told as such.
    let folder = URL(fileURLWithPath: "/")
    let keys =
      BoundStudy.field(folder: folder).names + TrainingStudy.field(folder: folder).names + PipelineStudy.field(folder: folder).names
    var seen: Set<String> = []
    let mapping = try YAMLMapping(value, name: "the study", keys: keys.filter { seen.insert($0).inserted })
    throw mapping.failure("needs 'models', 'variants' or 'steps'")
  }
}
