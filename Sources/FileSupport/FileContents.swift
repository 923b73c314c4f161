import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// Why a file could not be read.
public struct FileReadError: Error, Equatable, CustomStringConvertible {
  /// The file.
  public let path: String
  /// What is wrong with it, to be said of the file, such as "there is no such file" or "is a folder, not a file".
  public let reason: String
  /// Whether the file has more bytes than the reader takes.
  public let isTooLarge: Bool

  init(path: String, reason: String, isTooLarge: Bool = false) {
    (self.path, self.reason, self.isTooLarge) = (path, reason, isTooLarge)
  }

  init(path: String, code: Int32) {
    let words = SystemReason.reading(code)
    self.init(path: path, reason: path.isEmpty ? "the name of the file is empty" : code == ENOENT ? words : "cannot be read: \(words)")
  }

  /// The file and the reason in one line.
  public var description: String { path.isEmpty ? reason : "\(path): \(reason)" }
}

/// Whole files as bytes.
public enum FileContents {
  /// The bytes of a file, mapped into memory where that is safe, or what a pipe gives until it ends.
  ///
  /// - Parameter limit: the most bytes that are taken.
  /// - Throws: ``FileReadError``.
  public static func read(path: String, limit: Int = .max) throws(FileReadError) -> Data {
    let status = try status(of: path)
    if status.st_mode & S_IFMT == S_IFIFO { return try readPipe(path, limit: limit) }
    func require(_ count: Int) throws(FileReadError) {
      guard count > limit else { return }
      throw FileReadError(path: path, reason: "\(count) bytes exceed the limit of \(limit)", isTooLarge: true)
    }
    try require(Int(status.st_size))
    let data: Data
    do {
      data = try Data(contentsOf: URL(fileURLWithPath: path), options: .mappedIfSafe)
    } catch {
      // Foundation hides the system's reason, which opening the file once more gives.
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      let code = descriptor < 0 ? errno : EIO
      if descriptor >= 0 { close(descriptor) }
      throw FileReadError(path: path, code: code)
    }
    try require(data.count)
    return data
  }

  /// Why a file cannot be read, so far as can be known without reading it.
  public static func obstacle(path: String) -> FileReadError? {
    do throws(FileReadError) { _ = try status(of: path) } catch { return error }
    return access(path, R_OK) == 0 ? nil : FileReadError(path: path, code: errno)
  }

  /// What the system knows of a file or pipe.
  private static func status(of path: String) throws(FileReadError) -> stat {
    var status = stat()
    guard stat(path, &status) == 0 else { throw FileReadError(path: path, code: errno) }
    switch status.st_mode & S_IFMT {
    case S_IFREG, S_IFIFO: return status
    case S_IFDIR: throw FileReadError(path: path, reason: "is a folder, not a file")
    default: throw FileReadError(path: path, reason: "is a device, not a file")
    }
  }

  private static func readPipe(_ path: String, limit: Int) throws(FileReadError) -> Data {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileReadError(path: path, code: errno) }
    defer { close(descriptor) }
    var result = Data()
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return result }
      guard count > 0 else {
        if errno == EINTR { continue }
        throw FileReadError(path: path, code: errno)
      }
      guard count <= limit - result.count else {
        throw FileReadError(path: path, reason: "gives more than \(limit) bytes", isTooLarge: true)
      }
      result.append(contentsOf: chunk[0..<count])
    }
  }
}
