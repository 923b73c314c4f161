extension Matrix {
  /// The lower triangular L with A = L Lᵀ and positive diagonal; only the lower triangle of A is read.
  ///
  /// - Precondition: A is square.
  /// - Throws: ``LinearAlgebraError/notPositiveDefinite(order:)`` with the order of the first leading minor that fails in floating point
  ///   (also when NaN appears there); a positive definite matrix may fail when it is ill conditioned, and nothing is proved by success.
  /// - Complexity: n³/3 multiply-adds and as many additions' worth of memory as A.
  public func cholesky() throws(LinearAlgebraError) -> Matrix {
    precondition(rows == columns, "only square matrices have a Cholesky factor")
    var factor = self
    guard rows > 0 else { return factor }
    var (n, info) = (try LinearAlgebraError.checked(rows), Int32(0))
    // The row-major lower triangle is the column-major upper one: A = UᵀU there, so Uᵀ = L here.
    Element.routines.potrf("U", &n, &factor.elements, &n, &info, 1)
    guard info >= 0 else { throw .failed(routine: "potrf", info: Int(info)) }
    guard info == 0 else { throw .notPositiveDefinite(order: Int(info)) }
    // Optimised libraries compare with zero only, and NaN passes that.
    for i in 0..<rows where !(factor[i, i] > 0 && factor[i, i].isFinite) { throw .notPositiveDefinite(order: i + 1) }
    let order = rows
    factor.elements.withUnsafeMutableBufferPointer { elements in
      guard let base = elements.baseAddress else { return }
      for i in 0..<order - 1 { (base + i * order + i + 1).clear(order - 1 - i) }
    }
    return factor
  }
}
