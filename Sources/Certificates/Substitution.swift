import LinearAlgebra

/// A linear substitution w = P v of live increments: one node z = Σ A h is replaced by the nodes h, the others stay.
///
/// Block by block, with W_o = Q_oz and A_s the sum of the terms that read s,
///
///     G_s   = Q_zz A_s + W_s′                      (W_s only where s stays)
///     Q_rs ← Q_rs + W_r A_s + A_r′ G_s             (Q_rs and W_r only where r, and for Q_rs also s, stay)
///
/// so only blocks with a source of z are touched. For an identity term A_s = 1 of a new node s, G_s is Q_zz itself, which becomes Q_ss.
struct Substitution {
  /// The node that is replaced.
  let z: Int
  /// The number of its coordinates.
  let count: Int
  /// The terms of z by their sources.
  let terms: [Int: [CertifiedMap]]

  init(replacing z: Int, count: Int, by sum: [(key: Int, map: CertifiedMap)]) {
    self.z = z
    self.count = count
    terms = Dictionary(grouping: sum, by: \.key).mapValues { $0.map(\.map) }
  }

  /// The nodes that z is computed from, in ascending order.
  var sources: [Int] { terms.keys.sorted() }

  /// Replaces z.
  ///
  /// - Parameters:
  ///   - q: the gain, with z its last node.
  ///   - note: told about bytes that are held besides the gain.
  ///   - isCancelled: asked now and then.
  /// - Throws: ``NotProved`` when cancelled.
  func apply(to q: inout GainBlocks, note: (GainBlocks, Int) -> Void, isCancelled: () -> Bool) throws {
    let isNew = Set(sources.filter { q.counts[$0] == nil || $0 == z })
    // An identity term of a new node: Q_zz stays what it is.
    let identities = Set(sources.filter { s in isNew.contains(s) && terms[s]?.count == 1 && terms[s]?[0].isIdentity == true })
    var g: [Int: PanelMatrix] = [:]
    for s in sources where !identities.contains(s) {
      var product = PanelMatrix(rows: count, columns: terms[s]?.first?.inputCount ?? 0, shape: .full)
      if !isNew.contains(s), let w = q.coupling[.init(row: s, column: z)] { product.addTransposed(w) }
      try q.diagonal[z]?.readingPanels { zz in
        try product.withPanels { target in
          for map in terms[s] ?? [] { try map.accumulate(.transpose(zz), into: target, isTransposed: true, isCancelled: isCancelled) }
        }
      }
      g[s] = product
    }
    let held = g.values.reduce(0) { $0 + $1.bytes }
    note(q, held)
    let enlargement = errors(q, g, isNew: isNew, identities: identities)

    var removed = q.remove(z)
    guard let w = removed?.couplings else { return }
    // The only reference, so that it can be given away or freed.
    var zz = removed?.diagonal
    removed = nil
    let kept = q.nodes
    for s in sources where isNew.contains(s) { q.add(s, count: terms[s]?.first?.inputCount ?? 0) }
    if identities.isEmpty { zz = nil }
    func others() -> Int { (w.values.map(\.bytes) + g.values.map(\.bytes)).reduce(zz?.bytes ?? 0, +) }
    for s in sources where !identities.contains(s) {
      let order = q.counts[s] ?? 0
      var block = q.diagonal.removeValue(forKey: s) ?? PanelMatrix(symmetric: order)
      try block.withPanels { target in
        for map in terms[s] ?? [] {
          try w[s]?.readingPanels {
            try map.accumulate(.transpose($0), into: target, isTransposed: true, isTriangle: true, isCancelled: isCancelled)
          }
          try g[s]?.readingPanels { try map.accumulate(.matrix($0), into: target, isTriangle: true, isCancelled: isCancelled) }
        }
      }
      block.mirrorDiagonalTiles()
      q.diagonal[s] = block
      note(q, others())
    }
    for (r, s) in touchedPairs(kept: kept) {
      let pair = GainBlocks.Pair(row: r, column: s)
      // Moved, not copied: this was the last use of G_s.
      if identities.contains(r), q.coupling[pair] == nil, !identities.contains(s), isLastUse(of: s, row: r, identities: identities) {
        q.coupling[pair] = g.removeValue(forKey: s)
        continue
      }
      var block = q.coupling.removeValue(forKey: pair) ?? PanelMatrix(rows: q.counts[r] ?? 0, columns: q.counts[s] ?? 0, shape: .full)
      try block.withPanels { target in
        if let w = w[r] {
          for map in terms[s] ?? [] {
            try w.readingPanels { try map.accumulate(.transpose($0), into: target, isTransposed: true, isCancelled: isCancelled) }
          }
        }
        for map in terms[r] ?? [] {
          if let g = g[s] {
            try g.readingPanels { try map.accumulate(.matrix($0), into: target, isCancelled: isCancelled) }
          } else if identities.contains(s) {
            try zz?.readingPanels { try map.accumulate(.transpose($0), into: target, isCancelled: isCancelled) }
          } else {
            try w[s]?.readingPanels { try map.accumulate(.transpose($0), into: target, isCancelled: isCancelled) }
          }
        }
      }
      q.coupling[pair] = block
      note(q, others())
    }
    if let s = identities.max(), let last = zz {
      zz = nil
      for other in identities where other != s { q.diagonal[other] = last }
      q.diagonal[s] = last
    }
    for (s, values) in enlargement {
      for (i, error) in values.enumerated() where !(error == 0) {
        q.diagonal[s]?.enlarge(i, by: error)
      }
    }
  }

  /// The pairs of nodes whose block changes, the rows' node first; identities last, because G_s may be given away to them.
  private func touchedPairs(kept: [Int]) -> [(Int, Int)] {
    let all = Set(kept).union(sources).sorted()
    var pairs: [(Int, Int)] = []
    for s in all { for r in all where r < s && (terms[r] != nil || terms[s] != nil) { pairs.append((r, s)) } }
    func isIdentity(_ r: Int) -> Bool { terms[r]?.count == 1 && terms[r]?[0].isIdentity == true }
    return pairs.filter { !isIdentity($0.0) } + pairs.filter { isIdentity($0.0) }
  }

  /// Whether no later pair needs G_s.
  private func isLastUse(of s: Int, row: Int, identities: Set<Int>) -> Bool {
    // G_s serves the rows of all sources before s; it is given to the only identity among the new nodes, which comes last.
    identities.count == 1 && sources.filter { $0 < s && terms[$0]?.count == 1 && terms[$0]?[0].isIdentity == true } == [row]
  }

  // MARK: - Rounding

  /// A diagonal that dominates |computed P′QP − P′QP| over all matrices within the radii.
  ///
  /// Let a sum over a row or a column of a term's matrix have at most k terms, and let at most r terms of the node read the same source. An
  /// entry of G_s is one kept entry and at most r sums of k products, added one after the other: each summand goes through at most k + r + 1
  /// roundings, in whatever order the sums are taken. An entry of Q_rs is one kept entry and at most 2r such sums, at most k + 2r + 1
  /// roundings. The computed entries differ from the exact ones by at most γ |P|′|Q||P| with γ of 2k + 3r + 2 roundings, and
  /// γ_{2k + (r + 1)² + 4} is enough. Only the lower triangle is computed; the bound is symmetric. Radii R of P add
  /// R′|Q|(|P| + R) + |P|′|Q|R; underflow adds ``NumberRange/underflow``. Coordinates whose column of P is zero (in Q, for those that stay)
  /// have zero rows before and after: no error.
  private func errors(_ q: GainBlocks, _ g: [Int: PanelMatrix], isNew: Set<Int>, identities: Set<Int>) -> [Int: [Double]] {
    var w: [Int: [Double]] = [:]
    let kept = q.nodes.filter { $0 != z }
    for node in kept { w[node] = q.diagonalEntries(node) }
    for s in sources {
      // About the new diagonal; it serves to find good weights only.
      if identities.contains(s) {
        w[s] = q.diagonalEntries(z)
        continue
      }
      var own = isNew.contains(s) ? [Double](repeating: 0, count: terms[s]?.first?.inputCount ?? 0) : w[s] ?? []
      for map in terms[s] ?? [] {
        if let g = g[s] { for (i, value) in map.adjointDiagonal({ g[$0, $1] }).enumerated() { own[i] += value } }
        if !isNew.contains(s), let w = q.coupling[.init(row: s, column: z)] {
          for (i, value) in map.adjointDiagonal({ w[$1, $0] }).enumerated() { own[i] += value }
        }
      }
      w[s] = own
    }
    let weights = w.mapValues { $0.map { DominatingDiagonal.weight($0) } }
    let k = terms.values.joined().map(\.termCount).max() ?? 1
    let repeats = terms.values.map(\.count).max() ?? 0
    let gamma = ErrorBounds.gamma(2 * k + (repeats + 1) * (repeats + 1) + 4)
    let qpw = q.absoluteProduct(magnitudeProduct(weights, kept: kept, radii: false))
    var bound = magnitudeAdjoint(qpw, kept: kept, radii: false).mapValues { $0.map { gamma * $0 } }
    if terms.values.joined().contains(where: \.isUncertain) {
      let qrw = q.absoluteProduct(magnitudeProduct(weights, kept: kept, radii: true))
      let sum = qpw.merging(qrw) { zip($0, $1).map { $0 + $1 } }
      let outer = magnitudeAdjoint(sum, kept: kept, radii: true)
      let inner = magnitudeAdjoint(qrw, kept: kept, radii: false)
      for (node, own) in bound {
        guard let outer = outer[node], let inner = inner[node] else { continue }
        bound[node] = own.indices.map { own[$0] + (outer[$0] + inner[$0]) * (1 + 2 * gamma) }
      }
    }
    // The three sums above are of non-negative terms, fewer than 2²² of them: their relative errors are below 2⁻³¹ each.
    let ones = [Double](repeating: 1, count: count)
    var result: [Int: [Double]] = [:]
    for (node, own) in bound {
      var occurs = [Bool](repeating: false, count: own.count)
      if kept.contains(node) { for i in own.indices { occurs[i] = !q.hasZeroRow(node, i) } }
      for map in terms[node] ?? [] {
        // Sums of magnitudes vanish only when every one does: sums never underflow.
        for radii in [false, true] {
          for (i, sum) in map.magnitudeAdjoint(ones, radii: radii).enumerated() where !(sum == 0) { occurs[i] = true }
        }
      }
      let w = weights[node] ?? []
      result[node] = own.indices.map { occurs[$0] ? ((own[$0] / w[$0]) * (1 + 0x1p-28)) + NumberRange.underflow : 0 }
    }
    return result
  }

  /// |P| w, or the radii of P times w, over the nodes before.
  private func magnitudeProduct(_ w: [Int: [Double]], kept: [Int], radii: Bool) -> [Int: [Double]] {
    var result: [Int: [Double]] = [:]
    for node in kept { result[node] = radii ? Array(repeating: 0, count: w[node]?.count ?? 0) : w[node] }
    var own = [Double](repeating: 0, count: count)
    for (source, maps) in terms {
      for map in maps { for (i, value) in map.magnitudeProduct(w[source] ?? [], radii: radii).enumerated() { own[i] += value } }
    }
    result[z] = own
    return result
  }

  /// |P|′ v, or the radii of P′ times v, over the nodes after.
  private func magnitudeAdjoint(_ v: [Int: [Double]], kept: [Int], radii: Bool) -> [Int: [Double]] {
    var result: [Int: [Double]] = [:]
    for node in kept { result[node] = radii ? Array(repeating: 0, count: v[node]?.count ?? 0) : v[node] }
    for (source, maps) in terms {
      var own = (source == z ? nil : result[source]) ?? [Double](repeating: 0, count: maps.first?.inputCount ?? 0)
      for map in maps { for (i, value) in map.magnitudeAdjoint(v[z] ?? [], radii: radii).enumerated() { own[i] += value } }
      result[source] = own
    }
    return result
  }
}

extension PanelMatrix {
  /// q_ii + x, rounded up.
  mutating func enlarge(_ i: Int, by x: Double) { self[i, i] = (self[i, i] + x).nextUp }

  /// Adds the transpose of a full matrix.
  fileprivate mutating func addTransposed(_ other: PanelMatrix) {
    precondition(shape == .full && other.shape == .full && other.rows == columns && other.columns == rows, "sizes must fit")
    for i in 0..<rows { for j in 0..<columns { self[i, j] += other[j, i] } }
  }
}
