import LinearAlgebra

/// A quadratic bound on the squared output increment in terms of some nodes' increments.
///
/// The invariant: for all increments w of the live nodes that the network can produce, |dy|² (or a weighted sum of squares) is at most w′Qw. Q is a floating-point symmetric matrix,
/// held in full; each step replaces one node by those it is computed from and enlarges Q's diagonal by at least its own rounding error, so
/// the invariant holds for real numbers whatever the rounding. This is the backward value-function recursion of the design document
/// (section 4) in the form of its rigour document (section 2).
struct ValueFunction {
  private var blocks: [LiveBlock]
  /// Q over the live nodes' increments.
  private(set) var q: Matrix<Double>

  /// Σ wᵢ dyᵢ² = dy′ diag(w) dy for the output node.
  init(output key: Int, weights: [Double]) {
    blocks = [LiveBlock(key: key, offset: 0, count: weights.count)]
    q = Matrix(rows: weights.count, columns: weights.count)
    for (i, weight) in weights.enumerated() { q[i, i] = weight }
  }

  /// |dy|² ≤ dz′Q dz for node z, Q symmetric, known already.
  init(node key: Int, gain: Matrix<Double>) {
    blocks = [LiveBlock(key: key, offset: 0, count: gain.rows)]
    q = gain
  }

  /// Whether a node's increment is live.
  func isLive(_ key: Int) -> Bool { blocks.contains { $0.key == key } }

  /// Q's block of rows of one live node and columns of another; empty when one is not live.
  func block(rows: Int, columns: Int) -> Matrix<Double> {
    guard let a = blocks.first(where: { $0.key == rows }), let b = blocks.first(where: { $0.key == columns }) else {
      return Matrix(rows: 0, columns: 0)
    }
    var result = Matrix<Double>(rows: a.count, columns: b.count)
    q.copyBlock(rows: a.range, columns: b.range, to: &result, row: 0, column: 0)
    return result
  }

  /// The live nodes, in the order of their coordinates.
  var liveNodes: [Int] { blocks.map(\.key) }

  // MARK: - Affine nodes

  /// Replaces the live node z = Σ A h by the nodes h: Q ← P′QP, P the substitution.
  ///
  /// - Throws: ``NotProved`` when numbers leave ``NumberRange``, or when cancelled.
  mutating func substitute(_ key: Int, by terms: [(key: Int, map: CertifiedMap)], isCancelled: () -> Bool = { false }) throws {
    guard let z = blocks.first(where: { $0.key == key }) else { return }
    try FloatingPointEnvironment.requireStandard()
    guard terms.allSatisfy(\.map.isInRange), NumberRange.holds(q.elements, limit: NumberRange.largestGain) else {
      throw NotProved("numbers are too large or not finite")
    }
    let substitution = Substitution(replacing: z, in: blocks, by: terms)
    let order = substitution.order
    guard order < NumberRange.largestOrder else { throw NotProved("\(order) coordinates are too many") }
    let g = try substitution.adjointProduct(q, isCancelled: isCancelled)
    note(q, g)
    let errors = substitution.errors(q, g)
    // The old gain is dead: its memory goes before the new one comes.
    q = Matrix(rows: 0, columns: 0)
    q = try substitution.congruentProduct(g, isCancelled: isCancelled)
    note(q, g)
    for i in 0..<order where errors[i] > 0 { q[i, i] = (q[i, i] + errors[i]).nextUp }
    blocks = substitution.layout
  }

  // MARK: - Activation nodes

  /// Replaces the live node h = φ(p) by p, using the constraints tᵢ (hᵢ − αᵢpᵢ)(βᵢpᵢ − hᵢ) ≥ 0.
  ///
  /// The new Q satisfies Q(o, p) ≥ Q_oo − diag(tαβ) + B′X⁻¹B with X = diag(t) − Q_hh and B = [Q_ho, diag(tc)], c = (α + β)/2. Units whose
  /// sector is a point are linear and are substituted; units with t = 0 must not occur in Q.
  ///
  /// - Throws: ``NotProved`` when X is not provably positive definite.
  mutating func eliminate(
    _ key: Int, preactivation p: Int, count: Int, sectors: UnitSectors, multipliers t: [Double], isCancelled: () -> Bool = { false }
  ) throws {
    guard let h = blocks.first(where: { $0.key == key }) else { return }
    var units: [Int] = []
    var linear: [(unit: Int, slope: Double)] = []
    for i in 0..<count {
      if sectors.lower[i] == sectors.upper[i] {
        if sectors.lower[i] != 0 { linear.append((i, sectors.lower[i])) }
      } else if t[i] == 0 && q.hasZeroRow(h.offset + i) {
        continue
      } else {
        units.append(i)
      }
    }
    var eliminated = key
    if units.count < count {
      eliminated = -1
      let slopes = CertifiedMap(sparse: Self.selection(linear.map { ($0.unit, $0.unit, $0.slope) }, rows: count, columns: count))
      let embedding = CertifiedMap(
        sparse: Self.selection(units.enumerated().map { ($1, $0, 1) }, rows: count, columns: units.count))
      try substitute(key, by: (linear.isEmpty ? [] : [(p, slopes)]) + [(eliminated, embedding)], isCancelled: isCancelled)
    }
    try eliminateFree(
      eliminated, preactivation: p, count: count, units: units, sectors: sectors, multipliers: t, isCancelled: isCancelled)
  }

  private mutating func eliminateFree(
    _ key: Int, preactivation: Int, count: Int, units: [Int], sectors: UnitSectors, multipliers t: [Double], isCancelled: () -> Bool
  ) throws {
    guard let h = blocks.first(where: { $0.key == key }) else { return }
    let kept = blocks.filter { $0.key != key }
    let old = kept.first { $0.key == preactivation }
    let layout = LiveBlock.layout(kept.map { ($0.key, $0.count) } + (old == nil ? [(preactivation, count)] : []))
    guard let p = layout.first(where: { $0.key == preactivation }) else { return }
    let order = layout.reduce(0) { $0 + $1.count }
    let e = units.count
    guard e + order < NumberRange.largestOrder else { throw NotProved("\(e + order) coordinates are too many") }

    // Coordinates of p that occur nowhere; an exact zero lets a unit before them be left out in turn.
    var isAbsent = [Bool](repeating: false, count: order)
    for i in 0..<count { isAbsent[p.offset + i] = old.map { q.hasZeroRow($0.offset + i) } ?? true }
    for unit in units { isAbsent[p.offset + unit] = false }

    // X, B′ and the new gain, which begins as Q_oo. When only h is live, X is −Q in its own memory, and the new gain begins as zero: then it
    // waits for X to be factored and takes its memory.
    var coupling = Matrix<Double>(rows: order, columns: e)
    var next = Matrix<Double>(rows: kept.isEmpty ? 0 : order, columns: kept.isEmpty ? 0 : order)
    for (a, newA) in zip(kept, layout) {
      q.copyBlock(rows: a.range, columns: h.range, to: &coupling, row: newA.offset, column: 0)
      for (b, newB) in zip(kept, layout) { q.copyBlock(rows: a.range, columns: b.range, to: &next, row: newA.offset, column: newB.offset) }
    }
    var pivots = Matrix<Double>(rows: 0, columns: 0)
    swap(&pivots, &q)
    if kept.isEmpty {
      pivots.negate()
    } else {
      let whole = pivots
      pivots = .unwritten(rows: e, columns: e)
      whole.copyBlock(rows: h.range, columns: h.range, to: &pivots, row: 0, column: 0, negated: true)
      note(whole, pivots, coupling, next)
    }
    for (j, unit) in units.enumerated() { pivots[j, j] = (t[unit] + pivots[j, j]).nextDown }
    var slack = [Double](repeating: 0, count: e)
    var extra = [Double](repeating: 0, count: order)
    var added = [Double](repeating: 0, count: order)
    for (j, unit) in units.enumerated() {
      let (alpha, beta) = (sectors.lower[unit], sectors.upper[unit])
      let row = p.offset + unit
      // |computed − exact| of the off-diagonal entry and of tαβ, each at most three roundings and two underflows. An off-diagonal error δ
      // adds at most 2δ|hp| ≤ δ(h² + p²).
      let magnitude = t[unit] * (alpha.magnitude + beta.magnitude)
      let underflow = 0x1p-1070 * (1 + alpha.magnitude + beta.magnitude)
      let crossError = 4 * 0x1p-53 * (magnitude + coupling[row, j].magnitude) + underflow
      coupling[row, j] += t[unit] * (0.5 * (alpha + beta))
      let product = t[unit] * alpha * beta
      let before = kept.isEmpty ? 0 : next[row, row]
      let squareError = 4 * 0x1p-53 * (product.magnitude + before.magnitude) + underflow
      added[row] = -product
      slack[j] = crossError.nextUp
      extra[row] = (crossError + squareError).nextUp
    }
    var starts = [Int](repeating: 0, count: order)
    if old == nil {
      for i in p.range { starts[i] = e }
      for (j, unit) in units.enumerated() { starts[p.offset + unit] = j }
    }

    let elimination = try VerifiedElimination(
      pivots: &pivots, coupling: &coupling, starts: starts, slack: slack, isCancelled: isCancelled)
    note(pivots, coupling, next)
    if kept.isEmpty && e == order {
      swap(&next, &pivots)
      next.clear()
    } else {
      pivots = Matrix(rows: 0, columns: 0)
      if kept.isEmpty { next = Matrix(rows: order, columns: order) }
    }
    note(next, coupling)
    for i in 0..<order where added[i] != 0 { next[i, i] += added[i] }
    let inflation = try elimination.update(gain: &next, coupling: coupling, isCancelled: isCancelled)
    for i in 0..<order where !isAbsent[i] { next[i, i] = ((next[i, i] + inflation[i]).nextUp + extra[i]).nextUp }
    next.mirrorLowerTriangle()
    blocks = layout
    q = next
  }

  /// The greatest sum of bytes of matrices that were held at once.
  private(set) var peakBytes = 0

  private mutating func note(_ matrices: Matrix<Double>...) {
    peakBytes = max(peakBytes, matrices.reduce(0) { $0 + $1.elements.count } * MemoryLayout<Double>.stride)
  }

  private static func selection(_ entries: [(row: Int, column: Int, value: Double)], rows: Int, columns: Int) -> SparseRows<Double> {
    var starts = [0]
    var index = 0
    for row in 0..<rows {
      while index < entries.count && entries[index].row == row { index += 1 }
      starts.append(index)
    }
    return SparseRows(columnCount: columns, starts: starts, columns: entries.map(\.column), values: entries.map(\.value))
  }
}
