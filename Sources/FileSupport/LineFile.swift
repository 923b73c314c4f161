import Foundation
import Synchronization

#if canImport(Glibc)
  import Glibc
#endif

/// A text file that grows line by line and keeps every line whatever ends the program.
///
/// A line is there once its line end is; what follows the last line end was torn by a crash and is dropped when the next line is written. One
/// process at a time has the file.
public final class LineFile: Sendable {
  private struct State {
    var length: Int
    var isTorn: Bool
    var lastFlush = ContinuousClock.now
  }

  /// The file.
  public let path: String
  /// The lines that were there when the file was opened, line ends included.
  public let content: Data
  /// What followed them: the beginning of a line that was never finished.
  public let torn: Data
  private let descriptor: Int32
  private let state: Mutex<State>

  /// Opens a file, or makes an empty one.
  ///
  /// - Parameter overwriting: whether to forget what is there, as soon as the first line is written.
  /// - Throws: ``FileWriteError``, also when another process has the file or it is none.
  public init(path: String, overwriting: Bool = false) throws {
    let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw FileWriteError(path: path, code: errno) }
    do {
      var status = stat()
      guard fstat(descriptor, &status) == 0 else { throw FileWriteError(path: path, code: errno) }
      guard status.st_mode & S_IFMT == S_IFREG else { throw FileWriteError(path: path, reason: "it is a device or a pipe, not a file") }
      guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
        throw errno == EWOULDBLOCK
          ? FileWriteError(path: path, reason: "another process is writing it") : FileWriteError(path: path, code: errno)
      }
      let data = overwriting ? Data() : try Self.read(descriptor, path: path)
      let end = data.lastIndex(of: UInt8(ascii: "\n")).map { $0 + 1 } ?? 0
      (content, torn) = (data.prefix(end), data.suffix(from: end))
      state = Mutex(State(length: end, isTorn: overwriting || end < data.count))
    } catch {
      close(descriptor)
      throw error
    }
    self.path = path
    self.descriptor = descriptor
  }

  deinit { close(descriptor) }

  /// Adds a line; several at once come one after the other.
  ///
  /// The line is handed to the operating system, so that it outlives this process, and at least once a second to the disk.
  ///
  /// - Parameter line: without line end.
  /// - Throws: ``FileWriteError``, as on a full disk; then nothing of the line is left, and earlier lines are.
  public func append(_ line: Data) throws {
    try state.withLock { state in
      if state.isTorn {
        guard ftruncate(descriptor, off_t(state.length)) == 0 else { throw FileWriteError(path: path, code: errno) }
        state.isTorn = false
      }
      let bytes = line + [UInt8(ascii: "\n")]
      do {
        try bytes.withUnsafeBytes { try AtomicFile.writeAll($0, to: descriptor, path: path) }
      } catch {
        state.isTorn = ftruncate(descriptor, off_t(state.length)) != 0
        throw error
      }
      state.length += bytes.count
      if state.lastFlush.duration(to: .now) > .seconds(1) { try flush(&state) }
    }
  }

  /// Waits until the disk has all lines.
  ///
  /// - Throws: ``FileWriteError``.
  public func synchronise() throws { try state.withLock { try flush(&$0) } }

  private func flush(_ state: inout State) throws {
    guard fsync(descriptor) == 0 else { throw FileWriteError(path: path, code: errno) }
    state.lastFlush = .now
  }

  private static func read(_ descriptor: Int32, path: String) throws -> Data {
    var result = Data()
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = chunk.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      if count == 0 { return result }
      if count > 0 {
        result.append(contentsOf: chunk[0..<count])
      } else if errno != EINTR {
        throw FileWriteError(path: path, code: errno)
      }
    }
  }
}
