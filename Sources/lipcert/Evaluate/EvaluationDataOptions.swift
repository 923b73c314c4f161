import ArgumentParser
import Foundation
import NetworkFormats
import Training

/// The samples that a model is evaluated on.
struct EvaluationDataOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The samples: a folder such as MNIST's or CIFAR's, a file (.npz, .npy, .csv, IDX, .bin, each also with gzip), or glyphs-14 or glyphs-28.",
      discussion: "glyphs-N are images of N x N pixels that the program makes itself.", valueName: "path"),
    completion: .file())
  var data: String?

  @Option(help: ArgumentHelp("The file of labels, for a file of samples without them.", valueName: "file"), completion: .file())
  var labels: String?

  @Flag(help: "Evaluate on the folder's training samples rather than on those for testing.")
  var training = false

  @Option(
    help: ArgumentHelp(
      "Multiply every number by this, such as 1/255 (default: bytes and optdigits come into 0..1 by themselves).", valueName: "a/b"),
    transform: Fraction.parse)
  var scale: Fraction?

  @Option(help: ArgumentHelp("Replace every N x N pixels by their mean: 2 makes 14 x 14 of 28 x 28.", valueName: "N"))
  var pooling = 1

  @Option(
    name: .customLong("label-column"),
    help: ArgumentHelp("The column of labels in a table, from 0; negative from the end (default: 0).", valueName: "k"))
  var labelColumn: Int?

  @Flag(help: "Arrays of images are samples x height x width x channels.")
  var channelsLast = false

  @Flag(help: "The samples are no images: any finite number is a value, also for attacks.")
  var features = false

  @Option(help: ArgumentHelp("Only the first N samples.", valueName: "N"))
  var limit: Int?

  func validate() throws {
    if let limit, limit < 1 { throw ValidationError("--limit must be at least 1") }
    guard 1...1024 ~= pooling else { throw ValidationError("--pooling must be at least 1") }
    if let scale, scale.value == 0 { throw ValidationError("--scale must not be zero") }
  }

  /// The values that a sample can have.
  var domain: ClosedRange<Double>? { features ? nil : 0...1 }

  /// Reads the samples for a model with these inputs and classes.
  ///
  /// - Throws: `FormatError` or `TrainingError` that names the file.
  func read(for shape: FeatureShape, classCount: Int) throws -> Dataset {
    try readUnfitted(for: shape, classCount: classCount).fitted(to: shape)
  }

  /// The same, but images stay images also for a model of vectors, as other models may need them.
  func readUnfitted(for shape: FeatureShape, classCount: Int) throws -> Dataset {
    guard let data else { throw CommandError(.usage, "--data is missing") }
    var reading = DatasetReading()
    reading.scale = scale?.value
    reading.areImages = !features
    reading.isChannelsLast = channelsLast
    reading.labelColumn = labelColumn
    reading.classCount = classCount
    reading.limit = limit
    reading.pooling = pooling
    if !shape.isVector {
      reading.shape = FeatureShape(height: pooling * shape.height, width: pooling * shape.width, channels: shape.channels)
    }
    if NamedData.isLikely(data), labels != nil {
      throw CommandError(.usage, "--labels goes with a file of samples, not with a folder or glyphs-N")
    }
    if let named = try NamedData.read(data, training ? .training : .test, reading) { return named }
    guard !training else { throw CommandError(.usage, "--training is for folders; \(data) is a file") }
    return try reading.read(data, labels: labels)
  }
}
