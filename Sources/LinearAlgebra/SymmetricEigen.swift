/// Eigenvalues and eigenvectors of a symmetric matrix: A vᵢ = λᵢ vᵢ.
public struct SymmetricEigen<Element: Scalar>: Sendable {
  /// The eigenvalues in ascending order.
  public var values: [Element]
  /// The eigenvectors: *row* i belongs to `values[i]`; rows are orthonormal, so a full decomposition is A = Vᵀ diag(λ) V.
  public var vectors: Matrix<Element>

  /// The number of eigenpairs.
  public var count: Int { values.count }
}
