import LinearAlgebra

/// A quadratic bound on the squared output increment in terms of some nodes' increments.
///
/// The invariant: for all increments w of the live nodes that the network can produce, |dy|² (or a weighted sum of squares) is at most w′Qw. Q
/// is a floating-point symmetric matrix, held in blocks; each step replaces one node by those it is computed from and enlarges Q's diagonal by
/// at least its own rounding error, so the invariant holds for real numbers whatever the rounding. <doc:Soundness> has the lemmas.
struct ValueFunction: Sendable {
  /// Q over the live nodes' increments.
  private(set) var gain: GainBlocks

  /// Σ wᵢ dyᵢ² = dy′ diag(w) dy for the output node.
  init(output key: Int, weights: [Double]) {
    gain = GainBlocks()
    gain.add(key, count: weights.count)
    var diagonal = PanelMatrix(symmetric: weights.count)
    for (i, weight) in weights.enumerated() { diagonal[i, i] = weight }
    gain.diagonal[key] = diagonal
  }

  /// |dy|² ≤ dz′Q dz for node z, Q symmetric, known already.
  init(node key: Int, gain whole: Matrix<Double>) {
    gain = GainBlocks()
    gain.add(key, count: whole.rows)
    var block = PanelMatrix(symmetric: whole.rows)
    for i in 0..<whole.rows { for j in 0...i { block[i, j] = whole[i, j] } }
    block.mirrorDiagonalTiles()
    gain.diagonal[key] = block
  }

  /// A bound proved earlier.
  init(gain: GainBlocks) { self.gain = gain }

  /// Whether a node's increment is live.
  func isLive(_ key: Int) -> Bool { gain.counts[key] != nil }

  /// The live nodes, in the order of their coordinates.
  var liveNodes: [Int] { gain.nodes }

  /// Q as one matrix.
  var q: Matrix<Double> { gain.whole }

  /// Q's block of rows of one live node and columns of another, the earlier first; empty when one is not live.
  func block(rows: Int, columns: Int) -> Matrix<Double> {
    let own = rows == columns ? gain.diagonal[rows] : gain.coupling[.init(row: rows, column: columns)]
    return own?.whole ?? Matrix(rows: 0, columns: 0)
  }

  // MARK: - Affine nodes

  /// Replaces the live node z = Σ A h by the nodes h: Q ← P′QP, P the substitution.
  ///
  /// - Throws: ``NotProved`` when numbers leave ``NumberRange``, or when cancelled.
  mutating func substitute(_ key: Int, by terms: [(key: Int, map: CertifiedMap)], isCancelled: () -> Bool = { false }) throws {
    guard let count = gain.counts[key] else { return }
    try FloatingPointEnvironment.requireStandard()
    guard terms.allSatisfy(\.map.isInRange), gain.isInRange(limit: NumberRange.largestGain) else {
      throw NotProved("numbers are too large or not finite")
    }
    let substitution = Substitution(replacing: key, count: count, by: terms)
    let order = terms.reduce(gain.order) { $0 + $1.map.inputCount }
    guard order < NumberRange.largestOrder else { throw NotProved("\(order) coordinates are too many") }
    var peak = 0
    try substitution.apply(to: &gain, note: { peak = max(peak, $0.bytes + $1) }, isCancelled: isCancelled)
    peakBytes = max(peakBytes, peak, gain.bytes)
  }

  // MARK: - Activation nodes

  /// Replaces the live node h = φ(p) by p, using the constraints tᵢ (hᵢ − αᵢpᵢ)(βᵢpᵢ − hᵢ) ≥ 0.
  ///
  /// The new Q satisfies Q(o, p) ≥ Q_oo − diag(tαβ) + B′X⁻¹B with X = diag(t) − Q_hh and B = [Q_ho, diag(tc)], c = (α + β)/2. Where p itself
  /// is not wanted, being p = Σ A s, it is eliminated in favour of the s at once: B = Q_ho + diag(tc) A and Q_oo in place of the above, for
  /// units with αβ = 0. Units whose sector is a point are linear and are substituted; units with t = 0 must not occur in Q.
  ///
  /// - Parameters:
  ///   - key: h.
  ///   - preactivation: p, an earlier node.
  ///   - count: the number of units.
  ///   - sectors: α and β.
  ///   - multipliers: t.
  ///   - terms: the terms A s of p, when p is not live and ``isReplaceable(_:)`` holds of the sectors.
  ///   - isCancelled: asked now and then.
  /// - Throws: ``NotProved`` when X is not provably positive definite.
  mutating func eliminate(
    _ key: Int, preactivation p: Int, count: Int, sectors: UnitSectors, multipliers: [Double],
    through terms: [(key: Int, map: CertifiedMap)]? = nil, isCancelled: () -> Bool = { false }
  ) throws {
    guard isLive(key) else { return }
    let isLinear = (0..<count).map { sectors.lower[$0] == sectors.upper[$0] }
    if isLinear.contains(true) {
      let slopes = CertifiedMap(diagonal: (0..<count).map { isLinear[$0] ? sectors.lower[$0] : 0 })
      let rest = CertifiedMap(diagonal: isLinear.map { $0 ? 0 : 1 })
      let isEveryone = !isLinear.contains(false)
      try substitute(key, by: [(p, slopes)] + (isEveryone ? [] : [(key, rest)]), isCancelled: isCancelled)
      if isEveryone { return }
    }
    let t = (0..<count).map { isLinear[$0] ? 0 : multipliers[$0] }
    var stage = EliminationStage(gain, key: key, multipliers: t, sectors: sectors)
    if let terms, !isLive(p), Self.isReplaceable(sectors) {
      guard terms.allSatisfy(\.map.isInRange) else { throw NotProved("numbers are too large or not finite") }
      try stage.couple(&gain, through: terms)
    } else {
      stage.couple(&gain, preactivation: p)
    }
    try stage.run(&gain, isCancelled: isCancelled)
    peakBytes = max(peakBytes, stage.peakBytes)
  }

  /// Whether an activation node with these sectors may be eliminated in favour of its pre-activations' sources.
  static func isReplaceable(_ sectors: UnitSectors) -> Bool {
    zip(sectors.lower, sectors.upper).allSatisfy { ($0 == 0 || $1 == 0) && $0 < $1 }
  }

  /// The greatest sum of bytes of matrices that were held at once.
  private(set) var peakBytes = 0
}

extension CertifiedMap {
  /// A diagonal matrix; zeros are no entries.
  init(diagonal values: [Double]) {
    var starts = [0]
    var columns: [Int] = []
    for (i, value) in values.enumerated() {
      if value != 0 { columns.append(i) }
      starts.append(columns.count)
    }
    self.init(sparse: SparseRows(columnCount: values.count, starts: starts, columns: columns, values: columns.map { values[$0] }))
  }
}
