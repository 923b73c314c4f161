import ConicPrograms
import LinearAlgebra

/// The projection of one block onto the positive semidefinite cone, with the eigenpairs it found.
///
/// One object serves one block on one thread at a time; it keeps its work memory between calls.
final class SpectralProjection {
  /// The order n of the block.
  let order: Int
  private let splitting: SpectralSplitting

  /// Memory for a block of this order.
  init(order: Int) throws(LinearAlgebraError) {
    self.order = order
    splitting = try SpectralSplitting(order: order)
  }

  /// The side of the spectrum whose eigenpairs the last projection computed: the one with fewer eigenvalues.
  private(set) var side = SpectralSplitting.Side.negative
  /// The eigenvalues on that side, ascending.
  var values: [Double] { splitting.values }
  /// Their orthonormal eigenvectors: row i for value i.
  var vectors: Matrix<Double> { splitting.vectors }

  /// Moreau's decomposition v = s − z with s, z ⪰ 0 and ⟨s, z⟩ = 0, all as vectors of n(n + 1)/2 elements.
  ///
  /// - Throws: `LinearAlgebraError.notFinite` before LAPACK sees an infinity or NaN, and LAPACK's failures.
  func split(_ v: UnsafePointer<Double>, s: UnsafeMutablePointer<Double>, z: UnsafeMutablePointer<Double>) throws(LinearAlgebraError) {
    let (n, count) = (order, SymmetricVector.dimension(order: order))
    var side = SpectralSplitting.Side.negative
    try splitting.split {
      SymmetricVector.unpack(v, order: n, to: $0)
    } read: {
      side = $1
      if side == .negative {
        SymmetricVector.pack($0, order: n, to: z)
        for k in 0..<count { s[k] = v[k] + z[k] }
      } else {
        SymmetricVector.pack($0, order: n, to: s)
        for k in 0..<count { z[k] = s[k] - v[k] }
      }
    }
    self.side = side
  }

  /// All eigenpairs of a block, for methods that need both sides of the spectrum: eigenvalues ascending, row i of the vectors for value i.
  ///
  /// - Throws: As ``split(_:s:z:)``.
  static func eigen(_ block: ArraySlice<Double>, order: Int) throws(LinearAlgebraError) -> SymmetricEigen<Double> {
    try SymmetricVector.matrix(block, order: order).symmetricEigen()
  }
}
