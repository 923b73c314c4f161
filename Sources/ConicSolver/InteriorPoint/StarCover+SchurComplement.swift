import LinearAlgebra

extension StarCover {
  /// The most stars of a matrix for which products with the stars are the fastest way.
  private static let mostStars = 3

  /// Whether a matrix is a sum of few stars with many more entries.
  ///
  /// Between such matrices the Schur complement needs only products with the vectors u, so that all pairs together cost
  /// O(N n (N + entries of u)) for N stars instead of O(n³) for each matrix.
  func isSumOfFewStars(_ place: Int) -> Bool {
    let count = stars(place).count
    return count <= Self.mostStars && columns.range(place).count >= 4 * count
  }

  /// Adds ⟨Aᵢ, Z Aⱼ S⁻¹⟩ for all pairs of matrices to the lower triangle of M.
  ///
  /// With stars (p, v) of Aᵢ and (q, w) of Aⱼ and V = S⁻¹ the product is
  /// (v′Z)_q (V w)_p + (v′Z w) V_qp + Z_pq (w′V v) + (Z w)_p (V v)_q.
  func addSchurComplement(z: Matrix<Double>, inverse: Matrix<Double>, to m: inout Matrix<Double>) {
    let (n, order) = (z.rows, m.columns)
    guard !centres.isEmpty else { return }
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
              // Whole matrices to one task: several stars may share a place of M.
              ParallelFor.runRanges(columns.variables.count, minimumChunk: 8) { range in
                for place in range {
                  let j = columns.variables[place]
                  for other in 0...place {
                    let i = columns.variables[other]
                    var sum = 0.0
                    for l in stars(place) {
                      let q = centres[l]
                      for k in stars(other) {
                        let p = centres[k]
                        var (vZw, vVw) = (0.0, 0.0)
                        for t in entries(k) {
                          vZw += values[t] * zv.base[l * n + indices[t]]
                          vVw += values[t] * iv.base[l * n + indices[t]]
                        }
                        sum +=
                          zv.base[k * n + q] * iv.base[l * n + p] + vZw * inverse.base[q * n + p] + z.base[p * n + q] * vVw
                          + zv.base[l * n + p] * iv.base[k * n + q]
                      }
                    }
                    m.base[max(i, j) * order + min(i, j)] += sum
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
