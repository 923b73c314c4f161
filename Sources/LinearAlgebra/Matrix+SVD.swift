extension Matrix {
  /// The thin singular value decomposition (divide and conquer).
  ///
  /// - Throws: ``LinearAlgebraError/notFinite(routine:)``, ``LinearAlgebraError/failed(routine:info:)`` when the iteration does not
  ///   converge, ``LinearAlgebraError/dimensionTooLarge(_:)``.
  /// - Complexity: O(rows · columns · min(rows, columns)).
  public func svd() throws(LinearAlgebraError) -> SingularValueDecomposition<Element> {
    let order = min(rows, columns)
    var result = SingularValueDecomposition(
      u: Matrix(rows: rows, columns: order), values: [Element](repeating: 0, count: order), vt: Matrix(rows: order, columns: columns))
    // The storage is the column-major Aᵀ = V diag(σ) Uᵀ, and LAPACK's column-major V and Uᵀ are the row-major Vᵀ and U.
    try gesdd("S", &result.values, &result.vt.elements, &result.u.elements)
    return result
  }

  /// The singular values in descending order.
  ///
  /// - Throws: As ``svd()``.
  /// - Complexity: O(rows · columns · min(rows, columns)).
  public func singularValues() throws(LinearAlgebraError) -> [Element] {
    var values = [Element](repeating: 0, count: min(rows, columns))
    var (u, vt) = ([Element(0)], [Element(0)])
    try gesdd("N", &values, &u, &vt)
    return values
  }

  private func gesdd(
    _ job: String, _ values: inout [Element], _ left: inout [Element], _ right: inout [Element]
  ) throws(LinearAlgebraError) {
    guard !values.isEmpty else { return }
    try requireFinite("gesdd")
    var copy = elements
    var (m, n) = (try LinearAlgebraError.checked(columns), try LinearAlgebraError.checked(rows))
    var (order, info) = (Int32(values.count), Int32(0))
    var integers = [Int32](repeating: 0, count: 8 * values.count)
    var (query, size) = (Int32(-1), Element(0))
    Element.routines.gesdd(job, &m, &n, &copy, &m, &values, &left, &m, &right, &order, &size, &query, &integers, &info, 1)
    guard info == 0 else { throw .failed(routine: "gesdd", info: Int(info)) }
    // The size comes back as an `Element`, rounded to nearest.
    var workCount = try LinearAlgebraError.checked(Int(size.nextUp.rounded(.up)))
    var work = [Element](repeating: 0, count: Int(workCount))
    Element.routines.gesdd(job, &m, &n, &copy, &m, &values, &left, &m, &right, &order, &work, &workCount, &integers, &info, 1)
    guard info == 0 else { throw .failed(routine: "gesdd", info: Int(info)) }
  }
}
