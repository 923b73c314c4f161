import LinearAlgebra

/// One activation node's elimination: X = diag(t) − Q_hh, the rows of B′ node by node, and what their rounding costs.
struct EliminationStage {
  private let key: Int
  private let count: Int
  private let sectors: UnitSectors
  private let t: [Double]
  /// Units that occur nowhere and have t = 0. Their rows of X and columns of B′ are zero, so that any positive pivot will do.
  private let isDead: [Bool]
  /// Q_hh, then X, then L.
  private var pivots = PanelMatrix(symmetric: 0)
  /// The rows of B′, then of Y.
  private var sides: [Int: PanelMatrix] = [:]
  /// What B′ and Q_oo owe to their rounding, on the diagonals of X and of the new gain: an off-diagonal error δ adds at most
  /// 2δ|hp| ≤ δ(h² + p²).
  private var slack: [Double]
  private var extra: [Int: [Double]] = [:]
  /// Coordinates of the other nodes that B′ or Q_oo got something on.
  private var isTouched: [Int: [Bool]] = [:]
  /// −tαβ on the pre-activations' diagonal.
  private var added: [Int: [Double]] = [:]
  private(set) var peakBytes = 0

  /// Prepares the elimination of a node.
  init(_ gain: GainBlocks, key: Int, multipliers t: [Double], sectors: UnitSectors) {
    self.key = key
    self.t = t
    self.sectors = sectors
    count = t.count
    isDead = t.indices.map { t[$0] == 0 && gain.hasZeroRow(key, $0) }
    slack = Array(repeating: 0, count: t.count)
  }

  private mutating func take(from gain: inout GainBlocks) {
    guard let (own, others) = gain.remove(key) else { return }
    pivots = own
    sides = others
    for (node, count) in gain.counts { prepare(node, count) }
  }

  private mutating func prepare(_ node: Int, _ count: Int) {
    extra[node] = Array(repeating: 0, count: count)
    isTouched[node] = Array(repeating: false, count: count)
  }

  // MARK: - B

  /// B = [Q_ho, diag(tc)]: the node gives way to its pre-activations.
  mutating func couple(_ gain: inout GainBlocks, preactivation p: Int) {
    take(from: &gain)
    let isNew = gain.counts[p] == nil
    if isNew {
      gain.add(p, count: count)
      prepare(p, count)
      sides[p] = PanelMatrix(rows: count, columns: count, shape: .upper)
    }
    guard var side = sides.removeValue(forKey: p) else { return }
    let diagonal = isNew ? [Double](repeating: 0, count: count) : gain.diagonalEntries(p)
    var products = [Double](repeating: 0, count: count)
    for i in 0..<count where !isDead[i] {
      let (alpha, beta) = (sectors.lower[i], sectors.upper[i])
      // |computed − exact| of the off-diagonal entry and of tαβ, each at most three roundings and two underflows.
      let magnitude = t[i] * (alpha.magnitude + beta.magnitude)
      let underflow = 0x1p-1070 * (1 + alpha.magnitude + beta.magnitude)
      let crossError = 4 * 0x1p-53 * (magnitude + side[i, i].magnitude) + underflow
      side[i, i] += t[i] * (0.5 * (alpha + beta))
      let product = t[i] * alpha * beta
      let squareError = 4 * 0x1p-53 * (product.magnitude + diagonal[i].magnitude) + underflow
      products[i] = -product
      slack[i] = crossError.nextUp
      extra[p]?[i] = (crossError + squareError).nextUp
      isTouched[p]?[i] = true
    }
    added[p] = products
    sides[p] = side
  }

  /// B = Q_ho + diag(tc) A: the node gives way to what its pre-activations p = Σ A s are computed from. All tαβ are zero.
  ///
  /// Each summand of an entry of diag(tc) A is off by at most three roundings, its addition by one, and by its radius times tc.
  mutating func couple(_ gain: inout GainBlocks, through terms: [(key: Int, map: CertifiedMap)]) throws {
    take(from: &gain)
    for (s, map) in terms {
      if gain.counts[s] == nil {
        gain.add(s, count: map.inputCount)
        prepare(s, map.inputCount)
        sides[s] = PanelMatrix(rows: map.inputCount, columns: count, shape: .full)
      }
      guard var side = sides.removeValue(forKey: s), var own = extra[s], var touched = isTouched[s] else { continue }
      map.forEachEntry { unit, i, a, radius in
        guard !isDead[unit] else { return }
        let (alpha, beta) = (sectors.lower[unit], sectors.upper[unit])
        let magnitude = t[unit] * (alpha.magnitude + beta.magnitude)
        let underflow = 0x1p-1070 * (1 + alpha.magnitude + beta.magnitude) * (1 + a.magnitude)
        let error = 4 * 0x1p-53 * (magnitude * a.magnitude + side[i, unit].magnitude) + magnitude * radius + underflow
        side[i, unit] += t[unit] * (0.5 * (alpha + beta)) * a
        slack[unit] += error
        own[i] += error
        touched[i] = true
      }
      sides[s] = side
      extra[s] = own
      isTouched[s] = touched
    }
    // Sums of fewer than 2²² non-negative terms have relative errors below 2⁻³⁰.
    for i in slack.indices { slack[i] = (slack[i] * (1 + 0x1p-28)).nextUp }
    for (node, values) in extra { extra[node] = values.map { $0 == 0 ? 0 : ($0 * (1 + 0x1p-28)).nextUp } }
  }

  // MARK: - Elimination

  /// Q_oo ← Q_oo − diag(tαβ) + B′X⁻¹B, enlarged by its errors.
  ///
  /// - Throws: ``NotProved`` when X is not provably positive definite, or when cancelled.
  mutating func run(_ gain: inout GainBlocks, isCancelled: () -> Bool) throws {
    let order = gain.order
    guard count + order < NumberRange.largestOrder else { throw NotProved("\(count + order) coordinates are too many") }
    pivots.negate()
    for i in 0..<count { pivots[i, i] = isDead[i] ? 1 : (t[i] + pivots[i, i]).nextDown }

    var weights: [Int: [Double]] = [:]
    for (node, count) in gain.counts {
      weights[node] =
        gain.diagonal[node] == nil ? Array(repeating: 1, count: count) : gain.diagonalEntries(node).map { DominatingDiagonal.weight($0) }
    }
    let products = gain.absoluteProduct(weights)
    let isAbsent = absences(gain)

    note(gain)
    let slack = slack
    let sideNodes = sides.keys.sorted()
    var solved: [Int: PanelMatrix] = [:]
    swap(&solved, &sides)
    let elimination = try pivots.withPanels { l in
      let elimination = try VerifiedElimination(pivots: l, order: count + order, slack: slack, isCancelled: isCancelled)
      for node in sideNodes {
        guard var side = solved.removeValue(forKey: node) else { continue }
        try side.withPanels { try elimination.solve($0, factor: l, isCancelled: isCancelled) }
        solved[node] = side
      }
      return elimination
    }
    pivots = PanelMatrix(symmetric: 0)

    var inflation: [Int: [Double]] = [:]
    for (node, side) in solved {
      var sums = VerifiedElimination.rowBounds(
        absoluteProduct: products[node] ?? Array(repeating: 0, count: side.rows), weights: weights[node] ?? [])
      // tαβ belongs to the Q that YY′ is added to.
      for (i, value) in (added[node] ?? []).enumerated() { sums[i] = (sums[i] + value.magnitude) * (1 + 0x1p-30) }
      inflation[node] = side.readingPanels { elimination.inflation($0, absoluteSums: sums) }
    }
    for (position, s) in sideNodes.enumerated() {
      for r in sideNodes[...position] {
        guard let a = solved[r], let b = solved[s] else { continue }
        if r == s {
          var block = gain.diagonal.removeValue(forKey: s) ?? PanelMatrix(symmetric: b.rows)
          for (i, value) in (added[s] ?? []).enumerated() where value != 0 { block[i, i] += value }
          try update(&block, a, a, elimination, isTriangle: true, isCancelled)
          block.mirrorDiagonalTiles()
          for i in 0..<b.rows where isAbsent[s]?[i] == false {
            block[i, i] = ((block[i, i] + (inflation[s]?[i] ?? .nan)).nextUp + (extra[s]?[i] ?? .nan)).nextUp
          }
          gain.diagonal[s] = block
        } else {
          let pair = GainBlocks.Pair(row: r, column: s)
          var block = gain.coupling.removeValue(forKey: pair) ?? PanelMatrix(rows: a.rows, columns: b.rows, shape: .full)
          try update(&block, a, b, elimination, isTriangle: false, isCancelled)
          gain.coupling[pair] = block
        }
        note(gain, solved)
      }
    }
  }

  private func update(
    _ block: inout PanelMatrix, _ a: PanelMatrix, _ b: PanelMatrix, _ elimination: VerifiedElimination, isTriangle: Bool,
    _ isCancelled: () -> Bool
  ) throws {
    try block.withPanels { target in
      try a.readingPanels { a in
        try b.readingPanels { b in
          try elimination.update(gain: target, a, b, isTriangle: isTriangle, isCancelled: isCancelled)
        }
      }
    }
  }

  /// The coordinates that occur nowhere before and after; an exact zero lets a unit before them be left out in turn.
  private func absences(_ gain: GainBlocks) -> [Int: [Bool]] {
    var result: [Int: [Bool]] = [:]
    for (node, touched) in isTouched {
      let isNew = gain.diagonal[node] == nil
      result[node] = touched.indices.map { i in
        !touched[i] && (isNew || (gain.hasZeroRow(node, i) && (sides[node]?.hasZeroRow(i) ?? true)))
      }
    }
    return result
  }

  private mutating func note(_ gain: GainBlocks, _ solved: [Int: PanelMatrix] = [:]) {
    let own = (sides.values.map(\.bytes) + solved.values.map(\.bytes)).reduce(pivots.bytes, +)
    peakBytes = max(peakBytes, gain.bytes + own)
  }
}
