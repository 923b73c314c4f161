import Foundation
import Synchronization

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
      let descriptor = open(path, O_WRONLY)
      guard descriptor >= 0 else { throw FileWriteError(path: path, code: errno) }
      return try store(body, descriptor, path: path, flushing: false)
    }
    // A link keeps pointing to the file that is replaced.
    let target = URL(fileURLWithPath: path).resolvingSymlinksInPath()
    let (temporary, descriptor) = try openTemporary(beside: target, path: path)
    do {
      try store(body, descriptor, path: path, flushing: true)
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

  /// Tells the temporary files of one process apart.
  private static let temporaryCount = Atomic<Int>(0)

  /// A new file in the folder of `target`.
  ///
  /// Names that are taken are passed over: another thread may be writing the same file, and a killed process of the same number, as in a
  /// container, may have left one behind.
  private static func openTemporary(beside target: URL, path: String) throws -> (path: String, descriptor: Int32) {
    let folder = target.deletingLastPathComponent()
    while true {
      let number = temporaryCount.wrappingAdd(1, ordering: .relaxed).newValue
      let temporary = folder.appendingPathComponent(".\(target.lastPathComponent).\(getpid()).\(number).tmp").path
      let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o644)
      if descriptor >= 0 { return (temporary, descriptor) }
      guard errno == EEXIST else { throw FileWriteError(path: path, code: errno) }
    }
  }

  /// Writes what `body` appends, and closes the descriptor whatever happens; errors call the file `path`.
  private static func store(
    _ body: (_ append: (UnsafeRawBufferPointer) throws -> Void) throws -> Void, _ descriptor: Int32, path: String, flushing: Bool
  ) throws {
    do {
      try body { bytes in try writeAll(bytes, to: descriptor, path: path) }
      // Pipes and devices have nothing to flush.
      if flushing, fsync(descriptor) != 0 { throw FileWriteError(path: path, code: errno) }
    } catch {
      close(descriptor)
      throw error
    }
    guard close(descriptor) == 0 else { throw FileWriteError(path: path, code: errno) }
  }

  /// Hands bytes to the operating system, in as many pieces as it takes; errors call the file `path`.
  static func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws {
    var offset = 0
    while offset < bytes.count {
      let written = Glibc.write(descriptor, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
      if written >= 0 {
        offset += written
      } else if errno != EINTR {
        throw FileWriteError(path: path, code: errno)
      }
    }
  }
}
