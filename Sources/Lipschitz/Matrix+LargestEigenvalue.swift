import LinearAlgebra

extension Matrix where Element == Double {
  /// λ_max of a symmetric positive semidefinite matrix: an estimate, never a bound. Zero for an empty matrix.
  ///
  /// Small matrices go to LAPACK; for larger ones the reduction to tridiagonal form would cost more than the proofs that need the number, so
  /// Lanczos iterates until its residual is below 10⁻¹⁰ of the value.
  ///
  /// - Throws: ``LinearAlgebraError`` when an element is NaN or infinite.
  func largestEigenvalueEstimate() throws -> Double {
    if rows == 0 { return 0 }
    if rows <= 256 { return try largestSymmetricEigenpair().value }
    let pair = try Lanczos(tolerance: 1e-10).largestEigenpairs(1, order: rows) { x in self.multiplied(by: x) }.first
    return pair?.value ?? 0
  }
}
