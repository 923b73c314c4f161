import LinearAlgebra
import Networks

/// Proves that a function of the outputs stays positive on a ball, from one quadratic form for each unit and a weight of the input.
///
/// Let q_i be forms in the increments (h_i, p_i) and m_i ≤ min q_i over the unit's graph (``UnitForm/minimum(over:)``), and ρ ≥ 0. With the
/// reduction of ``LocalForm`` and the inputs of ``InputFactor``, |z| ≤ r, the target is
///
///     m + a z + b h  ≥  m + a z + b h − Σ (q_i − m_i) − ρ (r² − |z|²)  =  w′ M w,   w = (1, z, h),
///
/// for every input of the ball: what is taken off is not negative there. So M > 0 proves that it is positive. M is affine in (q, ρ); the best
/// bound of this kind is the optimum of a semidefinite program, and any forms give a proof or none. It contains the anchored sector
/// constraints (h − αp)(βp − h) ≥ 0 as well as linear lower and upper bounds: q_i = sums of (h − s p − t) times λ ≥ 0 and no squares give the
/// bounds of backward linear propagation.
public enum MarginProof {
  /// Proves that one target is positive for all inputs of the form's ball.
  ///
  /// - Parameters:
  ///   - form: the reduction on the region.
  ///   - target: which of the form's targets.
  ///   - forms: q, one for each of the form's units.
  ///   - rho: ρ.
  ///   - isCancelled: asked on the calling thread, many times a second; a cancelled proof throws.
  /// - Throws: ``NotProved``.
  /// - Complexity: (2N)³/6 for N units and targets.
  public static func prove(
    _ form: LocalForm, target: Int, forms: [UnitForm], weight rho: Double, isCancelled: () -> Bool = { false }
  ) throws {
    let (count, input, radius) = (form.units.count, form.input, form.radius)
    guard forms.count == count, form.targets.indices.contains(target) else {
      throw NotProved("there is not one form for each unit")
    }
    let limit = 0x1p+200
    guard forms.allSatisfy({ NumberRange.holds($0.coefficients, limit: limit) }), rho >= 0, rho <= limit, radius > 0, radius <= limit,
      NumberRange.holds(form.coupling.elements, limit: limit), NumberRange.holds(input.factor.elements, limit: limit)
    else { throw NotProved("a form or the input's weight is not a number, too large or negative") }
    var constant = form.targets[target].margin
    for (unit, q) in zip(form.units, forms) { constant = ErrorBounds.addDown(constant, q.minimum(over: unit)) }
    constant = ErrorBounds.subtractDown(constant, ErrorBounds.multiplyUp(rho, ErrorBounds.multiplyUp(radius, radius)))
    guard constant > 0, constant.isFinite else { throw NotProved("the forms and the input's weight take more than the margin") }

    // w = (1, z, h). The rows of S are the p_i over w, U_i = pp p_i + hp h_i + p₁, so that Σ q_i = w′(S′U + …)w.
    let (inputs, order) = (input.factor.columns, 1 + input.factor.columns + count)
    var s = Matrix<Double>(rows: order, columns: count)
    var u = s
    for (i, q) in forms.enumerated() {
      for k in 0...min(i, inputs - 1) { s[1 + k, i] = input.factor[i, k] }
      for j in 0..<count { s[1 + inputs + j, i] = form.coupling[i, j] }
      for k in 0..<order { u[k, i] = q.pp * s[k, i] }
      u[0, i] += q.p
      u[1 + inputs + i, i] += q.hp
    }
    let product = SymmetricProduct.product(s, u)
    var matrix = Matrix<Double>(rows: order, columns: order)
    // Twice the entries, which saves the halves: 2M = base − (S′U + U′S).
    for i in 0..<order { for j in 0...i { matrix[i, j] = -(product[i, j] + product[j, i]) } }
    var base = [Double](repeating: 0, count: order)
    matrix[0, 0] += 2 * constant
    for k in 0..<inputs {
      matrix[1 + k, 1 + k] += 2 * rho
      // The target's own row stands behind those of the units.
      let a = input.factor[count + target, k]
      matrix[1 + k, 0] += a
      base[1 + k] = a.magnitude
    }
    for (i, q) in forms.enumerated() {
      let row = 1 + inputs + i
      let b = form.targets[target].units[i]
      matrix[row, row] -= 2 * q.hh
      matrix[row, 0] += b - q.h
      base[row] = b.magnitude + q.h.magnitude
    }
    let slack = Self.slack(s, u, diagonal: (0..<order).map { matrix[$0, $0] }, base: base, rho: rho, constant: constant, forms: forms)
    do {
      try VerifiedElimination.provePositive(&matrix, slack: slack, isCancelled: isCancelled)
    } catch let error as NotProved where error != Interruptible.cancelled {
      throw NotProved("the matrix of the margin is not positive: \(error)")
    }
  }

  /// A diagonal that dominates what rounding did to 2M, and a little more, so that M is positive definite and not only semidefinite.
  ///
  /// An entry is off by at most γ(k) times the sum of the magnitudes of its terms, N_ij = (|S|′|U| + |U|′|S|)_ij and those of the base; for
  /// weights w > 0 the diagonal (Nw)_i / w_i dominates N.
  private static func slack(
    _ s: Matrix<Double>, _ u: Matrix<Double>, diagonal: [Double], base: [Double], rho: Double, constant: Double, forms: [UnitForm]
  ) -> [Double] {
    let (order, count) = (s.rows, s.columns)
    let gamma = ErrorBounds.gamma(count + 10)
    let w = diagonal.map { DominatingDiagonal.weight($0) }
    func products(_ a: Matrix<Double>) -> [Double] {
      var result = [Double](repeating: 0, count: count)
      for k in 0..<order { for i in 0..<count { result[i] += a[k, i].magnitude * w[k] } }
      return result
    }
    let (sw, uw) = (products(s), products(u))
    let baseSum = zip(base, w).reduce(0) { $0 + $1.0 * $1.1 }
    return (0..<order).map { k in
      var sum = 0.0
      for i in 0..<count { sum += s[k, i].magnitude * uw[i] + u[k, i].magnitude * sw[i] }
      sum += k == 0 ? baseSum : base[k] * w[0]
      var own = k == 0 ? 2 * constant : 2 * rho
      if k >= order - count { own = 2 * forms[k - (order - count)].hh.magnitude }
      return (gamma * (sum / w[k] + own) * (1 + 0x1p-20) + 0x1p-400).nextUp
    }
  }
}
