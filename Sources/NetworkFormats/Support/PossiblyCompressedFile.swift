import Foundation

/// Text and data files that may have been compressed with gzip.
public enum PossiblyCompressedFile {
  /// The content of a file, expanded when it begins as gzip files do.
  ///
  /// - Throws: ``FormatError`` when the file cannot be read, is damaged, or has more than `limit` bytes before or after expansion.
  public static func read(path: String, limit: Int) throws -> Data {
    let data = try FileBytes.read(path: path, limit: limit)
    guard data.starts(with: [0x1F, 0x8B]) else { return data }
    return try FormatError.naming(path) { try Zlib.inflate(data, wrapping: .gzip, limit: limit) }
  }
}
