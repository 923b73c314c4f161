import LinearAlgebra
import Networks

/// Proves that functions of the outputs stay positive on a ball, from one quadratic form for each unit and a weight of the input.
///
/// Let q_i be forms in the increments (h_i, p_i) and m_i ≤ min q_i over the unit's graph (``UnitForm/minimum(over:)``), and ρ ≥ 0. With the
/// reduction of ``LocalForm`` and the inputs of ``InputFactor``, |z| ≤ r, a target m + a z + b h is for every s > 0 at least
///
///     m + a z + b h − s (Σ (q_i − m_i) + ρ (r² − |z|²))  =  m + s (Σ m_i − ρ r²) + (a, b)w − s g′w + s w′P w,    w = (z, h),
///
/// for every input of the ball: what is taken off is not negative there. Elimination of 2P, bordered by g and the targets' rows c = (a, b), gives
/// G with w′2Pw + 2 w′(c, g)o + o′Go ≥ 0 for all w and o. With o = (t, −1), t = 1/s, the target is positive as soon as
///
///     2 (m t + Σ m_i − ρ r²) > o′Go.
///
/// One elimination serves all targets, each with the s that suits it. The left-hand side is affine in (q, ρ); the best bound of this kind is the
/// optimum of a semidefinite program, and any forms give a proof or none. It contains the anchored sector constraints (h − αp)(βp − h) ≥ 0 as
/// well as linear lower and upper bounds: q_i = sums of (h − s p − t) times λ ≥ 0 and no squares give the bounds of backward linear propagation.
public enum MarginProof {
  /// Proves that targets are positive for all inputs of the form's ball.
  ///
  /// - Parameters:
  ///   - form: the reduction on the region.
  ///   - input: what stands for its input rows on the ball.
  ///   - forms: q, one for each of the form's units.
  ///   - rho: ρ.
  ///   - isCancelled: asked on the calling thread, many times a second; a cancelled proof throws.
  /// - Returns: for each of the form's targets whether it is proved.
  /// - Throws: ``NotProved`` when these forms prove nothing for any target.
  /// - Complexity: (2N)³/6 + (2N)³/12 multiplications for N units and targets.
  public static func prove(
    _ form: LocalForm, input: InputFactor, forms: [UnitForm], weight rho: Double, isCancelled: () -> Bool = { false }
  ) throws -> [Bool] {
    let (count, radius) = (form.units.count, form.radius)
    guard forms.count == count, input.factor.rows == count + form.targets.count, input.factor.columns == input.factor.rows else {
      throw NotProved("the forms or the input do not fit")
    }
    let limit = 0x1p+200
    guard forms.allSatisfy({ NumberRange.holds($0.coefficients, limit: limit) }), rho >= 0, rho <= limit, radius > 0, radius <= limit,
      NumberRange.holds(form.coupling.elements, limit: limit), NumberRange.holds(input.factor.elements, limit: limit),
      form.targets.allSatisfy({ NumberRange.holds($0.units, limit: limit) })
    else { throw NotProved("a form or the input's weight is not a number, too large or negative") }
    var constant = -ErrorBounds.multiplyUp(rho, ErrorBounds.multiplyUp(radius, radius))
    for (unit, q) in zip(form.units, forms) { constant = ErrorBounds.addDown(constant, q.minimum(over: unit)) }
    guard constant.isFinite else { throw NotProved("nothing is known of a form on its unit's graph") }

    // w = (z, h). The columns of S are the p_i over w, so that Σ q_i = w′S diag(pp) S′w + Σ (hp_i p_i + hh_i h_i + h₁) h_i + p₁′S′w.
    let (inputs, order) = (input.factor.columns, input.factor.columns + count)
    // The input factor and the coupling are triangular: no p_i with i below a coordinate's own number knows of it.
    let starts = (0..<inputs).map { min($0, count) } + Array(0..<count)
    let s = Self.arguments(form, input, starts: starts)
    var matrix = SymmetricProduct.product(s, Self.weighted(s, forms.map(\.pp)), starts: starts, isTriangle: true)
    // Twice the entries, which saves the halves.
    for i in 0..<order { for j in 0...i { matrix[i, j] *= -2 } }
    for k in 0..<inputs { matrix[k, k] += 2 * rho }
    for (i, q) in forms.enumerated() {
      let row = inputs + i
      // p_i knows of the inputs and of earlier units only.
      for k in 0..<row { matrix[row, k] -= q.hp * s[k, i] }
      matrix[row, row] -= 2 * q.hh
    }
    let linear = SymmetricProduct.product(Matrix(rows: 1, columns: count, elements: forms.map(\.p)), s)
    var coupling = Matrix<Double>(rows: 1 + form.targets.count, columns: order)
    for k in 0..<order { coupling[0, k] = linear[0, k] + (k < inputs ? 0 : forms[k - inputs].h) }
    for (j, target) in form.targets.enumerated() {
      for k in 0..<order { coupling[1 + j, k] = k < inputs ? input.factor[count + j, k] : target.units[k - inputs] }
    }
    let slack = Self.slack(s, diagonal: (0..<order).map { matrix[$0, $0] }, constant: constant, rho: rho, forms: forms)
    var gains = Matrix<Double>(rows: coupling.rows, columns: coupling.rows)
    var inflation: [Double]
    do {
      let starts = [Int](repeating: 0, count: coupling.rows)
      let elimination = try VerifiedElimination(
        pivots: &matrix, coupling: &coupling, starts: starts, slack: slack.matrix, isCancelled: isCancelled)
      inflation = try elimination.update(gain: &gains, coupling: &coupling, starts: starts, isCancelled: isCancelled)
    } catch let error as NotProved where error != Interruptible.cancelled {
      throw NotProved("the matrix of the units is not positive: \(error)")
    }
    inflation[0] = ErrorBounds.addUp(inflation[0], slack.linear)
    let rest = ErrorBounds.subtractDown(2 * constant, ErrorBounds.addUp(gains[0, 0], inflation[0]))
    return form.targets.enumerated().map { j, target in
      isPositive(
        margin: target.margin, square: ErrorBounds.addUp(gains[1 + j, 1 + j], inflation[1 + j]), mixed: gains[1 + j, 0], constant: rest)
    }
  }

  /// Whether 2 (m + G₀₁) t − G₁₁ t² + k is positive for the t of its vertex.
  static func isPositive(margin: Double, square: Double, mixed: Double, constant: Double) -> Bool {
    // So that no product overflows: rounding down turns an infinity into a number.
    guard NumberRange.holds([margin, square, mixed, constant], limit: 0x1p+400), square >= 0 else { return false }
    let slope = 2 * ErrorBounds.addDown(margin, mixed)
    let t = min(max(0.5 * slope / max(square, 0x1p-200), 0x1p-200), 0x1p+200)
    let gain = ErrorBounds.addDown(ErrorBounds.multiplyDown(slope, t), constant)
    return ErrorBounds.subtractDown(gain, ErrorBounds.multiplyUp(square, ErrorBounds.multiplyUp(t, t))) > 0
  }

  /// Proves that one target is positive for all inputs of the form's ball.
  ///
  /// - Throws: ``NotProved``.
  public static func prove(
    _ form: LocalForm, input: InputFactor, target: Int, forms: [UnitForm], weight: Double, isCancelled: () -> Bool = { false }
  ) throws {
    guard form.targets.indices.contains(target) else { throw NotProved("there is no such target") }
    guard try prove(form, input: input, forms: forms, weight: weight, isCancelled: isCancelled)[target] else {
      throw NotProved("the forms and the input's weight take more than the margin")
    }
  }

  /// S, w's coordinates × units.
  private static func arguments(_ form: LocalForm, _ input: InputFactor, starts: [Int]) -> Matrix<Double> {
    let (count, inputs) = (form.units.count, input.factor.columns)
    var s = Matrix<Double>(rows: starts.count, columns: count)
    s.elements.withUnsafeMutableBufferPointer { s in
      input.factor.elements.withUnsafeBufferPointer { factor in
        form.coupling.elements.withUnsafeBufferPointer { coupling in
          for (k, start) in starts.enumerated() {
            for i in start..<count { s[k &* count &+ i] = k < inputs ? factor[i &* inputs &+ k] : coupling[i &* count &+ (k &- inputs)] }
          }
        }
      }
    }
    return s
  }

  /// S with every column times a number.
  private static func weighted(_ s: Matrix<Double>, _ factors: [Double]) -> Matrix<Double> {
    var result = s
    result.elements.withUnsafeMutableBufferPointer { u in
      for k in 0..<s.rows { for (i, factor) in factors.enumerated() { u[k &* factors.count &+ i] *= factor } }
    }
    return result
  }

  /// Diagonals that dominate what rounding did to 2P and to g.
  ///
  /// An entry is off by at most γ(k) times the sum of the magnitudes of its terms: N = 2 |S||diag pp||S|′ + the products hp s beside and above
  /// the diagonal, and the base, in 2P; n = |S||p₁| + |h₁| in g. For weights w > 0 the diagonal (Nw)_i / w_i dominates N; n, to the right of it and
  /// below, is dominated by n_i w₀/w_i and Σ n_i w_i / w₀.
  static func slack(
    _ s: Matrix<Double>, diagonal: [Double], constant: Double, rho: Double, forms: [UnitForm]
  ) -> (matrix: [Double], linear: Double) {
    let (order, count) = (s.rows, s.columns)
    let inputs = order - count
    let gamma = ErrorBounds.gamma(count + 10)
    let w = diagonal.map { DominatingDiagonal.weight($0) }
    let w0 = DominatingDiagonal.weight(constant)
    let p = forms.map(\.p.magnitude)
    return s.elements.withUnsafeBufferPointer { s in
      // |S|′w, and what a coefficient of 1 in S meets on the other side.
      var sums = [Double](repeating: 0, count: count)
      for k in 0..<order { for i in 0..<count { sums[i] += s[k &* count &+ i].magnitude * w[k] } }
      let meets = forms.enumerated().map { i, q in 2 * q.pp.magnitude * sums[i] + q.hp.magnitude * w[inputs + i] }
      var linear = 0.0
      let matrix = (0..<order).map { k in
        var (sum, own, base) = (0.0, 0.0, 2 * rho)
        for i in 0..<count {
          let size = s[k &* count &+ i].magnitude
          sum += size * meets[i]
          own += size * p[i]
        }
        if k >= inputs {
          let q = forms[k - inputs]
          sum += q.hp.magnitude * sums[k - inputs]
          own += q.h.magnitude
          base = 2 * q.hh.magnitude
        }
        linear += own * w[k]
        return (gamma * ((sum + own * w0) / w[k] + base) * (1 + 0x1p-20) + 0x1p-400).nextUp
      }
      return (matrix, (gamma * linear / w0 * (1 + 0x1p-20) + 0x1p-400).nextUp)
    }
  }
}
