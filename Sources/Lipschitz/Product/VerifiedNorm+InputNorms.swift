import Certificates
import LinearAlgebra

extension VerifiedNorm {
  /// An upper bound on the gain of a map from a norm of its input to the Euclidean norm, rounded up.
  ///
  /// - l₁: the largest norm of a column, which is exact.
  /// - l_∞: the lesser of √(Σ_i (Σ_j |a_ij|)²), the norm of the rows' l₁ norms, and √n ‖A‖₂.
  static func upperBound(of map: any LinearMap<Double>, from norm: InputNorm) -> Double {
    switch norm {
    case .l2: return upperBound(of: map)
    case .l1:
      let rows = map.sparseRows()
      var squares = [Double](repeating: 0, count: rows.columnCount)
      forEachEntry(rows) { _, column, size in
        squares[column] = ErrorBounds.addUp(squares[column], ErrorBounds.multiplyUp(size, size))
      }
      return ErrorBounds.sqrtUp(squares.max() ?? 0)
    case .lInfinity:
      let rows = map.sparseRows()
      var sums = [Double](repeating: 0, count: rows.starts.count - 1)
      forEachEntry(rows) { row, _, size in sums[row] = ErrorBounds.addUp(sums[row], size) }
      let byRows = ErrorBounds.sqrtUp(sums.reduce(0) { ErrorBounds.addUp($0, ErrorBounds.multiplyUp($1, $1)) })
      return min(byRows, ErrorBounds.multiplyUp(upperBound(of: map), identity(from: norm, count: map.inputCount)))
    }
  }

  /// The gain of the identity on `count` coordinates from a norm to the Euclidean one, rounded up.
  static func identity(from norm: InputNorm, count: Int) -> Double {
    norm == .lInfinity ? ErrorBounds.sqrtUp(Double(count)) : 1
  }

  /// The norm of a row w as a functional on inputs of the given norm: |w′z| ≤ bound · |z|.
  static func functional(_ magnitudes: some Sequence<Double>, on norm: InputNorm) -> Double {
    switch norm {
    case .l1: magnitudes.reduce(0) { max($0, $1) }
    case .l2: ErrorBounds.sqrtUp(magnitudes.reduce(0) { ErrorBounds.addUp($0, ErrorBounds.multiplyUp($1, $1)) })
    case .lInfinity: magnitudes.reduce(0) { ErrorBounds.addUp($0, $1) }
    }
  }

  private static func forEachEntry(_ rows: SparseRows<Double>, _ body: (_ row: Int, _ column: Int, _ size: Double) -> Void) {
    for i in 0..<rows.starts.count - 1 {
      for k in rows.starts[i]..<rows.starts[i + 1] {
        body(i, rows.columns[k], ErrorBounds.addUp(rows.values[k].magnitude, rows.radii.isEmpty ? 0 : rows.radii[k]))
      }
    }
  }
}
