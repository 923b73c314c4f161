import NetworkFormats
import Training

extension Augmentation {
  /// `augmentation:` of a recipe, such as `{crop: 4, flip: true}`.
  static let notation = Notation<Augmentation>.mapping(
    nil,
    .group(
      Field("crop", .integer(in: 0...1024), default: 0, "Images are shifted at random by up to so many pixels along each axis."),
      Field("flip", .boolean, default: false, "Whether every other image, at random, is mirrored left to right."),
      Field("cutout", .integer(in: 0...1024), default: 0, "The side of a square that is covered at a random place, in pixels."),
      Field("fill", .real(in: -1e9...1e9), default: 0, "The value where an image has none.")
    ) { try Augmentation(padding: $1, flips: $2, cutout: $3, fill: Float($4)) }
  ).named("augmentation")
}
