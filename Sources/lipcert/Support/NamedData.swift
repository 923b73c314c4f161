import Foundation
import Training

/// Samples that are not one file: a data set's folder, such as MNIST's, or `glyphs-N`, images that the program makes itself.
enum NamedData {
  /// Whether a path names such samples.
  static func isLikely(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) ? isFolder.boolValue : glyphSize(path) != nil
  }

  /// Reads samples of a split; `nil` for a path that is a file.
  ///
  /// - Throws: `FormatError` or `TrainingError` that names the file.
  static func read(_ path: String, _ split: DataSplit, _ reading: DatasetReading = DatasetReading()) throws -> Dataset? {
    guard isLikely(path) else { return nil }
    guard let size = glyphSize(path), !FileManager.default.fileExists(atPath: path) else {
      return try DatasetFolder(path).read(split, reading)
    }
    let count = split == .training ? 10_000 : 2_000
    return try GlyphImages(size: size).dataset(split, count: min(count, reading.limit ?? count)).averagePooled(by: reading.pooling)
  }

  private static func glyphSize(_ path: String) -> Int? { path.hasPrefix("glyphs-") ? Int(path.dropFirst(7)) : nil }
}
