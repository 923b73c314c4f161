import Certificates
import FileSupport
import Foundation
import NetworkFormats

/// The SHA-256 of files.
public enum FileDigest {
  /// The digest of a file, as 64 hexadecimal digits.
  ///
  /// - Throws: `FormatError` when the file cannot be read.
  public static func sha256(path: String) throws -> String {
    do {
      let data = try FileContents.read(path: path)
      var sha = SHA256()
      data.withUnsafeBytes { sha.update($0) }
      return sha.finish()
    } catch {
      throw FormatError(.inaccessible, file: path, reason: error.reason)
    }
  }
}
