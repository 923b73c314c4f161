import NetworkFormats
import Training

extension Augmentation {
  /// Reads `augmentation:` of a recipe, such as `{crop: 4, flip: true}`.
  ///
  /// - Throws: `FormatError` that names the line and the key.
  init(_ value: YAMLEntry) throws {
    let mapping = try value.mapping(["crop", "flip", "cutout", "fill"])
    self = try Augmentation(
      padding: try mapping["crop"]?.integer(in: 0...1024) ?? 0, flips: try mapping["flip"]?.boolean() ?? false,
      cutout: try mapping["cutout"]?.integer(in: 0...1024) ?? 0, fill: Float(try mapping["fill"]?.real(in: -1e9...1e9) ?? 0))
  }
}
