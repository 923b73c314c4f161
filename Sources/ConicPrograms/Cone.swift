/// A factor of the product cone of a ``ConicProgram``.
public enum Cone: Sendable, Hashable {
  /// {0}: equations. Its dual is the whole space.
  case zero(Int)
  /// Vectors without negative entries: inequalities.
  case nonnegative(Int)
  /// {(t, u) : t ≥ |u|}, of this dimension (t included).
  case secondOrder(Int)
  /// Positive semidefinite matrices of this order as vectors of length n(n + 1)/2; see ``SymmetricVector`` for their layout.
  case semidefinite(order: Int)

  /// The number of rows the cone takes.
  public var dimension: Int {
    switch self {
    case .zero(let count), .nonnegative(let count), .secondOrder(let count): count
    case .semidefinite(let order): SymmetricVector.dimension(order: order)
    }
  }

  /// The size the cone was declared with: the order for a semidefinite cone, the dimension otherwise.
  public var size: Int {
    switch self {
    case .zero(let count), .nonnegative(let count), .secondOrder(let count): count
    case .semidefinite(let order): order
    }
  }
}
