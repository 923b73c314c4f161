extension Matrix {
  /// Which triangle of a matrix holds the coefficients; the other is not read.
  public enum Triangle: Sendable {
    /// Elements (i, j) with i ≥ j.
    case lower
    /// Elements (i, j) with i ≤ j.
    case upper
  }

  /// Solves op(T) X = B, or X op(T) = B when `fromRight`, for a triangle T of this matrix, replacing B by X.
  ///
  /// - Parameters:
  ///   - triangle: Which triangle of the matrix is T.
  ///   - transposing: Whether op transposes.
  ///   - fromRight: Whether X multiplies from the left.
  ///   - b: The right-hand sides: T's order × any number, or any number × T's order when `fromRight`.
  /// - Throws: ``LinearAlgebraError/singular(index:)`` when T has a zero on its diagonal.
  /// - Complexity: O(n² · number of right-hand sides).
  public func solveTriangular(
    _ triangle: Triangle, transposing: Bool = false, fromRight: Bool = false, _ b: inout Matrix
  ) throws(LinearAlgebraError) {
    precondition(rows == columns, "triangular matrices are square")
    precondition(rows == (fromRight ? b.columns : b.rows), "the right-hand sides do not fit the triangle")
    for i in 0..<rows where self[i, i] == 0 { throw .singular(index: i) }
    guard b.rows > 0, b.columns > 0 else { return }
    // Everything is stored transposed for LAPACK: Xᵀ op(T)ᵀ = Bᵀ, and the stored triangle is already Tᵀ.
    var (m, n) = (try LinearAlgebraError.checked(b.columns), try LinearAlgebraError.checked(b.rows))
    var (order, alpha) = (try LinearAlgebraError.checked(rows), Element(1))
    Element.routines.trsm(
      fromRight ? "L" : "R", triangle == .lower ? "U" : "L", transposing ? "T" : "N", "N", &m, &n, &alpha, elements, &order, &b.elements,
      &m, 1, 1, 1, 1)
  }

  /// The solution x of op(T) x = b; see ``solveTriangular(_:transposing:fromRight:_:)``.
  ///
  /// - Throws: ``LinearAlgebraError/singular(index:)`` when T has a zero on its diagonal.
  public func solvedTriangular(_ triangle: Triangle, transposing: Bool = false, _ b: [Element]) throws(LinearAlgebraError) -> [Element] {
    var x = Matrix(rows: b.count, columns: 1, elements: b)
    try solveTriangular(triangle, transposing: transposing, &x)
    return x.elements
  }
}
