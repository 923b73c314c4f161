import LinearAlgebra

/// Columns of A that are sums of a few stars, Aⱼ = Σ (e_p v′ + v e_p′): a few rows and columns hold all entries.
///
/// The matrices of slope-restricted units are of this form. Between stars the Schur complement needs only products with the vectors v, so
/// that all pairs together cost O(N n (N + entries of v)) for N stars instead of O(n³) for each column.
struct StarColumns: Sendable {
  /// For each star the place, in the cone's order of variables, of the column it belongs to; ascending.
  private let owners: [Int]
  /// p of each star.
  private let centres: [Int]
  /// Where each star's entries start, and their number at the end.
  private let starts: [Int]
  /// The rows of v's entries.
  private let rows: [Int]
  /// v's entries.
  private let values: [Double]

  /// The most stars of a column.
  private static let mostStars = 3

  /// The star columns of a cone.
  init(_ columns: SemidefiniteColumns) {
    var (owners, centres, starts, rows, values) = ([Int](), [Int](), [0], [Int](), [Double]())
    for j in columns.firstStar..<columns.variables.count {
      let entries = Array(columns.entries[columns.starts[j]..<columns.starts[j + 1]])
      for star in Self.stars(of: entries) ?? [] {
        owners.append(j)
        centres.append(star.centre)
        rows += star.entries.map(\.row)
        values += star.entries.map(\.value)
        starts.append(rows.count)
      }
    }
    (self.owners, self.centres, self.starts, self.rows, self.values) = (owners, centres, starts, rows, values)
  }

  typealias Star = (centre: Int, entries: [(row: Int, value: Double)])

  /// The stars of a matrix, the row with most entries first; `nil` when there are too many, or hardly fewer than entries.
  static func stars(of entries: [SemidefiniteColumns.Entry]) -> [Star]? {
    var rest = entries
    var stars: [Star] = []
    while !rest.isEmpty {
      guard stars.count < mostStars else { return nil }
      var degrees: [Int32: Int] = [:]
      for e in rest {
        degrees[e.row, default: 0] += 1
        if e.row != e.column { degrees[e.column, default: 0] += 1 }
      }
      guard let centre = degrees.max(by: { ($0.value, $1.key) < ($1.value, $0.key) })?.key else { return nil }
      var star: Star = (Int(centre), [])
      rest.removeAll { e in
        guard e.row == centre || e.column == centre else { return false }
        // The centre's own entry is halved: e_p v′ + v e_p′ counts it twice.
        let isDiagonal = e.row == e.column
        star.entries.append((Int(e.row == centre ? e.column : e.row), isDiagonal ? e.value / 2 : e.value))
        return true
      }
      stars.append(star)
    }
    return entries.count >= 4 * stars.count ? stars : nil
  }

  /// Adds ⟨Aᵢ, Z Aⱼ S⁻¹⟩ for all pairs of star columns to the lower triangle of M.
  ///
  /// With stars (p, v) of Aᵢ and (q, w) of Aⱼ and V = S⁻¹ the product is
  /// (v′Z)_q (V w)_p + (v′Z w) V_qp + Z_pq (w′V v) + (Z w)_p (V v)_q.
  func add(z: Matrix<Double>, inverse: Matrix<Double>, variables: [Int], to m: inout Matrix<Double>) {
    let (n, count, order) = (z.rows, centres.count, m.columns)
    guard count > 0 else { return }
    // Row k: (Z v_k)′ and (V v_k)′.
    let (zv, iv) = (products(with: z), products(with: inverse))
    m.elements.withUnsafeMutableBufferPointer { m in
      z.elements.withUnsafeBufferPointer { z in
        inverse.elements.withUnsafeBufferPointer { inverse in
          zv.elements.withUnsafeBufferPointer { zv in
            iv.elements.withUnsafeBufferPointer { iv in
              guard let m = SharedBuffer(m), let z = SharedInput(z), let inverse = SharedInput(inverse), let zv = SharedInput(zv),
                let iv = SharedInput(iv)
              else { return }
              // Whole columns to one task: several stars may share a place of M.
              var firsts = [0]
              for k in 1..<count where owners[k] != owners[k - 1] { firsts.append(k) }
              firsts.append(count)
              let groups = firsts
              ParallelFor.runRanges(groups.count - 1, minimumChunk: 8) { range in
                for group in range {
                  for l in groups[group]..<groups[group + 1] {
                    let q = centres[l]
                    for k in 0..<groups[group + 1] {
                      let p = centres[k]
                      var (vZw, vVw) = (0.0, 0.0)
                      for t in starts[k]..<starts[k + 1] {
                        vZw += values[t] * zv.base[l * n + rows[t]]
                        vVw += values[t] * iv.base[l * n + rows[t]]
                      }
                      let value =
                        zv.base[k * n + q] * iv.base[l * n + p] + vZw * inverse.base[q * n + p] + z.base[p * n + q] * vVw
                        + zv.base[l * n + p] * iv.base[k * n + q]
                      let (i, j) = (variables[owners[k]], variables[owners[l]])
                      m.base[max(i, j) * order + min(i, j)] += value
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// Row k holds (A v_k)′ for a symmetric A.
  private func products(with a: Matrix<Double>) -> Matrix<Double> {
    let n = a.rows
    var result = Matrix<Double>(rows: centres.count, columns: n)
    result.elements.withUnsafeMutableBufferPointer { result in
      a.elements.withUnsafeBufferPointer { a in
        guard let result = SharedBuffer(result), let a = SharedInput(a) else { return }
        ParallelFor.runRanges(centres.count) { range in
          for k in range {
            let target = result.base + k * n
            for t in starts[k]..<starts[k + 1] {
              let (source, value) = (a.base + rows[t] * n, values[t])
              for i in 0..<n { target[i] += value * source[i] }
            }
          }
        }
      }
    }
    return result
  }
}
