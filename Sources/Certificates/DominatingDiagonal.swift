import CKernels
import LinearAlgebra

/// Diagonals that dominate error matrices.
///
/// For a symmetric non-negative matrix N and any w > 0, diag((Nw)_i / w_i) − N is positive semidefinite (diagonally dominant after the
/// congruence with diag w). So a bound |E| ≤ N on an unknown symmetric error makes diag((Nw)_i / w_i) − E positive semidefinite, at the
/// price of a few matrix-vector products.
enum DominatingDiagonal {
  /// A weight that makes the dominating diagonal relative to the matrix's own: 1/√|q|, or 1 where that is not a sensible number.
  static func weight(_ diagonalEntry: Double) -> Double {
    let w = 1 / diagonalEntry.magnitude.squareRoot()
    return w > 1 / NumberRange.largestWeight && w < NumberRange.largestWeight ? w : 1
  }

  /// |Q| w for a symmetric matrix held in full, within a relative error far below the caller's safety factor.
  static func absoluteProduct(_ q: Matrix<Double>, _ w: [Double]) -> [Double] {
    let n = q.rows
    var result = [Double](repeating: 0, count: n)
    result.withUnsafeMutableBufferPointer { target in
      guard let target = target.baseAddress else { return }
      let shared = SharedBuffer(base: target)
      ParallelFor.runRanges(n, minimumChunk: max(1, 100_000 / max(1, n))) { range in
        q.elements.withUnsafeBufferPointer { elements in
          w.withUnsafeBufferPointer { w in
            guard let elements = elements.baseAddress, let w = w.baseAddress else { return }
            for i in range { shared.base[i] = lipcert_absolute_dot(n, elements + i * n, w) }
          }
        }
      }
    }
    return result
  }
}
