import CKernels
import LinearAlgebra

/// Cholesky elimination whose floating-point result is a proof.
///
/// For a symmetric matrix [[X, B], [B′, −Q]] (X of order e) elimination of the first e coordinates computes a factor L of X, Y = B′L⁻ᵀ and
/// the trailing block −(Q + YY′). The following lemma turns these floating-point numbers into a statement about real ones.
///
/// The blocks are matrices of their own, B′ and Q again cut by live nodes, so that X can go before Q + YY′ comes. The code adds the
/// products YY′ to Q where the lemma subtracts them from −Q: rounding to nearest is symmetric, the numbers are the same with the opposite
/// sign. How the sums are cut into tiles, panels and batches does not matter to the lemma: an entry of row i is one sum of at most e
/// products and one entry, so that e + 2 roundings suffice for the products, the additions in any order, and the division.
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
  /// Rows of B′ that are solved together, and columns that are updated together.
  private static let group = 2 * panel
  /// Columns of Y that stay in the nearest caches while they are multiplied.
  private static let depth = 512

  /// m.
  let order: Int
  /// e.
  let eliminated: Int
  private let gamma: Double
  private let underflow: Double
  /// The diagonal tiles of L, transposed, one after the other.
  private var diagonalTiles: [Double] = []

  /// Factors X in place: the first step of the elimination.
  ///
  /// - Parameters:
  ///   - pivots: X, of order e, full or lower; only its lower triangle is read. It becomes L.
  ///   - order: m.
  ///   - slack: amounts to be subtracted from the diagonal of X besides c, for uncertain data (e of them, or empty).
  ///   - isCancelled: asked for each panel and now and then between.
  /// - Throws: ``NotProved`` when a pivot is not positive, the processor's arithmetic is not as assumed, or when cancelled.
  /// - Complexity: e³/6 multiplications.
  init(pivots: Panels, order m: Int, slack: [Double] = [], isCancelled: () -> Bool = { false }) throws {
    try FloatingPointEnvironment.requireStandard()
    let e = pivots.rows
    precondition(pivots.columns == e && m >= e && (slack.isEmpty || slack.count == e), "the parts of a stage must fit")
    eliminated = e
    order = m
    gamma = ErrorBounds.gamma(e + 2)
    func diagonal(_ j: Int) -> UnsafeMutablePointer<Double> {
      let (row, stride) = pivots[j / Self.panel]
      return row + (j % Self.panel * stride + j)
    }
    var largest = 1.0
    for j in 0..<e { largest = max(largest, diagonal(j).pointee.magnitude) }
    underflow = Double(m) * Double(e + 2) * 0x1p-1070 * largest.squareRoot().nextUp
    for j in 0..<e {
      let x = diagonal(j).pointee
      let relative = (gamma * Double(m) * x.magnitude) / ((1 - gamma) * (1 - gamma))
      let c = (relative * (1 + 0x1p-48) + underflow).nextUp
      diagonal(j).pointee = ((x - c).nextDown - (slack.isEmpty ? 0 : slack[j])).nextDown
    }
    if let failed = try factor(pivots, isCancelled) {
      throw NotProved("pivot \(failed + 1) of \(e) is not positive")
    }
  }

  /// Blocked left-looking factorisation; returns the first column whose pivot is not positive and finite.
  private mutating func factor(_ x: Panels, _ isCancelled: () -> Bool) throws -> Int? {
    let (e, panel) = (eliminated, Self.panel)
    diagonalTiles = [Double](repeating: 0, count: x.count * panel * panel)
    for p in 0..<x.count {
      let j0 = p * panel
      let width = min(panel, e - j0)
      let (above, stride) = x[p]
      let diagonal = above + j0
      lipcert_dots(width, width, j0, -1, above, stride, above, stride, diagonal, stride)
      let done = lipcert_factor_block(width, diagonal, stride)
      if done < width { return j0 + done }
      var tile = [Double](repeating: 0, count: panel * panel)
      for j in 0..<width { for t in j..<width { tile[j * panel + t] = diagonal[t * stride + j] } }
      diagonalTiles.replaceSubrange(p * panel * panel..<(p + 1) * panel * panel, with: tile)
      let block = tile
      try Interruptible.run(x.count - p - 1, cost: 64 * 64 * Double(j0 + width), isCancelled: isCancelled) { index in
        let ((rows, rowStride), (above, stride)) = (x[p + 1 + index], x[p])
        let count = x.rowCount(p + 1 + index)
        lipcert_dots(count, width, j0, -1, rows, rowStride, above, stride, rows + j0, rowStride)
        block.withUnsafeBufferPointer { lipcert_solve_rows(count, width, $0.baseAddress, panel, rows + j0, rowStride) }
      }
    }
    return nil
  }

  /// Solves for Y = B′L⁻ᵀ in place, for the rows of one live node: the second step.
  ///
  /// - Parameters:
  ///   - coupling: these rows of B′, full or upper. They become those of Y.
  ///   - starts: for each of the rows, a column before which it is zero; none means that the shape says it.
  ///   - factor: L.
  ///   - isCancelled: asked now and then.
  /// - Throws: ``NotProved`` when cancelled.
  /// - Complexity: e²/2 multiplications for each row at most.
  func solve(_ coupling: Panels, starts: [Int] = [], factor l: Panels, isCancelled: () -> Bool = { false }) throws {
    let (e, panel) = (eliminated, Self.panel)
    precondition(coupling.columns == e && l.rows == e && (starts.isEmpty || starts.count == coupling.rows), "the parts of a stage must fit")
    let rows = RowGroups(coupling, starts: starts, size: Self.group)
    let tiles = diagonalTiles
    try Interruptible.run(rows.count, cost: 64 * Double(e) * Double(e), isCancelled: isCancelled) { index in
      let group = rows[index]
      tiles.withUnsafeBufferPointer {
        guard let tiles = $0.baseAddress else { return }
        for p in group.from / panel..<max(l.count, group.from / panel) {
          let j0 = p * panel
          let width = min(panel, e - j0)
          let (above, stride) = l[p]
          if group.from < j0 {
            lipcert_dots(
              group.rows, width, j0 - group.from, -1, group.base + group.from, group.stride, above + group.from, stride, group.base + j0,
              group.stride)
          }
          lipcert_solve_rows(group.rows, width, tiles + p * panel * panel, panel, group.base + j0, group.stride)
        }
      }
    }
  }

  /// Adds Y_a Y_b′ to a block of Q, in place: the third step, for two live nodes a and b.
  ///
  /// - Parameters:
  ///   - a: Y_a, as ``solve(_:starts:factor:isCancelled:)`` left it.
  ///   - b: Y_b.
  ///   - startsOfA: columns before which the rows of Y_a are zero.
  ///   - startsOfB: the same for Y_b.
  ///   - gain: Q_ab; for a = b lower or full, and then only the lower triangle counts.
  ///   - isCancelled: asked now and then.
  /// - Throws: ``NotProved`` when cancelled.
  /// - Complexity: e multiplications for each entry.
  func update(
    gain: Panels, _ a: Panels, _ b: Panels, startsOfA: [Int] = [], startsOfB: [Int] = [], isTriangle: Bool,
    isCancelled: () -> Bool = { false }
  ) throws {
    let e = eliminated
    precondition(gain.rows == a.rows && gain.columns == b.rows && a.columns == e && b.columns == e, "the parts of a stage must fit")
    let ownRows = RowGroups(a, starts: startsOfA, size: Self.panel)
    let otherRows = RowGroups(b, starts: startsOfB, size: Self.group)
    // The longest rows first: the threads end together.
    try Interruptible.run(ownRows.count, cost: 64 * Double(b.rows) * Double(e), isCancelled: isCancelled) { index in
      let p = ownRows.count - 1 - index
      let own = ownRows[p]
      let (target, stride) = gain[p]
      let end = isTriangle ? min(b.rows, (p + 1) * Self.panel) : b.rows
      for k in Swift.stride(from: own.from / Self.depth * Self.depth, to: e, by: Self.depth) {
        for q in 0..<otherRows.count {
          let other = otherRows[q]
          if other.first >= end { break }
          let from = max(k, own.from, other.from)
          let to = min(e, k + Self.depth)
          if from >= to { continue }
          lipcert_dots(
            own.rows, min(other.rows, end - other.first), to - from, 1, own.base + from, own.stride, other.base + from, other.stride,
            target + other.first, stride)
        }
      }
    }
  }

  /// The inflation g for the rows of one live node.
  ///
  /// - Parameters:
  ///   - coupling: Y for these rows.
  ///   - starts: columns before which they are zero.
  ///   - absoluteSums: (|Q| w)_r / w_r, rounded up, of the gain before the update.
  func inflation(_ coupling: Panels, starts: [Int] = [], absoluteSums: [Double]) -> [Double] {
    let e = eliminated
    return (0..<coupling.rows).map { row in
      let (panel, stride) = coupling[row / Self.panel]
      let start = min(starts.isEmpty ? coupling.begin(row / Self.panel) : starts[row], e)
      let y = panel + (row % Self.panel * stride + start)
      var squares = 0.0
      lipcert_dots(1, 1, e - start, 1, y, stride, y, stride, &squares, 1)
      let v2 = squares * (1 + 2 * gamma)
      return ((gamma * Double(order) * v2 + gamma * absoluteSums[row]) * (1 + 0x1p-40) + underflow).nextUp
    }
  }

  /// (|Q| w)_r / w_r rounded up, from the computed |Q| w.
  ///
  /// Fewer than 2²² non-negative terms have a relative error below 2⁻³⁰; what underflows is far below the term of q_rr itself, or below t.
  static func rowBounds(absoluteProduct: [Double], weights w: [Double]) -> [Double] {
    zip(absoluteProduct, w).map { ($0 / $1) * (1 + 0x1p-30) }
  }
}

/// Some rows of Y or B′ after the other, with the columns before which all of a group are zero.
private struct RowGroups: Sendable {
  private let panels: Panels
  private let starts: [Int]
  private let size: Int

  /// Groups of `size` rows, of one panel where panels have different strides.
  init(_ panels: Panels, starts: [Int], size: Int) {
    self.panels = panels
    self.starts = starts
    self.size = panels.shape == .full ? size : PanelMatrix.height
  }

  var count: Int { (panels.rows + size - 1) / size }

  subscript(_ index: Int) -> (first: Int, rows: Int, base: UnsafeMutablePointer<Double>, stride: Int, from: Int) {
    let first = index * size
    let rows = min(size, panels.rows - first)
    let (base, stride) = panels[first / PanelMatrix.height]
    let zeros = starts.isEmpty ? panels.begin(first / PanelMatrix.height) : starts[first..<first + rows].min() ?? 0
    // A column that begins a panel.
    return (first, rows, base, stride, min(zeros, panels.columns) / PanelMatrix.height * PanelMatrix.height)
  }
}

// MARK: - Whole matrices

extension VerifiedElimination {
  /// The first two steps for a stage held in two whole matrices.
  ///
  /// - Parameters:
  ///   - pivots: X, of order e; only its lower triangle is read and written. It becomes L.
  ///   - coupling: B′, m − e rows of length e. It becomes Y.
  ///   - starts: for each row of B′, a column before which it is zero.
  ///   - slack: amounts to be subtracted from the diagonal of X besides c, for uncertain data (e of them, or empty).
  ///   - isCancelled: asked for each panel and now and then between.
  /// - Throws: ``NotProved`` when a pivot is not positive, the processor's arithmetic is not as assumed, or when cancelled.
  init(
    pivots: inout Matrix<Double>, coupling: inout Matrix<Double>, starts: [Int], slack: [Double] = [],
    isCancelled: () -> Bool = { false }
  ) throws {
    precondition(coupling.columns == pivots.rows && coupling.rows == starts.count, "the parts of a stage must fit")
    let m = pivots.rows + coupling.rows
    self = try pivots.withPanels { x in
      let elimination = try VerifiedElimination(pivots: x, order: m, slack: slack, isCancelled: isCancelled)
      try coupling.withPanels { try elimination.solve($0, starts: starts, factor: x, isCancelled: isCancelled) }
      return elimination
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

  /// The third step for a gain held in one whole matrix.
  ///
  /// - Parameters:
  ///   - gain: Q, of order m − e, exactly symmetric. Its lower triangle becomes that of Q + YY′, the trailing block with the opposite sign.
  ///   - coupling: Y.
  ///   - starts: for each row of Y, a column before which it is zero.
  ///   - isCancelled: asked now and then.
  /// - Returns: the inflation g for the trailing rows.
  /// - Throws: ``NotProved`` when cancelled.
  func update(
    gain: inout Matrix<Double>, coupling: inout Matrix<Double>, starts: [Int], isCancelled: () -> Bool = { false }
  ) throws -> [Double] {
    precondition(gain.rows == order - eliminated && gain.columns == gain.rows, "the parts of a stage must fit")
    let w = (0..<gain.rows).map { DominatingDiagonal.weight(gain[$0, $0]) }
    let sums = Self.rowBounds(absoluteProduct: DominatingDiagonal.absoluteProduct(gain, w), weights: w)
    return try coupling.withPanels { y in
      try gain.withPanels { try update(gain: $0, y, y, startsOfA: starts, startsOfB: starts, isTriangle: true, isCancelled: isCancelled) }
      return inflation(y, starts: starts, absoluteSums: sums)
    }
  }
}

extension Matrix<Double> {
  /// Calls `body` with the memory as panels.
  fileprivate mutating func withPanels<Result>(_ body: (Panels) throws -> Result) rethrows -> Result {
    let (rows, columns) = (rows, columns)
    return try elements.withUnsafeMutableBufferPointer { buffer in
      try body(Panels(base: buffer.baseAddress ?? Panels.nothing, rows: rows, columns: columns, shape: .full))
    }
  }
}
