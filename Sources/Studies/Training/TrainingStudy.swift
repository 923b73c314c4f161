import Foundation
import NetworkFormats
import Reports
import Training

/// Several variants of one recipe, each with several seeds, and claims about them that the numbers decide.
public struct TrainingStudy: Sendable {
  /// One of the networks that are compared.
  public struct Variant: Sendable {
    /// Its name, which its folders have.
    public let name: String
    /// What it is, in a line.
    public let title: String
    /// Its recipe for each seed.
    public internal(set) var recipes: [TrainingRecipe]
    /// How its networks are certified, if they are.
    public let certification: ModelComparison.Settings?
  }

  /// The heading.
  public let title: String
  /// What it is about.
  public let summary: String
  /// The variants.
  public internal(set) var variants: [Variant]
  /// The claims.
  public let claims: [TrainingReport.Claim]

  /// Whether a study file is one of training rather than one of bounds: it has `variants`.
  ///
  /// - Throws: `FormatError` that names the file and the line.
  public static func isLikely(path: String) throws -> Bool {
    let text = try StudyText.read(path: path)
    return try FormatError.naming(path) { try YAMLValue(text: text).entries()?["variants"] != nil }
  }

  /// Reads a study file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - data: in place of the study's own, for all variants.
  /// - Throws: `FormatError` that names the file, the line and the key.
  public static func read(path: String, data: DataDescription? = nil) throws -> TrainingStudy {
    var study = try TrainingStudy(text: StudyText.read(path: path), file: path)
    guard let data else { return study }
    for index in study.variants.indices {
      for place in study.variants[index].recipes.indices { study.variants[index].recipes[place].data = data }
    }
    return study
  }
}
