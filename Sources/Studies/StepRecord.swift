import FileSupport
import Foundation

/// The note a finished step leaves in its folder: the digest of the inputs its results are about. It is written last, and taken away before
/// the step runs again, so that it stands only beside complete results.
struct StepRecord: Codable, Equatable {
  /// The digest of everything the results depend on.
  var inputs: String

  private static let name = "step.json"

  /// Reads the note of a folder; `nil` when there is none.
  static func read(folder: String) -> StepRecord? {
    (try? Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))).flatMap { try? JSONDecoder().decode(Self.self, from: $0) }
  }

  /// Takes the note away.
  static func remove(folder: String) { try? FileManager.default.removeItem(atPath: "\(folder)/\(name)") }

  /// Writes the note.
  ///
  /// - Throws: `FileWriteError`.
  func write(folder: String) throws {
    try AtomicFile.write(Data("{\n  \"inputs\": \"\(inputs)\"\n}\n".utf8), path: "\(folder)/\(Self.name)")
  }
}
