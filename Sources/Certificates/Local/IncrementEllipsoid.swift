import LinearAlgebra

/// A quadratic bound on the increments of live nodes in terms of the input's, carried forwards through a network.
///
/// The invariant: for all increments w of the live nodes that two inputs of the region can produce, w w′ ≤ |dx|² P, that is
/// (u′w)² ≤ |dx|² u′Pu for every u. P is a floating-point symmetric matrix, held in full; each step enlarges its diagonal by at least its own
/// rounding error. It is the value function's mirror image: ``ValueFunction`` bounds the output from behind, this bounds every unit from the
/// front. P is the inverse of the matrix M of ECLipsE's recursion, and exists where M does not.
struct IncrementEllipsoid {
  private var blocks: [LiveBlock]
  /// P over the live nodes' increments.
  private(set) var p: Matrix<Double>

  /// dx dx′ ≤ |dx|² I.
  init(input key: Int, count: Int) {
    blocks = [LiveBlock(key: key, offset: 0, count: count)]
    p = .identity(count)
  }

  private func place(_ key: Int) throws -> LiveBlock {
    guard let block = blocks.first(where: { $0.key == key }) else { throw NotProved("a node is used after it was dropped") }
    return block
  }

  /// P over one live node.
  func shape(_ key: Int) throws -> Matrix<Double> {
    let block = try place(key)
    var result = Matrix<Double>(rows: block.count, columns: block.count)
    p.copyBlock(rows: block.range, columns: block.range, to: &result, row: 0, column: 0)
    return result
  }

  /// Numbers rᵢ with |wᵢ| ≤ rᵢ |dx| for the increments w of a live node.
  func radii(_ key: Int) throws -> [Double] {
    let block = try place(key)
    // Not a number counts as unbounded: `max` would call it zero.
    return block.range.map { p[$0, $0] >= 0 ? ErrorBounds.sqrtUp(p[$0, $0]) : p[$0, $0].isNaN ? .infinity : 0 }
  }

  /// Drops nodes: a principal submatrix.
  mutating func drop(where isDead: (Int) -> Bool) {
    let kept = blocks.filter { !isDead($0.key) }
    guard kept.count < blocks.count else { return }
    let layout = LiveBlock.layout(kept.map { ($0.key, $0.count) })
    let order = layout.reduce(0) { $0 + $1.count }
    var next = Matrix<Double>(rows: order, columns: order)
    for (a, newA) in zip(kept, layout) {
      for (b, newB) in zip(kept, layout) { p.copyBlock(rows: a.range, columns: b.range, to: &next, row: newA.offset, column: newB.offset) }
    }
    p = next
    blocks = layout
  }

  // MARK: - Affine nodes

  /// Adds the node z = Σ A h: with T = [I; A], P becomes T P T′.
  ///
  /// An entry of A P is a sum of at most k products, k all entries of a row of A together, and so is one of A P A′; each summand goes through
  /// at most k + r + 1 roundings in each, r the number of terms. So the computed entries differ from the exact ones by at most
  /// N = γ |T||P||T|′, γ of 2(k + r) + 8 roundings; radii R of T add R|P|(|T| + R)′ + (|T| + R)|P|R′. For any w > 0 the diagonal (Nw)ᵢ/wᵢ
  /// dominates the error (``DominatingDiagonal``); underflow adds ``NumberRange/underflow`` as in ``ValueFunction``.
  ///
  /// - Throws: ``NotProved`` when numbers leave ``NumberRange``, or when cancelled.
  mutating func append(_ key: Int, count: Int, by terms: [(key: Int, map: RowwiseMap)], isCancelled: () -> Bool) throws {
    try FloatingPointEnvironment.requireStandard()
    guard terms.allSatisfy(\.map.isInRange), NumberRange.holds(p.elements, limit: NumberRange.largestGain) else {
      throw NotProved("numbers are too large or not finite")
    }
    let old = p.rows
    let order = old + count
    guard order < NumberRange.largestOrder else { throw NotProved("\(order) coordinates are too many") }
    let places = try terms.map { try place($0.key) }
    var product = Matrix<Double>(rows: count, columns: old)
    try p.elements.withUnsafeBufferPointer { p in
      try product.elements.withUnsafeMutableBufferPointer { target in
        guard let p = p.baseAddress, let target = target.baseAddress else { return }
        for (term, place) in zip(terms, places) {
          try term.map.addProduct(p + place.offset, rowCount: old, stride: old, to: target, isCancelled: isCancelled)
        }
      }
    }
    var own = Matrix<Double>(rows: count, columns: count)
    try product.elements.withUnsafeBufferPointer { product in
      try own.elements.withUnsafeMutableBufferPointer { target in
        guard let product = product.baseAddress, let target = target.baseAddress else { return }
        for (term, place) in zip(terms, places) {
          try term.map.addProduct(product + place.offset, rowCount: count, stride: old, to: target, isCancelled: isCancelled)
        }
      }
    }
    own.mirrorLowerTriangle()
    let errors = errors(terms, places, count: count, diagonal: own)
    var next = Matrix<Double>(rows: order, columns: order)
    p.copyBlock(rows: 0..<old, columns: 0..<old, to: &next, row: 0, column: 0)
    product.copyBlock(rows: 0..<count, columns: 0..<old, to: &next, row: old, column: 0)
    own.copyBlock(rows: 0..<count, columns: 0..<count, to: &next, row: old, column: old)
    next.mirrorLowerTriangle()
    for i in 0..<order { next[i, i] = (next[i, i] + errors[i]).nextUp }
    p = next
    blocks.append(LiveBlock(key: key, offset: old, count: count))
  }

  private func errors(
    _ terms: [(key: Int, map: RowwiseMap)], _ places: [LiveBlock], count: Int, diagonal: Matrix<Double>
  ) -> [Double] {
    let old = p.rows
    let w = (0..<old).map { DominatingDiagonal.weight(p[$0, $0]) }
    let own = (0..<count).map { DominatingDiagonal.weight(diagonal[$0, $0]) }
    let gamma = ErrorBounds.gamma(2 * (terms.reduce(0) { $0 + $1.map.termCount } + terms.count) + 8)
    var outward = w
    var uncertain = [Double](repeating: 0, count: old)
    for (term, place) in zip(terms, places) {
      term.map.addMagnitudeAdjoint(own, radii: false, to: &outward, offset: place.offset)
      guard term.map.isUncertain else { continue }
      term.map.addMagnitudeAdjoint(own, radii: true, to: &outward, offset: place.offset)
      term.map.addMagnitudeAdjoint(own, radii: true, to: &uncertain, offset: place.offset)
    }
    let q = DominatingDiagonal.absoluteProduct(p, outward)
    let isUncertain = terms.contains(where: \.map.isUncertain)
    let qr = isUncertain ? DominatingDiagonal.absoluteProduct(p, uncertain) : uncertain
    var result = (0..<old).map { gamma * q[$0] + qr[$0] }
    var sums = [Double](repeating: 0, count: count)
    for (term, place) in zip(terms, places) {
      let range = place.range
      let both = range.map { gamma * q[$0] + qr[$0] }
      for (i, value) in term.map.magnitudeProduct(both).enumerated() { sums[i] += value }
      guard term.map.isUncertain else { continue }
      for (i, value) in term.map.radiusProduct(zip(both, range).map { $0 + q[$1] }).enumerated() { sums[i] += value }
    }
    result += sums
    // Each bound is a few nested sums of fewer than 2²² non-negative terms: relative errors below 2⁻²⁸ together.
    return zip(result, w + own).map { (($0 / $1) * (1 + 0x1p-20) + NumberRange.underflow).nextUp }
  }

  // MARK: - Activation nodes

  /// Adds the node h = φ(z), using e² ≤ d² z² for h = cz + e, c about (α + β)/2 and d ≥ max(β − c, c − α).
  ///
  /// Let S be the units with β > α, T = diag(τ) over them with T − P_SS > 0. If w w′ ≤ ρP then also
  ///
  ///     [e; w][e; w]′ ≤ ρ [diag(d²τ), 0; 0, G]     for every G ≥ P + P_·S (T − P_SS)⁻¹ P_S·.
  ///
  /// *Proof.* For P > 0: Σ eᵢ²/(dᵢ²τᵢ) ≤ Σ zᵢ²/τᵢ, so Σ eᵢ²/(dᵢ²τᵢ) + w′(P⁻¹ − T⁻¹)w ≤ w′P⁻¹w ≤ ρ, T⁻¹ standing at the units of S; and
  /// (P⁻¹ − T⁻¹)⁻¹ = P + P_·S (T − P_SS)⁻¹ P_S· (Woodbury). A singular P is the limit of P + εI. ∎
  ///
  /// ``VerifiedElimination`` yields such a G. The node's own block follows from h = cz + e.
  ///
  /// - Throws: ``NotProved`` when T − P_SS is not provably positive definite, or a τ is not positive and finite.
  mutating func activate(
    _ key: Int, preactivation: Int, sectors: UnitSectors, multipliers tau: [Double], isCancelled: () -> Bool
  ) throws {
    let z = try place(preactivation)
    guard sectors.fits(count: z.count), tau.count == z.count else { throw NotProved("the sectors or multipliers do not fit the units") }
    let active = (0..<z.count).filter { sectors.lower[$0] < sectors.upper[$0] }
    guard active.allSatisfy({ tau[$0] > 0 && tau[$0] <= NumberRange.largestGain }) else {
      throw NotProved("a forward multiplier is not positive, or too large")
    }
    let centre = zip(sectors.lower, sectors.upper).map { $0 == $1 ? $0 : 0.5 * ($0 + $1) }
    guard NumberRange.holds(p.elements, limit: NumberRange.largestGain), NumberRange.holds(centre, limit: NumberRange.largestCoefficient)
    else { throw NotProved("numbers are too large or not finite") }
    if !active.isEmpty {
      let (order, e) = (p.rows, active.count)
      guard order + e < NumberRange.largestOrder else { throw NotProved("\(order + e) coordinates are too many") }
      var pivots = Matrix<Double>(rows: e, columns: e)
      var coupling = Matrix<Double>(rows: order, columns: e)
      for (i, a) in active.enumerated() {
        for (j, b) in active.enumerated() { pivots[i, j] = -p[z.offset + a, z.offset + b] }
        pivots[i, i] = (tau[a] + pivots[i, i]).nextDown
      }
      for i in 0..<order { for (j, b) in active.enumerated() { coupling[i, j] = p[i, z.offset + b] } }
      let starts = [Int](repeating: 0, count: order)
      let elimination = try VerifiedElimination(pivots: &pivots, coupling: &coupling, starts: starts, isCancelled: isCancelled)
      let inflation = try elimination.update(gain: &p, coupling: &coupling, starts: starts, isCancelled: isCancelled)
      for i in 0..<order { p[i, i] = (p[i, i] + inflation[i]).nextUp }
      p.mirrorLowerTriangle()
    }
    try append(key, count: z.count, by: [(preactivation, RowwiseMap(diagonal: centre))], isCancelled: isCancelled)
    let h = try place(key)
    for a in active {
      let d = max(ErrorBounds.subtractUp(sectors.upper[a], centre[a]), ErrorBounds.subtractUp(centre[a], sectors.lower[a]))
      let own = h.offset + a
      p[own, own] = ErrorBounds.addUp(p[own, own], ErrorBounds.multiplyUp(ErrorBounds.multiplyUp(d, d), tau[a]))
    }
  }
}
