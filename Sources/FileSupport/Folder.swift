import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Folders.
public enum Folder {
  /// Makes a folder, and those it lies in, unless they are there.
  ///
  /// - Throws: ``FileWriteError`` that names the folder.
  public static func make(path: String) throws {
    if let code = make(path as NSString) {
      let reason = path.isEmpty ? "the name is empty" : code == ENOENT ? "no folder can be made there" : SystemReason.writing(code)
      throw FileWriteError(reason: reason, description: "\(path): the folder cannot be created: \(reason)")
    }
  }

  /// The names of what is in a folder, sorted.
  ///
  /// - Throws: ``FileReadError``.
  public static func names(path: String) throws(FileReadError) -> [String] {
    guard let stream = opendir(path) else {
      let code = errno
      if code == ENOENT { throw FileReadError(path: path, reason: "there is no such folder") }
      if code == ENOTDIR, access(path, F_OK) == 0 { throw FileReadError(path: path, reason: "is a file, not a folder") }
      throw FileReadError(path: path, code: code)
    }
    closedir(stream)
    do { return try FileManager.default.contentsOfDirectory(atPath: path).sorted() } catch {
      throw FileReadError(path: path, code: EIO)
    }
  }

  /// Makes a folder and gives the system's error, or `nil`.
  private static func make(_ path: NSString) -> Int32? {
    if mkdir(path as String, 0o777) == 0 { return nil }
    let code = errno
    switch code {
    case EEXIST:
      var status = stat()
      return stat(path as String, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR ? nil : EEXIST
    case ENOENT:
      let parent = path.deletingLastPathComponent as NSString
      guard parent.length > 0, parent != path else { return code }
      if let code = make(parent) { return code }
      // Another process may have made it in between.
      return mkdir(path as String, 0o777) == 0 || errno == EEXIST ? nil : errno
    default: return code
    }
  }
}
