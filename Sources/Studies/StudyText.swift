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
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch {
      throw FormatError(.inaccessible, file: path, reason: "cannot be read: \(error.localizedDescription)")
    }
    guard data.count <= sizeLimit else { throw FormatError(.tooLarge, file: path, reason: "is larger than a study file may be") }
    guard let text = String(data: data, encoding: .utf8) else { throw FormatError(.malformed, file: path, reason: "is not UTF-8 text") }
    return text
  }
}
