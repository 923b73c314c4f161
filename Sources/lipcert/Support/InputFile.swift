import CommandLineSupport
import Foundation

/// Files that are to be read.
enum InputFile {
  /// Refuses what is not there, is a folder or may not be read.
  ///
  /// - Throws: ``CommandError`` that names the file.
  static func require(_ path: String) throws {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw CommandError(.usage, "\(path): there is no such file")
    }
    if isFolder.boolValue { throw CommandError(.usage, "\(path): is a folder") }
    guard FileManager.default.isReadableFile(atPath: path) else { throw CommandError(.usage, "\(path): may not be read") }
  }
}
