import LinearAlgebra

extension Matrix {
  /// λ_max of a symmetric matrix to LAPACK's accuracy: an estimate, never a bound. Zero for an empty matrix.
  ///
  /// - Throws: ``LinearAlgebraError`` when an element is NaN or infinite.
  func largestEigenvalueEstimate() throws -> Element {
    rows == 0 ? 0 : try largestSymmetricEigenpair().value
  }
}
