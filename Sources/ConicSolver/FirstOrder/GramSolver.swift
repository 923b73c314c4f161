import ConicPrograms
import LinearAlgebra

/// Solves (A′A + σI) x = r for the columns of a program, factored once.
///
/// Disjoint columns make A′A diagonal (LipSDP with slopes in [0, 1] is such a program); otherwise a sparse or a dense Cholesky
/// factorisation, whichever has less to do.
struct GramSolver {
  private enum Factor {
    case diagonal([Double])
    case sparse(SparseCholesky)
    case dense(Matrix<Double>)
  }
  private let factor: Factor
  /// σ.
  let regularisation: Double

  /// What kind of factorisation it is, for the log.
  var name: String {
    switch factor {
    case .diagonal: "diagonal"
    case .sparse(let factor): "sparse (\(factor.entryCount) entries)"
    case .dense: "dense"
    }
  }

  /// Factors A′A + σI with σ a tiny part of A′A's mean diagonal, which keeps columns that are zero or depend on others harmless.
  ///
  /// - Throws: `LinearAlgebraError` when the matrix is not positive definite even so.
  init(_ a: SparseColumns) throws(LinearAlgebraError) {
    let n = a.columnCount
    let trace = a.values.reduce(0) { $0 + $1 * $1 }
    regularisation = 1e-10 * max(trace / Double(max(n, 1)), 1e-10)
    var upper = Self.upperTriangle(a)
    for j in 0..<n { upper.values[upper.starts[j + 1] - 1] += regularisation }
    if upper.rows.count == n {
      factor = .diagonal(upper.values)
      return
    }
    // Sparse substitution moves about a third as many entries a second as the dense one.
    if upper.rows.count <= n * n / 8,
      let sparse = try SparseCholesky(starts: upper.starts, rows: upper.rows, values: upper.values, mostEntries: n * n / 6)
    {
      factor = .sparse(sparse)
      return
    }
    var gram = Matrix<Double>(rows: n, columns: n)
    for j in 0..<n {
      for k in upper.starts[j]..<upper.starts[j + 1] { gram[j, upper.rows[k]] = upper.values[k] }
    }
    factor = .dense(try gram.cholesky())
  }

  /// x.
  func solved(_ r: [Double]) throws(LinearAlgebraError) -> [Double] {
    switch factor {
    case .diagonal(let diagonal): return r.indices.map { r[$0] / diagonal[$0] }
    case .sparse(let factor): return factor.solved(r)
    case .dense(let factor):
      return try factor.solvedTriangular(.lower, transposing: true, factor.solvedTriangular(.lower, r))
    }
  }

  /// The upper triangle of A′A by columns, the diagonal entry last in each, even when it is zero.
  private static func upperTriangle(_ a: SparseColumns) -> (starts: [Int], rows: [Int], values: [Double]) {
    let byRows = a.transposed
    var (starts, rows, values) = ([0], [Int](), [Double]())
    var sums = [Double](repeating: 0, count: a.columnCount)
    var marks = [Int](repeating: -1, count: a.columnCount)
    var (pattern, squares) = ([Int](), [Double]())
    for j in 0..<a.columnCount {
      pattern.removeAll(keepingCapacity: true)
      for k in a.range(j) {
        for p in byRows.range(a.rows[k]) {
          let i = byRows.rows[p]
          if i >= j { break }
          if marks[i] != j {
            marks[i] = j
            sums[i] = 0
            pattern.append(i)
          }
          sums[i] += a.values[k] * byRows.values[p]
        }
      }
      let square = a.range(j).reduce(0) { $0 + a.values[$1] * a.values[$1] }
      squares.append(square)
      // Columns that are orthogonal but for rounding, as overlap variables are, must not look coupled.
      for i in pattern.sorted() where sums[i] * sums[i] > 1e-28 * squares[i] * square {
        rows.append(i)
        values.append(sums[i])
      }
      rows.append(j)
      values.append(square)
      starts.append(rows.count)
    }
    return (starts, rows, values)
  }
}
