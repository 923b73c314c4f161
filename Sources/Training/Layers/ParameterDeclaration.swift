import LinearAlgebra

/// One tensor of parameters (or statistics) of a layer.
public struct ParameterDeclaration: Hashable, Sendable {
  /// The name within the layer, such as `weight`.
  public var name: String
  /// The lengths of the axes; row-major. Convolutions are output channels × input channels of a group × kernel rows × kernel columns.
  public var shape: [Int]
  /// What it is used for.
  public var role: Role
  /// Its first values.
  public var initialiser: Initialiser

  /// Collects the parts.
  public init(name: String, shape: [Int], role: Role, initialiser: Initialiser) {
    self.name = name
    self.shape = shape
    self.role = role
    self.initialiser = initialiser
  }

  /// The number of elements.
  public var count: Int { shape.reduce(1, *) }

  /// What a parameter is used for; weight decay and pruning go by it.
  public enum Role: String, Hashable, Sendable, Codable {
    /// The matrix of a dense layer.
    case denseWeight
    /// The kernel of a convolution.
    case convolutionWeight
    /// What is added.
    case bias
    /// What a normalised channel is multiplied with.
    case scale
    /// A running mean, variance or the like.
    case statistic
  }
}
