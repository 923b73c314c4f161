import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Why a file could not be written.
public struct FileWriteError: Error, Equatable, CustomStringConvertible {
  /// The reason, such as "the disk is full".
  public let reason: String
  /// The file and the reason in one line.
  public let description: String

  init(path: String, code: Int32) {
    if path.isEmpty {
      self.init(reason: "the name of the file is empty", description: "the name of the file is empty")
    } else {
      // Some folders, such as the system's own, hold no files of other people.
      let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
      let isRefused = code == ENOENT && access(folder, F_OK) == 0
      self.init(path: path, reason: isRefused ? "no file can be made there" : SystemReason.writing(code))
    }
  }

  init(path: String, reason: String) { self.init(reason: reason, description: "\(path): cannot be written: \(reason)") }

  init(reason: String, description: String) { (self.reason, self.description) = (reason, description) }
}

/// Files that are either the old one or the whole new one, never half of it.
public enum AtomicFile {
  /// Writes a temporary file in the same folder, flushes it to the disk and renames it. Devices and pipes are written directly.
  ///
  /// - Throws: ``FileWriteError``; nothing is left behind then.
  public static func write(_ data: Data, path: String) throws {
    try write(path: path) { append in try data.withUnsafeBytes { try append($0) } }
  }

  /// Writes a file piece by piece, as ``write(_:path:)``: for what is too large to be put together first.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - body: calls the function it is given for one piece after the other; what either throws ends the writing.
  /// - Throws: ``FileWriteError``, or what `body` throws; nothing is left behind then.
  public static func write(path: String, _ body: (_ append: (UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws {
    guard !path.isEmpty else { throw FileWriteError(path: path, code: ENOENT) }
    var status = stat()
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
      guard status.st_mode & S_IFMT != S_IFDIR else { throw FileWriteError(path: path, code: EISDIR) }
      return try store(body, path: path, reportedAs: path, flags: O_WRONLY)
    }
    // A link keeps pointing to the file that is replaced.
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let temporary = target.deletingLastPathComponent().appendingPathComponent(".\(target.lastPathComponent).\(getpid()).tmp").path
    do {
      try store(body, path: temporary, reportedAs: path, flags: O_WRONLY | O_CREAT | O_EXCL)
      guard rename(temporary, target.path) == 0 else { throw FileWriteError(path: path, code: errno) }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Why nothing can be written to `path`, so far as can be known beforehand.
  public static func obstacle(path: String) -> FileWriteError? {
    guard !path.isEmpty else { return FileWriteError(path: path, code: ENOENT) }
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { return FileWriteError(path: path, code: EISDIR) }
      if status.st_mode & S_IFMT != S_IFREG { return access(path, W_OK) == 0 ? nil : FileWriteError(path: path, code: errno) }
    }
    let folder = URL(fileURLWithPath: path).resolvingSymlinksInPath().deletingLastPathComponent().path
    guard stat(folder, &status) == 0 else { return FileWriteError(path: path, code: errno) }
    guard status.st_mode & S_IFMT == S_IFDIR else { return FileWriteError(path: path, code: ENOTDIR) }
    return access(folder, W_OK) == 0 ? nil : FileWriteError(path: path, code: errno)
  }

  private static func store(
    _ body: (_ append: (UnsafeRawBufferPointer) throws -> Void) throws -> Void, path: String, reportedAs name: String, flags: Int32
  ) throws {
    let descriptor = open(path, flags, 0o644)
    guard descriptor >= 0 else { throw FileWriteError(path: name, code: errno) }
    do {
      try body { bytes in
        var offset = 0
        while offset < bytes.count {
          let written = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
          if written >= 0 {
            offset += written
          } else if errno != EINTR {
            throw FileWriteError(path: name, code: errno)
          }
        }
      }
      // Pipes and devices have nothing to flush.
      if flags & O_CREAT != 0, fsync(descriptor) != 0 { throw FileWriteError(path: name, code: errno) }
    } catch {
      close(descriptor)
      throw error
    }
    guard close(descriptor) == 0 else { throw FileWriteError(path: name, code: errno) }
  }
}
