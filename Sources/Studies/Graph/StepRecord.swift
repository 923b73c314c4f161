import Certificates
import CommandLineSupport
import FileSupport
import Foundation
import LinearAlgebra
import Lipschitz

/// The note a finished step leaves in its folder: what its results are about, and what they are. It is written last, and taken away before
/// the step runs again, so that it stands only beside complete results.
struct StepRecord: Codable, Equatable {
  /// The step's id.
  var step: String
  /// The digest of everything the results depend on.
  var inputs: String
  /// The SHA-256 of each file of the folder, by its name in it.
  var outputs: [String: String]
  /// The seed of its random choices.
  var seed: UInt64?
  /// The version of the program.
  var version = Version.current
  /// Threads.
  var threads = Threads.count
  /// Seconds by the clock.
  var seconds: Double

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
  func write(folder: String) throws { try AtomicFile.write(readableJSON, path: "\(folder)/\(Self.name)") }

  /// The digests of the files in a folder and its folders, without the note.
  ///
  /// - Throws: `FormatError` when a file cannot be read.
  static func digests(folder: String) throws -> [String: String] {
    var digests: [String: String] = [:]
    // Hidden files are what a killed program had not finished writing.
    for file in (try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? [] where file != name {
      guard !(file as NSString).lastPathComponent.hasPrefix(".") else { continue }
      let path = "\(folder)/\(file)"
      var isFolder: ObjCBool = false
      guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else { continue }
      digests[file] = try FileDigest.sha256(path: path)
    }
    return digests
  }

  /// Whether every file is still what it was.
  func isIntact(folder: String) -> Bool {
    outputs.allSatisfy { file, digest in (try? FileDigest.sha256(path: "\(folder)/\(file)")) == digest }
  }
}
