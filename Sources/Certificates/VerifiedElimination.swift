import CKernels
import LinearAlgebra

/// Cholesky elimination whose floating-point result is a proof.
///
/// For a symmetric matrix [[X, B], [B′, −Q]] (X of order e) elimination of the first e coordinates computes a factor L of X, Y = B′L⁻ᵀ and
/// the trailing block −(Q + YY′). The following lemma turns these floating-point numbers into a statement about real ones.
///
/// The three blocks are three matrices, so that X can go before Q + YY′ comes. The code adds the products YY′ to Q where the lemma subtracts
/// them from −Q: rounding to nearest is symmetric, the numbers are the same with the opposite sign. How the sums are cut into tiles, panels
/// and batches does not matter to the lemma: an entry of row i is one sum of at most e products and one entry, so that e + 2 roundings
/// suffice for the products, the additions in any order, and the division.
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
  private static let panel = Int(LIPCERT_PANEL)
  private static let rowBlock = 64

  /// m.
  let order: Int
  /// e.
  let eliminated: Int
  /// For each of the m − e trailing rows, a column before which its part of B′ is zero.
  let starts: [Int]
  private let gamma: Double
  private let underflow: Double

  /// Factors X and solves for Y, in place: the first half of the elimination. X is not needed for the second.
  ///
  /// - Parameters:
  ///   - pivots: X, of order e; only its lower triangle is read and written. It becomes L.
  ///   - coupling: B′, m − e rows of length e. It becomes Y.
  ///   - starts: for each row of B′, a column before which it is zero.
  ///   - slack: amounts to be subtracted from the diagonal of X besides c, for uncertain data (e of them, or empty).
  ///   - isCancelled: asked for each panel and now and then between.
  /// - Throws: ``NotProved`` when a pivot is not positive, the processor's arithmetic is not as assumed, or when cancelled.
  /// - Complexity: e³/6 + e²(m − e)/2 multiplications at most.
  init(
    pivots: inout Matrix<Double>, coupling: inout Matrix<Double>, starts: [Int], slack: [Double] = [],
    isCancelled: () -> Bool = { false }
  ) throws {
    try FloatingPointEnvironment.requireStandard()
    let e = pivots.rows
    precondition(pivots.columns == e && coupling.columns == e && coupling.rows == starts.count, "the parts of a stage must fit")
    eliminated = e
    order = e + coupling.rows
    self.starts = starts
    gamma = ErrorBounds.gamma(e + 2)
    var largest = 1.0
    for j in 0..<e { largest = max(largest, pivots[j, j].magnitude) }
    underflow = Double(order) * Double(e + 2) * 0x1p-1070 * largest.squareRoot().nextUp
    for j in 0..<e {
      let x = pivots[j, j]
      let relative = (gamma * Double(order) * x.magnitude) / ((1 - gamma) * (1 - gamma))
      let c = (relative * (1 + 0x1p-48) + underflow).nextUp
      pivots[j, j] = ((x - c).nextDown - (slack.isEmpty ? 0 : slack[j])).nextDown
    }
    if let failed = try factor(&pivots, &coupling, isCancelled) {
      throw NotProved("pivot \(failed + 1) of \(e) is not positive")
    }
  }

  /// Proves that a matrix is positive semidefinite, whatever errors a diagonal of slacks dominates.
  ///
  /// - Parameters:
  ///   - matrix: the matrix, of which the lower triangle is read and overwritten.
  ///   - slack: amounts to be subtracted from its diagonal (as many as its order, or none).
  ///   - isCancelled: asked now and then.
  /// - Throws: ``NotProved``.
  static func provePositive(_ matrix: inout Matrix<Double>, slack: [Double] = [], isCancelled: () -> Bool = { false }) throws {
    var coupling = Matrix<Double>(rows: 0, columns: matrix.rows)
    _ = try VerifiedElimination(pivots: &matrix, coupling: &coupling, starts: [], slack: slack, isCancelled: isCancelled)
  }

  /// Adds YY′ to Q, in place: the second half of the elimination.
  ///
  /// - Parameters:
  ///   - gain: Q, of order m − e, exactly symmetric. Its lower triangle becomes that of Q + YY′, the trailing block with the opposite sign.
  ///   - coupling: Y, as the first half left it.
  ///   - isCancelled: asked now and then.
  /// - Returns: the inflation g for the trailing rows.
  /// - Throws: ``NotProved`` when cancelled.
  /// - Complexity: e(m − e)²/2 multiplications at most.
  func update(gain: inout Matrix<Double>, coupling: Matrix<Double>, isCancelled: () -> Bool = { false }) throws -> [Double] {
    let (e, r) = (eliminated, order - eliminated)
    precondition(gain.rows == r && gain.columns == r && coupling.rows == r && coupling.columns == e, "the parts of a stage must fit")
    let absoluteSums = Self.absoluteRowBounds(gain)
    let starts = starts
    try gain.elements.withUnsafeMutableBufferPointer { target in
      try coupling.elements.withUnsafeBufferPointer { source in
        guard let target = SharedBuffer(target), let source = SharedInput(source) else { return }
        let blocks = (r + Self.rowBlock - 1) / Self.rowBlock
        // The longest rows first: the threads end together.
        try Interruptible.run(blocks, cost: 64 * Double(r) * Double(e), isCancelled: isCancelled) { index in
          let first = (blocks - 1 - index) * Self.rowBlock
          let count = min(Self.rowBlock, r - first)
          let own = Self.zeroColumns(starts[first..<first + count])
          for other in stride(from: 0, through: first, by: Self.rowBlock) {
            let width = min(Self.rowBlock, r - other)
            let from = max(own, Self.zeroColumns(starts[other..<other + width]))
            if from >= e { continue }
            lipcert_dots(
              count, width, e - from, 1, source.base + first * e + from, e, source.base + other * e + from, e,
              target.base + first * r + other, r)
          }
        }
      }
    }
    return coupling.elements.withUnsafeBufferPointer { y in
      (0..<r).map { row in
        let start = min(starts[row], e)
        var squares = 0.0
        if let y = y.baseAddress { lipcert_dots(1, 1, e - start, 1, y + row * e + start, e, y + row * e + start, e, &squares, 1) }
        let v2 = squares * (1 + 2 * gamma)
        return ((gamma * Double(order) * v2 + gamma * absoluteSums[row]) * (1 + 0x1p-40) + underflow).nextUp
      }
    }
  }

  /// (|Q| w)_r / w_r with w_r = 1/√|q_rr| (1 where that is out of range), rounded up.
  ///
  /// Fewer than 2²² non-negative terms have a relative error below 2⁻³⁰; what underflows is far below the term of q_rr itself, or below t.
  private static func absoluteRowBounds(_ gain: Matrix<Double>) -> [Double] {
    let w = (0..<gain.rows).map { DominatingDiagonal.weight(gain[$0, $0]) }
    return zip(DominatingDiagonal.absoluteProduct(gain, w), w).map { ($0 / $1) * (1 + 0x1p-30) }
  }

  /// Blocked left-looking factorisation; returns the first column whose pivot is not positive and finite.
  private func factor(_ pivots: inout Matrix<Double>, _ coupling: inout Matrix<Double>, _ isCancelled: () -> Bool) throws -> Int? {
    let (e, r) = (eliminated, order - eliminated)
    let (panel, rowBlock, starts) = (Self.panel, Self.rowBlock, starts)
    return try pivots.elements.withUnsafeMutableBufferPointer { x -> Int? in
      try coupling.elements.withUnsafeMutableBufferPointer { y -> Int? in
        guard let x = SharedBuffer(x) else { return nil }
        // Without rows, any address stands for them.
        let y = SharedBuffer(y) ?? x
        var transposedBlock = [Double](repeating: 0, count: panel * panel)
        for j0 in stride(from: 0, to: e, by: panel) {
          let width = min(panel, e - j0)
          let above = x.base + j0 * e
          let diagonal = above + j0
          lipcert_dots(width, width, j0, -1, above, e, above, e, diagonal, e)
          let done = lipcert_factor_block(width, diagonal, e)
          if done < width { return j0 + done }
          for j in 0..<width {
            for t in j..<width { transposedBlock[j * panel + t] = diagonal[t * e + j] }
          }
          let rest = j0 + width
          let block = transposedBlock
          let own = (e - rest + rowBlock - 1) / rowBlock
          let others = (r + rowBlock - 1) / rowBlock
          try Interruptible.run(own + others, cost: 64 * 64 * Double(rest), isCancelled: isCancelled) { index in
            let isOwn = index < own
            let first = isOwn ? rest + index * rowBlock : (index - own) * rowBlock
            let count = min(rowBlock, (isOwn ? e : r) - first)
            let from = isOwn ? 0 : Self.zeroColumns(starts[first..<first + count])
            if from >= rest { return }
            let rows = (isOwn ? x.base : y.base) + first * e
            if from < j0 { lipcert_dots(count, width, j0 - from, -1, rows + from, e, x.base + j0 * e + from, e, rows + j0, e) }
            block.withUnsafeBufferPointer { lipcert_solve_rows(count, width, $0.baseAddress, panel, rows + j0, e) }
          }
        }
        return nil
      }
    }
  }

  /// A column, a multiple of the panel width, before which all the rows are zero.
  private static func zeroColumns(_ starts: ArraySlice<Int>) -> Int { (starts.min() ?? 0) / panel * panel }
}
