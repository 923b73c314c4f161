import Foundation

#if canImport(Glibc)
  import Glibc
#endif

/// What a program prints.
public enum StandardOutput {
  /// Writes all of a text.
  ///
  /// - Throws: ``FileWriteError``, as on a full disk.
  public static func write(_ text: String) throws {
    var text = text
    try text.withUTF8 { bytes in
      var offset = 0
      while offset < bytes.count {
        let written = Glibc.write(STDOUT_FILENO, bytes.baseAddress?.advanced(by: offset), bytes.count - offset)
        if written >= 0 {
          offset += written
        } else if errno != EINTR {
          throw FileWriteError(path: "standard output", reason: SystemReason.writing(errno))
        }
      }
    }
  }
}
