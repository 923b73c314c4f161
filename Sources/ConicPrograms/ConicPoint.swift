/// A candidate for the solution of a ``ConicProgram``: (x, s, z) with z the dual.
public struct ConicPoint: Sendable, Equatable {
  /// The variables.
  public var x: [Double]
  /// The slacks, b − Ax in exact arithmetic.
  public var s: [Double]
  /// The dual vector.
  public var z: [Double]

  /// Collects the parts.
  public init(x: [Double], s: [Double], z: [Double]) {
    self.x = x
    self.s = s
    self.z = z
  }

  /// The origin of a program's space.
  public init(zeroOf program: ConicProgram) {
    self.init(
      x: [Double](repeating: 0, count: program.variableCount), s: [Double](repeating: 0, count: program.rowCount),
      z: [Double](repeating: 0, count: program.rowCount))
  }
}
