import FileSupport

/// Files that are to be read.
enum InputFile {
  /// Refuses what is not there, is a folder or may not be read.
  ///
  /// - Throws: ``CommandError`` that names the file.
  static func require(_ path: String) throws {
    if let obstacle = FileContents.obstacle(path: path) { throw CommandError(.usage, "\(obstacle)") }
  }
}
