/// The shape of one sample's feature map: height × width × channels, the channels of a pixel beside each other (NHWC).
///
/// A plain vector is a single pixel, 1 × 1 × n.
public struct FeatureShape: Hashable, Sendable, Codable, CustomStringConvertible {
  /// Rows.
  public var height: Int
  /// Columns.
  public var width: Int
  /// Channels.
  public var channels: Int

  /// The shape with these sizes.
  public init(height: Int, width: Int, channels: Int) {
    self.height = height
    self.width = width
    self.channels = channels
  }

  /// A vector of `count` elements.
  public static func vector(_ count: Int) -> FeatureShape { FeatureShape(height: 1, width: 1, channels: count) }

  /// height · width.
  public var pixels: Int { height * width }
  /// The number of elements.
  public var count: Int { pixels * channels }
  /// Whether it is a single pixel.
  public var isVector: Bool { pixels == 1 }

  /// For example `32x32x16`, or `10` for a vector.
  public var description: String { isVector ? "\(channels)" : "\(height)x\(width)x\(channels)" }
}
