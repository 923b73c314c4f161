import LinearAlgebra

/// A quadratic bound on the squared output increment in terms of some nodes' increments.
///
/// The invariant: for all increments w of the live nodes that the network can produce, |dy|² ≤ w′Qw. Q is a floating-point symmetric matrix,
/// held in full; each step replaces one node by those it is computed from and enlarges Q's diagonal by at least its own rounding error, so
/// the invariant holds for real numbers whatever the rounding. This is the backward value-function recursion of the design document
/// (section 4) in the form of its rigour document (section 2).
struct ValueFunction {
  /// A node whose increment is live, and where it stands in Q.
  private struct Block {
    let key: Int
    let offset: Int
    let count: Int
    var range: Range<Int> { offset..<offset + count }
  }

  private var blocks: [Block]
  /// Q over the live nodes' increments.
  private(set) var q: Matrix<Double>

  /// |dy|² = dy′ I dy for the output node.
  init(output key: Int, count: Int) {
    blocks = [Block(key: key, offset: 0, count: count)]
    q = .identity(count)
  }

  /// Whether a node's increment is live.
  func isLive(_ key: Int) -> Bool { blocks.contains { $0.key == key } }

  /// Q's block of rows of one live node and columns of another; empty when one is not live.
  func block(rows: Int, columns: Int) -> Matrix<Double> {
    guard let a = blocks.first(where: { $0.key == rows }), let b = blocks.first(where: { $0.key == columns }) else {
      return Matrix(rows: 0, columns: 0)
    }
    var result = Matrix<Double>(rows: a.count, columns: b.count)
    Self.copy(q, rows: a.range, columns: b.offset, into: &result, row: 0, column: 0, count: b.count)
    return result
  }

  /// The live nodes, in the order of their coordinates.
  var liveNodes: [Int] { blocks.map(\.key) }

  // MARK: - Affine nodes

  /// Replaces the live node z = Σ A h by the nodes h: Q ← P′QP, P the substitution.
  ///
  /// - Throws: ``NotProved`` when numbers leave ``NumberRange``.
  mutating func substitute(_ key: Int, by terms: [(key: Int, map: CertifiedMap)]) throws {
    guard let z = blocks.first(where: { $0.key == key }) else { return }
    try FloatingPointEnvironment.requireStandard()
    guard terms.allSatisfy(\.map.isInRange), NumberRange.holds(q.elements, limit: NumberRange.largestGain) else {
      throw NotProved("numbers are too large or not finite")
    }
    let kept = blocks.filter { $0.key != key }
    var layout: [Block] = []
    var order = 0
    for block in kept {
      layout.append(Block(key: block.key, offset: order, count: block.count))
      order += block.count
    }
    for term in terms where !layout.contains(where: { $0.key == term.key }) {
      layout.append(Block(key: term.key, offset: order, count: term.map.inputCount))
      order += term.map.inputCount
    }
    guard order < NumberRange.largestOrder else { throw NotProved("\(order) coordinates are too many") }
    let pairs = zip(kept, layout).map { (old: $0, new: $1) }
    let placed = terms.map { term in (map: term.map, block: layout.first { $0.key == term.key } ?? z) }

    var next = Matrix<Double>(rows: order, columns: order)
    for a in pairs {
      for b in pairs {
        Self.copy(
          q, rows: a.old.range, columns: b.old.offset, into: &next, row: a.new.offset, column: b.new.offset, count: b.old.count)
      }
    }
    var zRows = Matrix<Double>(rows: z.count, columns: q.columns)
    Self.copy(q, rows: z.range, columns: 0, into: &zRows, row: 0, column: 0, count: q.columns)
    for (map, x) in placed {
      let g = map.adjointProduct(zRows)
      for o in pairs {
        let part = Self.columns(g, o.old.range)
        Self.add(part, into: &next, row: x.offset, column: o.new.offset)
        Self.add(part.transposed, into: &next, row: o.new.offset, column: x.offset)
      }
      let gz = Self.columns(g, z.range).transposed
      for (other, y) in placed { Self.add(other.adjointProduct(gz), into: &next, row: y.offset, column: x.offset) }
    }
    let errors = substitutionError(z: z, pairs: pairs, placed: placed, next: next)
    for i in 0..<order {
      if errors[i] > 0 { next[i, i] = (next[i, i] + errors[i]).nextUp }
      for j in 0..<i { next[j, i] = next[i, j] }
    }
    blocks = layout
    q = next
  }

  /// A diagonal that dominates |computed P′QP − P′QP| over all matrices within the radii.
  ///
  /// With k terms in each sum the computed entries differ by at most γ |P|′|Q||P|. Each summand goes through at most k roundings in either
  /// product; when up to r terms of the node read the same source, an entry collects at most (r + 1)² such sums: 1 kept, r and r mixed, r²
  /// of products. So γ = γ_{2k + (r + 1)² + 4} is enough. Radii R of P add R′|Q|(|P| + R) + |P|′|Q|R; underflow adds
  /// ``NumberRange/underflow``. Coordinates whose column of P is zero (in Q, for those that stay) have zero rows before and after: no error.
  private func substitutionError(
    z: Block, pairs: [(old: Block, new: Block)], placed: [(map: CertifiedMap, block: Block)], next: Matrix<Double>
  ) -> [Double] {
    let w = (0..<next.rows).map { DominatingDiagonal.weight(next[$0, $0]) }
    let k = placed.map(\.map.termCount).max() ?? 1
    let repeats = Dictionary(grouping: placed, by: \.block.key).values.map(\.count).max() ?? 0
    let gamma = ErrorBounds.gamma(2 * k + (repeats + 1) * (repeats + 1) + 4)
    func substituted(_ w: [Double], radii: Bool) -> [Double] {
      var result = [Double](repeating: 0, count: q.rows)
      if !radii { for pair in pairs { for i in 0..<pair.old.count { result[pair.old.offset + i] = w[pair.new.offset + i] } } }
      for (map, x) in placed {
        for (i, value) in map.magnitudeProduct(Array(w[x.range]), radii: radii).enumerated() { result[z.offset + i] += value }
      }
      return result
    }
    func collected(_ v: [Double], radii: Bool) -> [Double] {
      var result = [Double](repeating: 0, count: next.rows)
      if !radii { for pair in pairs { for i in 0..<pair.old.count { result[pair.new.offset + i] += v[pair.old.offset + i] } } }
      let zPart = Array(v[z.range])
      for (map, x) in placed {
        for (i, value) in map.magnitudeAdjoint(zPart, radii: radii).enumerated() { result[x.offset + i] += value }
      }
      return result
    }
    let pw = substituted(w, radii: false)
    let qpw = DominatingDiagonal.absoluteProduct(q, pw)
    var bound = collected(qpw, radii: false).map { gamma * $0 }
    if placed.contains(where: \.map.isUncertain) {
      let rw = substituted(w, radii: true)
      let qrw = DominatingDiagonal.absoluteProduct(q, rw)
      let outer = collected(zip(qpw, qrw).map { $0 + $1 }, radii: true)
      let inner = collected(qrw, radii: false)
      for i in bound.indices { bound[i] += (outer[i] + inner[i]) * (1 + 2 * gamma) }
    }
    // The three sums above are of non-negative terms, fewer than 2²² of them: their relative errors are below 2⁻³¹ each.
    let occurs = occurrences(z: z, pairs: pairs, placed: placed, order: next.rows)
    return bound.indices.map { occurs[$0] ? ((bound[$0] / w[$0]) * (1 + 0x1p-28)) + NumberRange.underflow : 0 }
  }

  /// Which new coordinates can have non-zero entries: a structural property, free of rounding.
  private func occurrences(
    z: Block, pairs: [(old: Block, new: Block)], placed: [(map: CertifiedMap, block: Block)], order: Int
  ) -> [Bool] {
    var result = [Bool](repeating: false, count: order)
    for pair in pairs { for i in 0..<pair.old.count where !hasZeroRow(pair.old.offset + i) { result[pair.new.offset + i] = true } }
    let ones = [Double](repeating: 1, count: z.count)
    for (map, x) in placed {
      // Sums of magnitudes vanish only when every one does: sums never underflow.
      for radii in [false, true] {
        for (i, sum) in map.magnitudeAdjoint(ones, radii: radii).enumerated() where !(sum == 0) { result[x.offset + i] = true }
      }
    }
    return result
  }

  // MARK: - Activation nodes

  /// Replaces the live node h = φ(p) by p, using the constraints tᵢ (hᵢ − αᵢpᵢ)(βᵢpᵢ − hᵢ) ≥ 0.
  ///
  /// The new Q satisfies Q(o, p) ≥ Q_oo − diag(tαβ) + B′X⁻¹B with X = diag(t) − Q_hh and B = [Q_ho, diag(tc)], c = (α + β)/2. Units whose
  /// sector is a point are linear and are substituted; units with t = 0 must not occur in Q.
  ///
  /// - Throws: ``NotProved`` when X is not provably positive definite.
  mutating func eliminate(_ key: Int, preactivation p: Int, count: Int, sectors: UnitSectors, multipliers t: [Double]) throws {
    guard let h = blocks.first(where: { $0.key == key }) else { return }
    var units: [Int] = []
    var linear: [(unit: Int, slope: Double)] = []
    for i in 0..<count {
      if sectors.lower[i] == sectors.upper[i] {
        if sectors.lower[i] != 0 { linear.append((i, sectors.lower[i])) }
      } else if t[i] == 0 && hasZeroRow(h.offset + i) {
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
      try substitute(key, by: (linear.isEmpty ? [] : [(p, slopes)]) + [(eliminated, embedding)])
    }
    try eliminateFree(eliminated, preactivation: p, count: count, units: units, sectors: sectors, multipliers: t)
  }

  private mutating func eliminateFree(
    _ key: Int, preactivation: Int, count: Int, units: [Int], sectors: UnitSectors, multipliers t: [Double]
  ) throws {
    guard let h = blocks.first(where: { $0.key == key }) else { return }
    let kept = blocks.filter { $0.key != key }
    var layout: [Block] = []
    var order = 0
    for block in kept {
      layout.append(Block(key: block.key, offset: order, count: block.count))
      order += block.count
    }
    if !layout.contains(where: { $0.key == preactivation }) {
      layout.append(Block(key: preactivation, offset: order, count: count))
      order += count
    }
    guard let p = layout.first(where: { $0.key == preactivation }) else { return }

    let e = units.count
    guard e + order < NumberRange.largestOrder else { throw NotProved("\(e + order) coordinates are too many") }
    var stage = Matrix<Double>(rows: e + order, columns: e + order)
    for i in 0..<e {
      for j in 0..<i { stage[i, j] = -q[h.offset + i, h.offset + j] }
      stage[i, i] = (t[units[i]] - q[h.offset + i, h.offset + i]).nextDown
    }
    for (a, new) in zip(kept, layout) {
      for i in 0..<a.count {
        let row = e + new.offset + i
        for j in 0..<e { stage[row, j] = q[a.offset + i, h.offset + j] }
        for (b, newB) in zip(kept, layout) where newB.offset <= new.offset {
          for j in 0..<(newB.key == new.key ? i + 1 : b.count) { stage[row, e + newB.offset + j] = -q[a.offset + i, b.offset + j] }
        }
      }
    }
    var slack = [Double](repeating: 0, count: e)
    var extra = [Double](repeating: 0, count: order)
    for (j, unit) in units.enumerated() {
      let (alpha, beta) = (sectors.lower[unit], sectors.upper[unit])
      let row = e + p.offset + unit
      // |computed − exact| of the off-diagonal entry and of tαβ, each at most three roundings and two underflows. An off-diagonal error δ
      // adds at most 2δ|hp| ≤ δ(h² + p²).
      let magnitude = t[unit] * (alpha.magnitude + beta.magnitude)
      let underflow = 0x1p-1070 * (1 + alpha.magnitude + beta.magnitude)
      let crossError = 4 * 0x1p-53 * (magnitude + stage[row, j].magnitude) + underflow
      stage[row, j] += t[unit] * (0.5 * (alpha + beta))
      let product = t[unit] * alpha * beta
      let squareError = 4 * 0x1p-53 * (product.magnitude + stage[row, row].magnitude) + underflow
      stage[row, row] += product
      slack[j] = crossError.nextUp
      extra[p.offset + unit] = (crossError + squareError).nextUp
    }
    var starts = [Int](repeating: 0, count: order)
    // Coordinates of p that occur nowhere; an exact zero lets a unit before them be left out in turn.
    var isAbsent = [Bool](repeating: false, count: order)
    let old = kept.first { $0.key == preactivation }
    for i in 0..<count {
      if old == nil { starts[p.offset + i] = e }
      isAbsent[p.offset + i] = old.map { hasZeroRow($0.offset + i) } ?? true
    }
    for (j, unit) in units.enumerated() {
      if old == nil { starts[p.offset + unit] = j }
      isAbsent[p.offset + unit] = false
    }
    let inflation = try VerifiedElimination.eliminate(&stage, eliminated: e, slack: slack, starts: starts)
    var next = Matrix<Double>(rows: order, columns: order)
    for i in 0..<order {
      for j in 0..<i {
        let value = -stage[e + i, e + j]
        next[i, j] = value
        next[j, i] = value
      }
      if isAbsent[i] { continue }
      next[i, i] = ((-stage[e + i, e + i] + inflation[i]).nextUp + extra[i]).nextUp
    }
    blocks = layout
    q = next
  }

  private func hasZeroRow(_ i: Int) -> Bool {
    q.elements[i * q.columns..<(i + 1) * q.columns].allSatisfy { $0 == 0 }
  }

  // MARK: - Blocks of matrices

  private static func selection(_ entries: [(row: Int, column: Int, value: Double)], rows: Int, columns: Int) -> SparseRows<Double> {
    var starts = [0]
    var index = 0
    for row in 0..<rows {
      while index < entries.count && entries[index].row == row { index += 1 }
      starts.append(index)
    }
    return SparseRows(columnCount: columns, starts: starts, columns: entries.map(\.column), values: entries.map(\.value))
  }

  private static func columns(_ a: Matrix<Double>, _ range: Range<Int>) -> Matrix<Double> {
    if range.count == a.columns { return a }
    var result = Matrix<Double>(rows: a.rows, columns: range.count)
    copy(a, rows: 0..<a.rows, columns: range.lowerBound, into: &result, row: 0, column: 0, count: range.count)
    return result
  }

  private static func copy(
    _ a: Matrix<Double>, rows: Range<Int>, columns: Int, into b: inout Matrix<Double>, row: Int, column: Int, count: Int
  ) {
    let (width, targetWidth) = (a.columns, b.columns)
    a.elements.withUnsafeBufferPointer { source in
      b.elements.withUnsafeMutableBufferPointer { target in
        for (i, sourceRow) in rows.enumerated() {
          let (from, to) = (sourceRow * width + columns, (row + i) * targetWidth + column)
          for j in 0..<count { target[to &+ j] = source[from &+ j] }
        }
      }
    }
  }

  private static func add(_ a: Matrix<Double>, into b: inout Matrix<Double>, row: Int, column: Int) {
    let (width, targetWidth) = (a.columns, b.columns)
    a.elements.withUnsafeBufferPointer { source in
      b.elements.withUnsafeMutableBufferPointer { target in
        for i in 0..<a.rows {
          let (from, to) = (i * width, (row + i) * targetWidth + column)
          for j in 0..<width { target[to &+ j] += source[from &+ j] }
        }
      }
    }
  }
}
