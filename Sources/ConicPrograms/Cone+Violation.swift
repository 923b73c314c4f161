import LinearAlgebra

extension Cone {
  /// How far a vector is outside the cone, 0 inside: the size of the most negative entry, eigenvalue or t − |u|; of any entry for {0}.
  ///
  /// Infinite for vectors with an element that is not finite.
  ///
  /// - Throws: `LinearAlgebraError` when the eigenvalue iteration fails.
  public func violation(_ vector: ArraySlice<Double>) throws(LinearAlgebraError) -> Double {
    guard vector.allSatisfy(\.isFinite) else { return .infinity }
    switch self {
    case .zero: return vector.reduce(0) { max($0, $1.magnitude) }
    case .nonnegative: return vector.reduce(0) { max($0, -$1) }
    case .secondOrder:
      guard let t = vector.first else { return 0 }
      let norm = vector.dropFirst().reduce(0) { $0 + $1 * $1 }.squareRoot()
      return max(0, norm - t)
    case .semidefinite(let order):
      guard order > 0 else { return 0 }
      return max(0, -(try SymmetricVector.matrix(vector, order: order).symmetricEigenvalues()[0]))
    }
  }

  /// How far a vector is outside the dual cone; all cones but {0} are their own duals.
  ///
  /// - Throws: As ``violation(_:)``.
  public func dualViolation(_ vector: ArraySlice<Double>) throws(LinearAlgebraError) -> Double {
    if case .zero = self { return vector.allSatisfy(\.isFinite) ? 0 : .infinity }
    return try violation(vector)
  }
}
