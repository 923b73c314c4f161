extension Matrix {
  /// A = Q R with k = min(rows, columns): Q has orthonormal columns, rows × k; R is upper triangular (trapezoidal), k × columns.
  ///
  /// The diagonal of R may have either sign.
  ///
  /// - Throws: ``LinearAlgebraError/dimensionTooLarge(_:)``.
  /// - Complexity: O(rows · columns · k).
  public func qr() throws(LinearAlgebraError) -> (q: Matrix, r: Matrix) {
    var (factor, tau) = (self, [Element]())
    // A's storage is the column-major Aᵀ = L Q̃, so A = Q̃ᵀ Lᵀ.
    try factor.factor(Element.routines.gelqf, "gelqf", &tau)
    let r = factor.upperTriangle(tau.count)
    try factor.expand(Element.routines.orglq, "orglq", rows: tau.count, columns: rows, &tau)
    return (factor.leading(rows: rows, columns: tau.count), r)
  }

  /// R of A = Q R, min(rows, columns) × columns; RᵀR = AᵀA.
  ///
  /// - Throws: ``LinearAlgebraError/dimensionTooLarge(_:)``.
  /// - Complexity: O(rows · columns · min(rows, columns)).
  public func qrFactor() throws(LinearAlgebraError) -> Matrix {
    var (factor, tau) = (self, [Element]())
    try factor.factor(Element.routines.gelqf, "gelqf", &tau)
    return factor.upperTriangle(tau.count)
  }

  /// L of A = L Q, rows × min(rows, columns), lower triangular (trapezoidal) with diagonal elements of either sign; L Lᵀ = A Aᵀ.
  ///
  /// - Throws: ``LinearAlgebraError/dimensionTooLarge(_:)``.
  /// - Complexity: O(rows · columns · min(rows, columns)).
  public func lqFactor() throws(LinearAlgebraError) -> Matrix {
    var (factor, tau) = (self, [Element]())
    try factor.factor(Element.routines.geqrf, "geqrf", &tau)
    return factor.lowerTriangle(tau.count)
  }

  /// Factors the storage in place; `tau` becomes the scalars of the reflectors.
  private mutating func factor(
    _ routine: ScalarRoutines<Element>.Factor, _ name: String, _ tau: inout [Element]
  ) throws(LinearAlgebraError) {
    tau = Array(repeating: 0, count: min(rows, columns))
    guard !tau.isEmpty else { return }
    var (m, n, info) = (try LinearAlgebraError.checked(columns), try LinearAlgebraError.checked(rows), Int32(0))
    var workCount = try LinearAlgebraError.checked(64 * max(rows, columns))
    var work = [Element](repeating: 0, count: Int(workCount))
    routine(&m, &n, &elements, &m, &tau, &work, &workCount, &info)
    guard info == 0 else { throw .failed(routine: name, info: Int(info)) }
  }

  /// Turns the reflectors in the storage into an explicit orthogonal matrix, `m` × `n` in column-major terms.
  private mutating func expand(
    _ routine: ScalarRoutines<Element>.Orthogonal, _ name: String, rows m: Int, columns n: Int, _ tau: inout [Element]
  ) throws(LinearAlgebraError) {
    guard !tau.isEmpty else { return }
    var (m32, n32) = (try LinearAlgebraError.checked(m), try LinearAlgebraError.checked(n))
    var (k, leading, info) = (Int32(tau.count), try LinearAlgebraError.checked(columns), Int32(0))
    var workCount = try LinearAlgebraError.checked(64 * max(rows, columns))
    var work = [Element](repeating: 0, count: Int(workCount))
    routine(&m32, &n32, &k, &elements, &leading, &tau, &work, &workCount, &info)
    guard info == 0 else { throw .failed(routine: name, info: Int(info)) }
  }

  /// The upper triangle of the first `order` rows.
  private func upperTriangle(_ order: Int) -> Matrix {
    var result = leading(rows: order, columns: columns)
    result.elements.withUnsafeMutableBufferPointer { target in
      guard let base = target.baseAddress else { return }
      for i in 0..<order { (base + i * columns).clear(i) }
    }
    return result
  }

  /// The lower triangle of the first `order` columns.
  private func lowerTriangle(_ order: Int) -> Matrix {
    var result = leading(rows: rows, columns: order)
    result.elements.withUnsafeMutableBufferPointer { target in
      guard let base = target.baseAddress else { return }
      for i in 0..<min(rows, order) { (base + i * order + i + 1).clear(order - 1 - i) }
    }
    return result
  }

  /// The leading `height` × `width` part.
  private func leading(rows height: Int, columns width: Int) -> Matrix {
    var result = Matrix(rows: height, columns: width)
    Element.routines.copyGrid(height, width, elements, columns, 1, &result.elements, width, 1, 0)
    return result
  }
}
