import Foundation
import NetworkFormats
import Training

extension DataDescription {
  /// Reads data written as in a recipe, such as `{folder: mnist, limit: 4000}`; paths are relative to the working folder.
  ///
  /// - Throws: `FormatError` that names the key.
  public init(words: String) throws {
    self = try FormatError.naming("data '\(words)'") {
      let mapping = try YAMLMapping(YAMLValue(text: "data: \(words)"), name: "the data", keys: ["data"])
      let folder = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
      return try Self.notation(folder: folder).read(mapping.required("data"))
    }
  }

  /// `data:` of a recipe, such as `{glyphs: 14}`, `{folder: mnist, pooling: 2}` or `{training: train.csv, test: test.csv}`; paths are relative
  /// to `folder`.
  static func notation(folder: URL) -> Notation<DataDescription> {
    .mapping(
      nil,
      .group(
        .one(of: [glyphs, directory(folder), files(folder)]),
        Field("limit", .integer(in: 1...1_000_000_000), "At most so many training samples: the first ones."),
        Field("test-limit", .integer(in: 1...1_000_000_000), "At most so many test samples: the first ones."),
        Field("pooling", .integer(in: 1...64), default: 1, "Every square of so many pixels a side becomes its mean: 2 makes 14 x 14 of 28 x 28."),
        Field("validation", .real(in: 0...0.9), default: 0, "The share of the training samples that is kept apart for validation.")
      ) { _, data, limit, testLimit, pooling, validation in
        var data = data
        (data.reading.limit, data.testLimit, data.reading.pooling, data.validationShare) = (limit, testLimit, pooling, validation)
        return data
      }
    ).named("data")
  }

  private static let glyphs = Field<DataDescription>.group(
    Field(
      required: "glyphs", .integer(in: 8...64), "Images of ten glyphs that the program makes itself: their height and width in pixels."),
    Field("training-count", .integer(in: 1...10_000_000), default: 10_000, "How many images there are for training."),
    Field("test-count", .integer(in: 1...10_000_000), default: 2_000, "How many images there are for testing."),
    Field("seed", .seed, default: 0, "The seed of the images.")
  ) { DataDescription(.glyphs(size: $1, training: $2, test: $3, seed: $4)) }

  private static func directory(_ folder: URL) -> Field<DataDescription> {
    .group(
      Field(
        required: "folder", .path(in: folder).examples("mnist"),
        "A folder of a data set, whose files have train or test in their names: MNIST and its relatives (IDX), CIFAR (binary), optdigits, train.csv and test.csv, also gzipped; relative to this file."),
      format
    ) { DataDescription(.folder($1), reading: $2) }
  }

  private static func files(_ folder: URL) -> Field<DataDescription> {
    .group(
      Field(required: "training", .path(in: folder).examples("train.csv"), "A file of training samples: IDX, .csv, .npz, .bin (CIFAR), .tra (optdigits), also gzipped; relative to this file."),
      Field("training-labels", .path(in: folder), "The file of their labels, where they are not in the same file."),
      Field("test", .path(in: folder), "A file of test samples."),
      Field("test-labels", .path(in: folder), "The file of their labels, where they are not in the same file."),
      format
    ) { _, training, trainingLabels, test, testLabels, reading in
      DataDescription(
        .files(
          training: DatasetFiles(samples: training, labels: trainingLabels),
          test: test.map { DatasetFiles(samples: $0, labels: testLabels) }), reading: reading)
    }
  }

  private init(_ source: Source, reading: DatasetReading) {
    self.init(source)
    self.reading = reading
  }

  /// How files are to be understood.
  private static let format = Field<DatasetReading>.group(
    Field("scale", .real(in: -1e9...1e9), "What every number is multiplied with; unless given, bytes are brought into [0, 1] and other numbers taken as they are."),
    Field("images", .boolean, default: true, "Whether samples are images, whose values lie in [0, 1] once they are scaled."),
    Field(
      "shape", .list(of: .integer(in: 1...100_000), count: 3...3, expected: "channels, height and width, such as [3, 32, 32]"),
      "The shape of a sample where files do not say it: [channels, height, width]."),
    Field("channels-last", .boolean, default: false, "Whether arrays are samples x height x width x channels rather than samples x channels x height x width."),
    Field("label-column", .integer(in: -1_000_000...1_000_000), "The column of the class in tables, from the last one where negative; unless given the last one in optdigits and the first in others."),
    Field("classes", .integer(in: 2...1_000_000), "The number of classes; that of CIFAR, or one more than the largest label, unless given.")
  ) { _, scale, areImages, shape, isChannelsLast, labelColumn, classCount in
    var reading = DatasetReading()
    (reading.scale, reading.areImages, reading.isChannelsLast) = (scale, areImages, isChannelsLast)
    (reading.labelColumn, reading.classCount) = (labelColumn, classCount)
    reading.shape = shape.map { FeatureShape(height: $0[1], width: $0[2], channels: $0[0]) }
    return reading
  }
}
