/// A = U diag(σ) Vᵀ with k = min(rows, columns) singular values.
public struct SingularValueDecomposition<Element: Scalar>: Sendable {
  /// U, rows × k, orthonormal columns.
  public var u: Matrix<Element>
  /// The singular values in descending order.
  public var values: [Element]
  /// Vᵀ, k × columns, orthonormal rows.
  public var vt: Matrix<Element>
}
