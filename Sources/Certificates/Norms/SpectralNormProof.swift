import CKernels
import LinearAlgebra

/// Proofs of spectral norms of explicit matrices.
enum SpectralNormProof {
  /// Whether ‖A‖ ≤ s is proved, by a verified elimination of s²I − AA′; false says nothing.
  ///
  /// An entry of AA′ is one sum of k products, so its error is at most γ_k v_i v_j, v the norms of the rows: a matrix of norm at most
  /// γ_k ‖A‖_F², which is taken off the diagonal.
  ///
  /// - Complexity: rows² · columns + rows³/6 multiplications.
  static func isAtMost(_ s: Double, _ a: Matrix<Double>) -> Bool {
    guard s >= 0, a.rows > 0, a.columns > 0 else { return s >= 0 }
    let (n, k) = (a.rows, a.columns)
    var gram = Matrix<Double>(rows: n, columns: n)
    a.elements.withUnsafeBufferPointer { a in
      gram.elements.withUnsafeMutableBufferPointer { gram in
        if let a = a.baseAddress, let gram = gram.baseAddress { lipcert_dots(n, n, k, -1, a, k, a, k, gram, n) }
      }
    }
    let square = ErrorBounds.multiplyDown(s, s)
    var trace = 0.0
    for i in 0..<n {
      trace -= gram[i, i]
      gram[i, i] = (square + gram[i, i]).nextDown
    }
    // The trace is a sum of non-negative numbers, each within γ_k of the exact square of a row's norm.
    let slack = ErrorBounds.gamma(k + 2) * trace * (1 + 1e-9) + 0x1p-1000
    var coupling = Matrix<Double>(rows: 0, columns: n)
    let proof = try? VerifiedElimination(
      pivots: &gram, coupling: &coupling, starts: [], slack: Array(repeating: slack.nextUp, count: n))
    return proof != nil
  }
}
