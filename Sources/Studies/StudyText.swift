import FileSupport
import Foundation
import NetworkFormats

/// The text of study files and recipes.
enum StudyText {
  /// Larger files are something else.
  private static let sizeLimit = 1 << 20

  /// Reads a file.
  ///
  /// - Throws: `FormatError` that names the file.
  static func read(path: String) throws -> String {
    let data: Data
    do {
      data = try FileContents.read(path: path, limit: sizeLimit)
    } catch {
      throw FormatError(
        error.isTooLarge ? .tooLarge : .inaccessible, file: path,
        reason: error.isTooLarge ? "is larger than a study file may be" : error.reason)
    }
    guard let text = String(data: data, encoding: .utf8) else { throw FormatError(.malformed, file: path, reason: "is not UTF-8 text") }
    return text
  }
}
