import CKernels
import LinearAlgebra

/// A linear substitution w = P v of live increments: one node z = Σ A h is replaced by the nodes h, the others stay.
struct Substitution {
  /// The node that is replaced, and its place before.
  let z: LiveBlock
  /// The nodes that stay, before and after.
  let kept: [(old: LiveBlock, new: LiveBlock)]
  /// The terms of z, with the places of their sources.
  let terms: [(map: CertifiedMap, source: LiveBlock)]
  /// All live nodes after.
  let layout: [LiveBlock]
  /// The number of coordinates before.
  let oldOrder: Int

  /// The number of coordinates after.
  var order: Int { layout.reduce(0) { $0 + $1.count } }

  init(replacing z: LiveBlock, in blocks: [LiveBlock], by sum: [(key: Int, map: CertifiedMap)]) {
    let staying = blocks.filter { $0.key != z.key }
    var nodes = staying.map { (key: $0.key, count: $0.count) }
    for term in sum where !nodes.contains(where: { $0.key == term.key }) { nodes.append((term.key, term.map.inputCount)) }
    let layout = LiveBlock.layout(nodes)
    self.z = z
    self.layout = layout
    oldOrder = blocks.reduce(0) { $0 + $1.count }
    kept = Array(zip(staying, layout)).map { (old: $0, new: $1) }
    terms = sum.map { term in (map: term.map, source: layout.first { $0.key == term.key } ?? z) }
  }

  // MARK: - Products

  /// P′Q for a symmetric Q: a row for every new coordinate.
  func adjointProduct(_ q: Matrix<Double>, isCancelled: () -> Bool) throws -> Matrix<Double> {
    try adjointTransposedProduct(q, lowerTriangle: false, isCancelled: isCancelled)
  }

  /// P′QP from G = P′Q, exactly symmetric.
  func congruentProduct(_ g: Matrix<Double>, isCancelled: () -> Bool) throws -> Matrix<Double> {
    var result = try adjointTransposedProduct(g, lowerTriangle: true, isCancelled: isCancelled)
    result.mirrorLowerTriangle()
    return result
  }

  /// P′M′, or its lower triangle (and some entries beside it; the others are not written), by panels of columns.
  private func adjointTransposedProduct(
    _ m: Matrix<Double>, lowerTriangle: Bool, isCancelled: () -> Bool
  ) throws -> Matrix<Double> {
    let (order, oldOrder, panel) = (order, oldOrder, Int(LIPCERT_COMBINED))
    let isPacked = !kept.isEmpty || terms.contains { $0.map.wantsPackedColumns }
    let count = m.rows
    var result = Matrix<Double>.unwritten(rows: order, columns: count)
    let cost = Double(panel) * Double(terms.reduce(0) { $0 + $1.map.entryCount } + order)
    try result.elements.withUnsafeMutableBufferPointer { target in
      try m.elements.withUnsafeBufferPointer { source in
        guard let target = SharedBuffer(target), let source = SharedInput(source) else { return }
        try Interruptible.run((count + panel - 1) / panel, cost: cost, isCancelled: isCancelled) { index in
          let first = index * panel
          let width = min(panel, count - first)
          let rows = source.base + first * oldOrder
          withUnsafeTemporaryAllocation(of: Double.self, capacity: isPacked ? oldOrder * panel : 0) { scratch in
            if isPacked { Self.pack(rows, count: width, length: oldOrder, into: scratch) }
            multiply(
              rows, packed: isPacked ? UnsafePointer(scratch.baseAddress) : nil, width: width, to: target.base + first, stride: count,
              fromRow: lowerTriangle ? first : 0)
          }
        }
      }
    }
    return result
  }

  /// One panel: rows from `fromRow` on of P′ times some columns, each `oldOrder` long.
  private func multiply(
    _ columns: UnsafePointer<Double>, packed: UnsafePointer<Double>?, width: Int, to target: UnsafeMutablePointer<Double>, stride: Int,
    fromRow: Int
  ) {
    let panel = Int(LIPCERT_COMBINED)
    var isWritten = Set<Int>()
    for (old, new) in kept {
      isWritten.insert(new.key)
      guard let packed else { continue }
      for i in max(0, fromRow - new.offset)..<max(new.count, fromRow - new.offset) {
        (target + (new.offset + i) * stride).update(from: packed + (old.offset + i) * panel, count: width)
      }
    }
    let x = CertifiedMap.Columns(
      count: width, separate: columns + z.offset, stride: oldOrder, packed: packed.map { $0 + z.offset * panel })
    for (map, source) in terms {
      let isNew = isWritten.insert(source.key).inserted
      let begin = min(source.count, max(0, fromRow - source.offset))
      map.adjointProduct(
        rows: begin..<source.count, x, to: target + (source.offset + begin) * stride, stride: stride, accumulating: !isNew)
    }
  }

  /// The transpose of `count` rows of the given length, `LIPCERT_COMBINED` numbers for each of their columns; the rest is zero.
  private static func pack(
    _ rows: UnsafePointer<Double>, count: Int, length: Int, into packed: UnsafeMutableBufferPointer<Double>
  ) {
    guard let packed = packed.baseAddress else { return }
    let panel = Int(LIPCERT_COMBINED)
    if count < panel { packed.update(repeating: 0, count: length * panel) }
    // Eight columns at a time: one cache line of each row.
    for begin in stride(from: 0, to: length, by: 8) {
      let end = min(length, begin + 8)
      for i in 0..<count {
        let row = rows + i &* length
        for k in begin..<end { packed[k &* panel &+ i] = row[k] }
      }
    }
  }

  // MARK: - Rounding

  /// A diagonal that dominates |computed P′QP − P′QP| over all matrices within the radii.
  ///
  /// Let a sum over a row or a column of a term's matrix have at most k terms, and let at most r terms of the node read the same source. An
  /// entry of P′Q is one kept entry and at most r sums of k products, added one after the other: each summand goes through at most k + r + 1
  /// roundings, in whatever order the sums are taken. The same holds for the second product. The computed entries differ from the exact
  /// ones by at most γ |P|′|Q||P| with γ of 2(k + r + 1) roundings, and γ_{2k + (r + 1)² + 4} is enough. Only the lower triangle is computed
  /// and then mirrored; the bound is symmetric. Radii R of P add R′|Q|(|P| + R) + |P|′|Q|R; underflow adds ``NumberRange/underflow``.
  /// Coordinates whose column of P is zero (in Q, for those that stay) have zero rows before and after: no error.
  ///
  /// - Parameters:
  ///   - q: the gain before.
  ///   - g: P′Q. It serves to find good weights only.
  func errors(_ q: Matrix<Double>, _ g: Matrix<Double>) -> [Double] {
    let w = diagonal(g).map { DominatingDiagonal.weight($0) }
    let k = terms.map(\.map.termCount).max() ?? 1
    let repeats = Dictionary(grouping: terms, by: \.source.key).values.map(\.count).max() ?? 0
    let gamma = ErrorBounds.gamma(2 * k + (repeats + 1) * (repeats + 1) + 4)
    let pw = magnitudeProduct(w, radii: false)
    let qpw = DominatingDiagonal.absoluteProduct(q, pw)
    var bound = magnitudeAdjoint(qpw, radii: false).map { gamma * $0 }
    if terms.contains(where: \.map.isUncertain) {
      let rw = magnitudeProduct(w, radii: true)
      let qrw = DominatingDiagonal.absoluteProduct(q, rw)
      let outer = magnitudeAdjoint(zip(qpw, qrw).map { $0 + $1 }, radii: true)
      let inner = magnitudeAdjoint(qrw, radii: false)
      for i in bound.indices { bound[i] += (outer[i] + inner[i]) * (1 + 2 * gamma) }
    }
    // The three sums above are of non-negative terms, fewer than 2²² of them: their relative errors are below 2⁻³¹ each.
    let occurs = occurrences(q)
    return bound.indices.map { occurs[$0] ? ((bound[$0] / w[$0]) * (1 + 0x1p-28)) + NumberRange.underflow : 0 }
  }

  /// About the diagonal of P′QP, from G = P′Q.
  private func diagonal(_ g: Matrix<Double>) -> [Double] {
    var result = [Double](repeating: 0, count: order)
    for (old, new) in kept { for i in 0..<new.count { result[new.offset + i] = g[new.offset + i, old.offset + i] } }
    g.elements.withUnsafeBufferPointer { g in
      guard let g = g.baseAddress else { return }
      for (map, source) in terms {
        let own = map.adjointDiagonal { g + (source.offset + $0) * oldOrder + z.offset }
        for (i, value) in own.enumerated() { result[source.offset + i] += value }
      }
    }
    return result
  }

  /// |P| w, or the radii of P times w.
  private func magnitudeProduct(_ w: [Double], radii: Bool) -> [Double] {
    var result = [Double](repeating: 0, count: oldOrder)
    if !radii { for (old, new) in kept { for i in 0..<old.count { result[old.offset + i] = w[new.offset + i] } } }
    for (map, source) in terms {
      for (i, value) in map.magnitudeProduct(Array(w[source.range]), radii: radii).enumerated() { result[z.offset + i] += value }
    }
    return result
  }

  /// |P|′ v, or the radii of P′ times v.
  private func magnitudeAdjoint(_ v: [Double], radii: Bool) -> [Double] {
    var result = [Double](repeating: 0, count: order)
    if !radii { for (old, new) in kept { for i in 0..<old.count { result[new.offset + i] += v[old.offset + i] } } }
    let zPart = Array(v[z.range])
    for (map, source) in terms {
      for (i, value) in map.magnitudeAdjoint(zPart, radii: radii).enumerated() { result[source.offset + i] += value }
    }
    return result
  }

  /// Which new coordinates can have non-zero entries: a structural property, free of rounding.
  private func occurrences(_ q: Matrix<Double>) -> [Bool] {
    var result = [Bool](repeating: false, count: order)
    for (old, new) in kept { for i in 0..<old.count where !q.hasZeroRow(old.offset + i) { result[new.offset + i] = true } }
    let ones = [Double](repeating: 1, count: z.count)
    for (map, source) in terms {
      // Sums of magnitudes vanish only when every one does: sums never underflow.
      for radii in [false, true] {
        for (i, sum) in map.magnitudeAdjoint(ones, radii: radii).enumerated() where !(sum == 0) { result[source.offset + i] = true }
      }
    }
    return result
  }
}
