import FileSupport
import Foundation

/// Places that results are to go to, tried before the work starts, so that none is done in vain.
enum OutputPlace {
  /// Refuses a file that cannot be written.
  ///
  /// - Throws: `FileWriteError`.
  static func require(file path: String?) throws {
    if let path, let obstacle = AtomicFile.obstacle(path: path) { throw obstacle }
  }

  /// Makes a folder unless it is there, and refuses one in which nothing can be written.
  ///
  /// - Throws: `FileWriteError`.
  static func require(folder path: String?) throws {
    guard let path else { return }
    try Folder.make(path: path)
    if let obstacle = AtomicFile.obstacle(path: (path as NSString).appendingPathComponent("results")) { throw obstacle }
  }
}
