import Foundation
import NetworkFormats
import Training

/// Study files of any kind.
public enum StudyFile {
  /// Reads a study file: one with `variants` trains, one with `steps` does what they say one by one, any other bounds `models`.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - data: in place of the study's own, in a study that trains variants.
  /// - Throws: `FormatError` that names the file, the line and the key.
  public static func read(path: String, data: DataDescription? = nil) throws -> any Study {
    let text = try StudyText.read(path: path)
    let entries = try FormatError.naming(path) { try YAMLValue(text: text).entries() ?? [:] }
    if entries["variants"] != nil { return try TrainingStudy.read(path: path, data: data) }
    guard data == nil else { throw FormatError(.unsupported, file: path, reason: "data can be replaced in studies with 'variants' only") }
    return entries["steps"] == nil ? try BoundStudy.read(path: path) : try PipelineStudy.read(path: path)
  }
}
