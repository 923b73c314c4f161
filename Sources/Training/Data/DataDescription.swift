import Certificates
import Foundation
import NetworkFormats

/// The data of a run: where they come from and which part of them is used for what.
public struct DataDescription: Hashable, Sendable, Codable {
  /// Where data come from.
  public enum Source: Hashable, Sendable, Codable {
    /// Made by ``GlyphImages``: so many for training (and validation) and for testing.
    case glyphs(size: Int, training: Int, test: Int, seed: UInt64)
    /// A folder that ``DatasetFolder`` understands.
    case folder(String)
    /// Files of samples with their labels.
    case files(training: DatasetFiles, test: DatasetFiles?)
  }

  /// Where they come from.
  public var source: Source
  /// How files are read; its limit applies to the training data.
  public var reading = DatasetReading()
  /// The most samples to test with.
  public var testLimit: Int?
  /// The share of the training data that is kept for validation; 0 keeps none.
  public var validationShare = 0.0

  /// All data of a source.
  public init(_ source: Source) { self.source = source }

  /// The glyphs that are used when no data are named: 10,000 for training and 2,000 for testing.
  public static func glyphs(size: Int, seed: UInt64 = 0) -> DataDescription {
    DataDescription(.glyphs(size: size, training: 10_000, test: 2_000, seed: seed))
  }

  /// Data in the parts of a run.
  public struct Parts: Sendable {
    /// For training.
    public let training: Dataset
    /// For the choice among states of a model.
    public let validation: Dataset?
    /// For the accuracy that is reported.
    public let test: Dataset?
    /// SHA-256 over the digests of the parts.
    public let digest: String
  }

  /// Loads everything.
  ///
  /// - Throws: ``TrainingError`` or `FormatError` that names the setting or the file.
  public func load() throws -> Parts {
    guard 0 <= validationShare, validationShare < 1 else {
      throw TrainingError.setting(key: "validation", detail: "a share lies between 0 and 1, not at \(validationShare)")
    }
    let whole = try loadTraining()
    let parts = validationShare > 0 ? try whole.split(secondShare: validationShare) : nil
    let training = parts?.first ?? whole
    let test = try loadTest(classCount: training.classCount)
    if let test, test.shape != training.shape {
      throw TrainingError.data("\(test.name): samples for testing are \(test.shape), those for training \(training.shape)")
    }
    var sha = SHA256()
    for part in [training, parts?.second, test] { sha.update((part?.digest ?? "-").utf8) }
    return Parts(training: training, validation: parts?.second, test: test, digest: sha.finish())
  }

  /// Loads what there is for training and validation.
  ///
  /// - Throws: as ``load()``.
  public func loadTraining() throws -> Dataset {
    switch source {
    case .glyphs(let size, let count, _, let seed):
      return try GlyphImages(size: size, seed: seed).dataset(.training, count: min(count, reading.limit ?? count))
        .averagePooled(by: reading.pooling)
    case .folder(let path): return try DatasetFolder(path).read(.training, reading)
    case .files(let training, _): return try reading.read([training], name: (training.samples as NSString).lastPathComponent)
    }
  }

  /// Loads what there is for testing.
  ///
  /// - Parameter classCount: the number of classes, or `nil` for what the data say.
  /// - Throws: as ``load()``.
  public func loadTest(classCount: Int? = nil) throws -> Dataset? {
    var reading = reading
    reading.limit = testLimit
    reading.classCount = reading.classCount ?? classCount
    switch source {
    case .glyphs(let size, _, let count, let seed):
      return try GlyphImages(size: size, seed: seed).dataset(.test, count: min(count, testLimit ?? count))
        .averagePooled(by: reading.pooling)
    case .folder(let path): return try DatasetFolder(path).read(.test, reading)
    case .files(_, let test): return try test.map { try reading.read([$0], name: ($0.samples as NSString).lastPathComponent) }
    }
  }
}
