/// What determines a linear map: its kind, its integers (sizes, indices) and its real coefficients, in a fixed order.
///
/// Two maps with equal descriptions are the same map; digests of networks are taken over descriptions.
public struct LinearMapDescription: Sendable, Equatable {
  /// The kind of map: `dense`, `convolution`, `diagonal`, `index` or `sparse`.
  public var kind: String
  /// Sizes, strides and indices.
  public var integers: [Int]
  /// Coefficients.
  public var reals: [Double]

  /// Collects the parts of a description.
  public init(kind: String, integers: [Int], reals: [Double]) {
    self.kind = kind
    self.integers = integers
    self.reals = reals
  }
}
