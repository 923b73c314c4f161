import Foundation
import NetworkFormats
import Training

extension DataDescription {
  /// Reads `data:` of a recipe, such as `{glyphs: 14}`, `{folder: mnist, pooling: 2}` or `{training: train.csv, test: test.csv}`; paths are
  /// relative to `folder`.
  ///
  /// - Throws: `FormatError` that names the line and the key.
  init(_ value: YAMLEntry, folder: URL) throws {
    let sources = ["glyphs", "folder", "training"]
    let mapping = try value.mapping(
      sources + [
        "training-count", "test-count", "seed", "test", "training-labels", "test-labels", "scale", "images", "shape", "channels-last",
        "label-column", "classes", "limit", "test-limit", "pooling", "validation",
      ])
    func path(_ entry: YAMLEntry) throws -> String {
      let path = try entry.text()
      return path.hasPrefix("/") ? path : folder.appendingPathComponent(path).standardized.path
    }
    func forbid(_ keys: [String], with source: String) throws {
      for key in keys { if let entry = mapping[key] { throw entry.failure("does not apply to data with '\(source)'") } }
    }
    let fileKeys = ["test", "training-labels", "test-labels"]
    switch (mapping["glyphs"], mapping["folder"], mapping["training"]) {
    case (let size?, nil, nil):
      try forbid(fileKeys + ["scale", "images", "shape", "channels-last", "label-column", "classes"], with: "glyphs")
      self.init(
        .glyphs(
          size: try size.integer(in: 8...64), training: try mapping["training-count"]?.integer(in: 1...10_000_000) ?? 10_000,
          test: try mapping["test-count"]?.integer(in: 1...10_000_000) ?? 2_000, seed: try mapping["seed"]?.seed() ?? 0))
    case (nil, let place?, nil):
      try forbid(fileKeys + ["training-count", "test-count", "seed"], with: "folder")
      self.init(.folder(try path(place)))
    case (nil, nil, let file?):
      try forbid(["training-count", "test-count", "seed"], with: "training")
      func files(_ samples: YAMLEntry, _ labels: YAMLEntry?) throws -> DatasetFiles {
        DatasetFiles(samples: try path(samples), labels: try labels.map(path))
      }
      self.init(
        .files(
          training: try files(file, mapping["training-labels"]), test: try mapping["test"].map { try files($0, mapping["test-labels"]) }))
    default: throw value.failure("needs one of \(sources.joined(separator: ", "))")
    }
    reading.scale = try mapping["scale"]?.real(in: -1e9...1e9)
    if let areImages = mapping["images"] { reading.areImages = try areImages.boolean() }
    reading.shape = try mapping["shape"].map { entry in
      let sizes = try entry.list().map { try $0.integer(in: 1...100_000) }
      guard sizes.count == 3 else { throw entry.failure("expected channels, height and width, such as [3, 32, 32]") }
      return FeatureShape(height: sizes[1], width: sizes[2], channels: sizes[0])
    }
    if let last = mapping["channels-last"] { reading.isChannelsLast = try last.boolean() }
    reading.labelColumn = try mapping["label-column"]?.integer(in: -1_000_000...1_000_000)
    reading.classCount = try mapping["classes"]?.integer(in: 2...1_000_000)
    reading.limit = try mapping["limit"]?.integer(in: 1...1_000_000_000)
    reading.pooling = try mapping["pooling"]?.integer(in: 1...64) ?? 1
    testLimit = try mapping["test-limit"]?.integer(in: 1...1_000_000_000)
    validationShare = try mapping["validation"]?.real(in: 0...0.9) ?? 0
  }
}
