import FileSupport
import Foundation

/// Whole files as bytes.
enum FileBytes {
  /// The file at `path`, mapped into memory where that is possible.
  ///
  /// - Throws: ``FormatError`` when it cannot be read or has more than `limit` bytes.
  static func read(path: String, limit: Int) throws -> Data {
    let data: Data
    do {
      let resolved = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
      let attributes = try FileManager.default.attributesOfItem(atPath: resolved)
      guard let type = attributes[.type] as? FileAttributeType, type == .typeRegular else {
        throw FormatError(.inaccessible, file: path, reason: "is a folder or a device, not a file")
      }
      if let size = attributes[.size] as? NSNumber, size.intValue > limit {
        throw FormatError(.tooLarge, file: path, reason: "\(size.intValue) bytes exceed the limit of \(limit)")
      }
      data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    } catch let error as FormatError {
      throw error
    } catch {
      throw FormatError(.inaccessible, file: path, reason: reason(error))
    }
    guard data.count <= limit else { throw FormatError(.tooLarge, file: path, reason: "\(data.count) bytes exceed the limit of \(limit)") }
    return data
  }

  /// Writes a file in one step: readers see the old file or the whole new one.
  static func write(_ data: Data, path: String) throws {
    do {
      try AtomicFile.write(data, path: path)
    } catch let error as FileWriteError {
      throw FormatError(.inaccessible, file: path, reason: "it cannot be written: \(error.reason)")
    }
  }

  private static func reason(_ error: any Error) -> String {
    switch (error as? CocoaError)?.code {
    case .fileReadNoSuchFile, .fileNoSuchFile: "there is no such file"
    case .fileReadNoPermission: "permission is denied"
    default: "it cannot be read: \(error.localizedDescription)"
    }
  }
}
