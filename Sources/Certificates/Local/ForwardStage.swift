import LinearAlgebra

/// What the forward recursion knows when it reaches an activation node of a network on a ball.
public struct ForwardStage {
  /// P over the pre-activations z: (u′dz)² ≤ |dx|² u′Pu for two inputs of the ball.
  public let shape: Matrix<Double>
  /// The slopes of the units between any two of the values that they can take, rounded outwards.
  public let sectors: UnitSectors

  /// Collects the parts.
  public init(shape: Matrix<Double>, sectors: UnitSectors) {
    self.shape = shape
    self.sectors = sectors
  }
}
