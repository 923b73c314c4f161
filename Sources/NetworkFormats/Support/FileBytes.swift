import FileSupport
import Foundation

/// Whole files as bytes.
enum FileBytes {
  /// The file at `path`, mapped into memory where that is possible.
  ///
  /// - Throws: ``FormatError`` when it cannot be read or has more than `limit` bytes.
  static func read(path: String, limit: Int) throws -> Data {
    do {
      return try FileContents.read(path: path, limit: limit)
    } catch {
      throw FormatError(error.isTooLarge ? .tooLarge : .inaccessible, file: path, reason: error.reason)
    }
  }

  /// Writes a file in one step: readers see the old file or the whole new one.
  static func write(_ data: Data, path: String) throws {
    do {
      try AtomicFile.write(data, path: path)
    } catch let error as FileWriteError {
      throw FormatError(.unwritable, file: path, reason: "cannot be written: \(error.reason)")
    }
  }
}
