import CKernels
import LinearAlgebra

/// Cholesky elimination whose floating-point result is a proof.
///
/// For a symmetric matrix [[X, B], [B′, −Q]] (X of order e) held as a lower triangle, elimination of the first e coordinates computes a
/// factor L of X, Y = B′L⁻ᵀ and the trailing block −(Q + YY′). The following lemma turns these floating-point numbers into a statement about
/// real ones.
///
/// **Lemma.** Let u = 2⁻⁵³, γ = ku/(1 − ku) with k = e + 2 and ku < 1, let m be the order of the whole matrix and
/// t = m k 2⁻¹⁰⁷⁴ max(1, maxⱼ √x_jj). Suppose that in IEEE binary64 arithmetic, rounding to nearest and with gradual underflow, the
/// factorisation of X − diag(c) runs to completion with positive finite pivots; that every entry of L, Y and the trailing block is the given
/// entry minus the products of the entries before it, added in any order and grouping, fused or not, then divided at most once by the pivot
/// (its square root on L's diagonal); and that the entries of Y and of the trailing block are finite. Let v_j be the norms of the computed
/// rows of [L; Y]. If
///
///     c_j ≥ γ m x_jj / (1 − γ)² + t          and      g_r ≥ γ m v_r² + γ (|Q| w)_r / w_r + t   for some w > 0,
///
/// then [[X, B], [B′, G − Q]] ≥ 0 with G − Q = −(computed trailing block) − Q + diag(g), that is
/// h′Xh + 2h′Bo + o′Go ≥ o′Qo for all h and o (and G ≥ Q + B′X⁻¹B when X > 0).
///
/// *Proof.* First without underflow. By the backward error analysis of Cholesky (Higham, Accuracy and Stability of Numerical Algorithms,
/// lemma 8.4 and theorem 10.3, which hold for any order and grouping of the sums) the computed R = [L′ Y′] satisfies
/// R′R = [[X − diag c, B], [B′, YY′]] + Δ with |Δ_ij| ≤ γ v_i v_j and Δ = 0 in the last block, and each computed trailing entry differs from
/// −(q_ij + (YY′)_ij) by at most γ (|q_ij| + v_i v_j). So the matrix in question is R′R + diag(c, g) plus a symmetric matrix whose entries
/// are bounded by N = γ v v′ + γ [0 0; 0 |Q|]. For non-negative symmetric N and any w > 0 the matrix diag((Nw)_i / w_i) − N′ with |N′| ≤ N is
/// diagonally dominant after the congruence with diag w, hence positive semidefinite; w = 1/v serves the first part of N (rows with v_i = 0
/// have none), w on the trailing coordinates the second. Finally v_j² ≤ (x_jj − c_j) / (1 − γ) for j ≤ e, because the diagonal of R′R is
/// x_jj − c_j up to γ v_j². Underflow changes each of the at most k operations of an entry by at most 2⁻¹⁰⁷⁵, multiplied by a pivot
/// √x_jj in a division: a matrix with entries at most t/m, which t on the diagonal dominates (w = 1). ∎
///
/// The constant is relative to each diagonal entry, so no scaling of the variables is needed. Entries of Y or of the trailing block that are
/// not finite make g or the result not finite, and then every later stage refuses. The code computes c from x before the slack is
/// subtracted, which only makes c larger, and takes t sixteen times larger, which also covers underflow in computing c and g.
struct VerifiedElimination {
  private static let panel = 64
  private static let rowBlock = 64

  /// Eliminates the first `eliminated` coordinates of `stage` in place.
  ///
  /// - Parameters:
  ///   - stage: the symmetric matrix of order m; only its lower triangle is read and written.
  ///   - eliminated: e, the order of X.
  ///   - slack: amounts to be subtracted from the diagonal of X besides c, for uncertain data (e of them, or empty).
  ///   - starts: for each of the m − e trailing rows, a column before which its part of B′ is zero.
  /// - Returns: the inflation g for the trailing rows; the trailing block holds −(Q + YY′).
  /// - Throws: ``NotProved`` when a pivot is not positive, or the processor's arithmetic is not as assumed.
  /// - Complexity: e³/3 + e²(m − e) + e(m − e)²/2 multiplications at most.
  static func eliminate(_ stage: inout Matrix<Double>, eliminated e: Int, slack: [Double] = [], starts: [Int]) throws -> [Double] {
    try FloatingPointEnvironment.requireStandard()
    let m = stage.rows
    let gamma = ErrorBounds.gamma(e + 2)
    let trailingAbsoluteSums = absoluteRowBounds(stage, from: e)
    var largest = 1.0
    for j in 0..<e { largest = max(largest, stage[j, j].magnitude) }
    let underflow = Double(m) * Double(e + 2) * 0x1p-1070 * largest.squareRoot().nextUp
    for j in 0..<e {
      let x = stage[j, j]
      let relative = (gamma * Double(m) * x.magnitude) / ((1 - gamma) * (1 - gamma))
      let c = (relative * (1 + 0x1p-48) + underflow).nextUp
      stage[j, j] = ((x - c).nextDown - (slack.isEmpty ? 0 : slack[j])).nextDown
    }
    if let failed = factor(&stage, eliminated: e, starts: starts) {
      throw NotProved("pivot \(failed + 1) of \(e) is not positive")
    }
    var inflation = [Double](repeating: 0, count: m - e)
    stage.elements.withUnsafeBufferPointer { s in
      for r in e..<m {
        var squares = 0.0
        for k in starts[r - e]..<max(e, starts[r - e]) { squares += s[r * m + k] * s[r * m + k] }
        let v2 = squares * (1 + 2 * gamma)
        inflation[r - e] = ((gamma * Double(m) * v2 + gamma * trailingAbsoluteSums[r - e]) * (1 + 0x1p-40) + underflow).nextUp
      }
    }
    return inflation
  }

  /// (|Q| w)_r / w_r for the trailing block with w_r = 1/√|q_rr| (1 where that is out of range), rounded up.
  ///
  /// Fewer than 2²² non-negative terms have a relative error below 2⁻³⁰; what underflows is far below the term of q_rr itself, or below t.
  private static func absoluteRowBounds(_ stage: Matrix<Double>, from e: Int) -> [Double] {
    let m = stage.rows
    let size = m - e
    guard size > 0 else { return [] }
    let w = (e..<m).map { DominatingDiagonal.weight(stage[$0, $0]) }
    var sums = [Double](repeating: 0, count: size)
    stage.elements.withUnsafeBufferPointer { s in
      for i in 0..<size {
        let row = s.baseAddress.map { $0 + (e + i) * m + e }
        guard let row else { continue }
        var sum = 0.0
        for j in 0...i {
          let value = row[j].magnitude
          sum += value * w[j]
          if j < i { sums[j] += value * w[i] }
        }
        sums[i] += sum
      }
    }
    return sums.indices.map { (sums[$0] / w[$0]) * (1 + 0x1p-30) }
  }

  /// Blocked left-looking factorisation; returns the first column whose pivot is not positive and finite.
  private static func factor(_ stage: inout Matrix<Double>, eliminated e: Int, starts: [Int]) -> Int? {
    let m = stage.rows
    return stage.elements.withUnsafeMutableBufferPointer { buffer -> Int? in
      guard let base = buffer.baseAddress else { return nil }
      let shared = SharedBuffer(base: base)
      var transposedBlock = [Double](repeating: 0, count: panel * panel)
      for j0 in stride(from: 0, to: e, by: panel) {
        let width = min(panel, e - j0)
        let diagonal = base + j0 * m + j0
        lipcert_dots(width, width, j0, -1, base + j0 * m, m, base + j0 * m, m, diagonal, m)
        let done = lipcert_factor_block(width, diagonal, m)
        if done < width { return j0 + done }
        for j in 0..<width {
          for t in j..<width { transposedBlock[j * panel + t] = diagonal[t * m + j] }
        }
        let rest = j0 + width
        let block = transposedBlock
        ParallelFor.run((m - rest + rowBlock - 1) / rowBlock) { index in
          let first = rest + index * rowBlock
          let count = min(rowBlock, m - first)
          let from = zeroColumns(first..<first + count, starts: starts, eliminated: e)
          if from >= j0 + width { return }
          let rows = shared.base + first * m
          if from < j0 {
            lipcert_dots(count, width, j0 - from, -1, rows + from, m, shared.base + j0 * m + from, m, rows + j0, m)
          }
          block.withUnsafeBufferPointer { lipcert_solve_rows(count, width, $0.baseAddress, panel, rows + j0, m) }
        }
      }
      let trailing = m - e
      ParallelFor.run((trailing + rowBlock - 1) / rowBlock) { index in
        let first = e + index * rowBlock
        let count = min(rowBlock, m - first)
        let own = zeroColumns(first..<first + count, starts: starts, eliminated: e)
        for other in stride(from: e, through: first, by: rowBlock) {
          let width = min(rowBlock, m - other)
          let from = max(own, zeroColumns(other..<other + width, starts: starts, eliminated: e))
          if from >= e { continue }
          let a = shared.base + first * m
          lipcert_dots(count, width, e - from, -1, a + from, m, shared.base + other * m + from, m, a + other, m)
        }
      }
      return nil
    }
  }

  /// A column, a multiple of the panel width, before which all the given rows are zero.
  private static func zeroColumns(_ rows: Range<Int>, starts: [Int], eliminated e: Int) -> Int {
    guard rows.lowerBound >= e else { return 0 }
    var least = Int.max
    for row in rows { least = min(least, starts[row - e]) }
    return least / panel * panel
  }
}
