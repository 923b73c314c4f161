/// The shape of a node of a convolutional network: `channels` values at every point of a grid.
public struct FeatureMap: Sendable, Equatable {
  /// Values at each point.
  public var channels: Int
  /// Consecutive channels that stand side by side at every point of the flat vector: element (c, y, x) is at
  /// ((c / inner · height + y) · width + x) · inner + c mod inner. More than 1 between the rounds of a max pool only.
  public var inner = 1
  /// Rows and columns of the image that the network computes.
  public var height: Int
  /// See ``height``.
  public var width: Int
  /// Input rows and columns for one step of this grid.
  public var rowStep: Int
  /// See ``rowStep``.
  public var columnStep: Int

  /// channels · height · width, the length of the flat vector.
  public var count: Int { channels * height * width }
  /// height · width.
  public var pixels: Int { height * width }
}
