import Foundation
import NetworkFormats

/// How the numbers of files become samples.
public struct DatasetReading: Hashable, Sendable, Codable {
  /// What every number is multiplied with; `nil` brings bytes (IDX, CIFAR, uint8 arrays) and the values 0 to 16 of optdigits into [0, 1] and
  /// takes other numbers as they are.
  public var scale: Double?
  /// Whether samples are images: values must lie in [0, 1] once they are scaled.
  public var areImages = true
  /// The shape of a sample where files do not say it, as in tables; their rows have the channels one after the other unless
  /// ``isChannelsLast``.
  public var shape: FeatureShape?
  /// Whether arrays of four axes are samples × height × width × channels rather than samples × channels × height × width.
  public var isChannelsLast = false
  /// The column of the class in tables, counted from the last one when it is negative; `nil` is the last column in optdigits and the first
  /// in others.
  public var labelColumn: Int?
  /// The number of classes; `nil` is CIFAR's or one more than the largest label.
  public var classCount: Int?
  /// The most samples to take, from the first on.
  public var limit: Int?
  /// Every square of this many pixels a side becomes its mean: 2 makes 14 × 14 of 28 × 28.
  public var pooling = 1
  /// The greatest number of bytes of a file, also after decompression.
  public var maximumFileSize = 2 << 30

  /// Images in the way files say themselves.
  public init() {}

  /// Reads one file of samples, and one of labels where the first has none.
  ///
  /// IDX pairs, CIFAR's binary records (`.bin`), `.npz` with arrays `x` or `images` and `y` or `labels`, tables of numbers with a column of
  /// labels (`.csv`, optdigits' `.tra` and `.tes`), each also compressed with gzip.
  ///
  /// - Throws: `FormatError` that names the file: it is damaged or cut off, a number is not finite or not in [0, 1], a label is no class,
  ///   or sizes do not fit.
  public func read(_ path: String, labels labelPath: String? = nil, name: String? = nil) throws -> Dataset {
    try read([DatasetFiles(samples: path, labels: labelPath)], name: name ?? (path as NSString).lastPathComponent)
  }

  /// Reads several files of samples behind each other.
  ///
  /// - Throws: `FormatError` that names the file; ``TrainingError/data(_:)``.
  public func read(_ files: [DatasetFiles], name: String) throws -> Dataset {
    if let scale, !scale.isFinite || scale == 0 { throw TrainingError.setting(key: "scale", detail: "\(scale) is no scale") }
    if let limit, limit < 1 { throw TrainingError.setting(key: "limit", detail: "at least one sample is needed, not \(limit)") }
    if let classCount, classCount < 2 { throw TrainingError.setting(key: "classes", detail: "there are at least 2, not \(classCount)") }
    var parts: [LabelledArray] = []
    for file in files {
      let missing = limit.map { $0 - parts.reduce(0) { $0 + $1.labels.count } }
      if let missing, missing <= 0 { break }
      let part = try LabelledArray(file, reading: self, limit: missing)
      if let first = parts.first, first.shape != part.shape {
        throw FormatError(.malformed, file: file.samples, reason: "samples are \(part.shape), those of other files \(first.shape)")
      }
      parts.append(part)
    }
    guard let first = parts.first else { throw TrainingError.data("\(name): there are no samples") }
    let labels = parts.count == 1 ? first.labels : parts.flatMap(\.labels)
    let classes = classCount ?? first.classCount ?? max(2, (labels.max() ?? 0) + 1)
    for (part, file) in zip(parts, files) {
      if let row = part.labels.firstIndex(where: { !(0..<classes ~= $0) }) {
        throw FormatError(
          .malformed, file: file.labels ?? file.samples,
          reason: "sample \(row) has label \(part.labels[row]), which is not one of \(classes) classes from 0 on")
      }
    }
    let values = parts.count == 1 ? first.values : parts.flatMap(\.values)
    return try Dataset(name: name, shape: first.shape, samples: values, labels: labels, classCount: classes).averagePooled(by: pooling)
  }
}
