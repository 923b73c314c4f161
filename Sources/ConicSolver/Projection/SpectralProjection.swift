import ConicPrograms
import LinearAlgebra

/// The projection of symmetric matrices of one order onto the positive semidefinite cone, with the eigenpairs it found.
///
/// One object serves one matrix on one thread at a time; it keeps its work memory between calls.
final class SpectralProjection {
  private let splitting: SpectralSplitting

  /// Memory for matrices of this order.
  init(order: Int) throws(LinearAlgebraError) { splitting = try SpectralSplitting(order: order) }

  /// The order n of the matrices.
  var order: Int { splitting.order }
  /// The side of the spectrum that the last matrix was projected by: the one with fewer eigenvalues.
  var side: SpectralSplitting.Side { splitting.side }
  /// Its eigenpairs, ascending, with orthonormal eigenvectors as rows.
  var eigenpairs: SymmetricEigen<Double> { splitting.eigenpairs }
  /// Whether ``bothSides()`` costs nothing any more.
  var isComplete: Bool { splitting.isComplete }

  /// The eigenpairs on ``side`` and on the other one; as `SpectralSplitting.bothSides`.
  func bothSides() throws(LinearAlgebraError) -> (smaller: SymmetricEigen<Double>, larger: SymmetricEigen<Double>) {
    try splitting.bothSides()
  }

  /// Moreau's decomposition v = s − z with s, z ⪰ 0 and ⟨s, z⟩ = 0, all as vectors of n(n + 1)/2 elements.
  ///
  /// - Throws: `LinearAlgebraError.notFinite` before LAPACK sees an infinity or NaN, and LAPACK's failures.
  func split(_ v: UnsafePointer<Double>, s: UnsafeMutablePointer<Double>, z: UnsafeMutablePointer<Double>) throws(LinearAlgebraError) {
    try decompose(v) { part, side in
      switch side {
      case .positive:
        SymmetricVector.pack(part, order: order, to: s)
        for k in 0..<SymmetricVector.dimension(order: order) { z[k] = s[k] - v[k] }
      case .nonpositive:
        SymmetricVector.pack(part, order: order, to: z)
        for k in 0..<SymmetricVector.dimension(order: order) { s[k] = v[k] + z[k] }
      }
    }
  }

  /// Writes the projection of v to `target`, both as vectors.
  ///
  /// - Throws: As ``split(_:s:z:)``.
  func project(_ v: UnsafePointer<Double>, to target: UnsafeMutablePointer<Double>) throws(LinearAlgebraError) {
    try decompose(v) { part, side in
      SymmetricVector.pack(part, order: order, to: target)
      // Π(V) = V + Π(−V).
      if side == .nonpositive { for k in 0..<SymmetricVector.dimension(order: order) { target[k] += v[k] } }
    }
  }

  private func decompose(
    _ v: UnsafePointer<Double>, read: (UnsafePointer<Double>, SpectralSplitting.Side) -> Void
  ) throws(LinearAlgebraError) {
    try splitting.split(fill: { SymmetricVector.unpack(v, order: order, to: $0) }, read: read)
  }
}
