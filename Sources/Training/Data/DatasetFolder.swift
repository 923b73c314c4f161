import FileSupport
import Foundation
import NetworkFormats

/// A folder of a data set, whose files say by their names what they are for.
///
/// Training samples have `train` or `data_batch` in their names or end in `.tra`, test samples have `test` or `t10k` or end in `.tes`; files
/// with `labels` in their names hold labels. That covers MNIST and its relatives (IDX), CIFAR-10 and CIFAR-100 (binary), optdigits, and
/// `train.csv`, `test.npz` and the like; each file may be compressed with gzip.
public struct DatasetFolder: Sendable {
  /// The folder.
  public let path: String
  private let names: [String]

  /// Looks into a folder.
  ///
  /// - Throws: `FormatError` when it cannot be read.
  public init(_ path: String) throws {
    self.path = path
    do { names = try Folder.names(path: path) } catch { throw FormatError(.inaccessible, file: path, reason: error.reason) }
  }

  /// The last component of the path, which is what the data are called.
  public var name: String { URL(fileURLWithPath: path).lastPathComponent }

  /// The files of a split, in the order of their names.
  ///
  /// - Throws: `FormatError` when there are none, or several that do not belong together.
  public func files(_ split: DataSplit) throws -> [DatasetFiles] {
    let words = split == .training ? ["train", "data_batch"] : ["test", "t10k"]
    let ending = split == .training ? "tra" : "tes"
    func stem(_ name: String) -> String { name.hasSuffix(".gz") ? String(name.dropLast(3)) : name }
    func kind(_ name: String) -> String {
      let suffix = (stem(name) as NSString).pathExtension.lowercased()
      return suffix.contains("ubyte") || stem(name).hasSuffix("-ubyte") ? "idx" : suffix
    }
    let known = ["idx", "bin", "npz", "csv", "tra", "tes", "txt"]
    let candidates = names.filter { name in
      let lower = stem(name).lowercased()
      guard known.contains(kind(name)), words.contains(where: lower.contains) || kind(name) == ending else { return false }
      // A file and its compressed copy count once.
      return stem(name) == name || !names.contains(stem(name))
    }
    let samples = candidates.filter { !$0.lowercased().contains("labels") }
    guard let first = samples.first else {
      let list = words.map { "'\($0)'" }.joined(separator: " or ")
      throw FormatError(
        .malformed, file: path, reason: "no data: no file of a known kind has \(list) in its name or ends in .\(ending)")
    }
    guard Set(samples.map(kind)).count == 1, samples.count == 1 || kind(first) == "bin" else {
      throw FormatError(.malformed, file: path, reason: "which are the data? \(samples.joined(separator: ", "))")
    }
    let labels = candidates.filter { $0.lowercased().contains("labels") }
    guard labels.count <= 1 else {
      throw FormatError(.malformed, file: path, reason: "which are the labels? \(labels.joined(separator: ", "))")
    }
    func full(_ name: String) -> String { (path as NSString).appendingPathComponent(name) }
    return samples.map { DatasetFiles(samples: full($0), labels: labels.first.map(full)) }
  }

  /// Reads a split.
  ///
  /// - Throws: `FormatError` that names the file.
  public func read(_ split: DataSplit, _ reading: DatasetReading = DatasetReading()) throws -> Dataset {
    try reading.read(files(split), name: name)
  }
}
