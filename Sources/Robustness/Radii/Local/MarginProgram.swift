import Certificates
import LinearAlgebra

/// The search for the unit forms of a ``MarginProof``: a small semidefinite program, solved by a barrier method.
///
/// Maximise v over the multipliers μ of the units' constraints (``UnitAtom``) and the input's weight ρ, subject to
///
///     M(v, ρ, μ) = the form m + a z + b h − Σ μ (form + constant) − ρ (1 − |z|²) − v over w = (1, z, h)  > 0,
///
/// z in units of the radius. The barrier −log det M − Σ log μ is minimised along τ ↦ −τ v + barrier by Newton's method; its Hessian has
/// entries tr(M⁻¹F M⁻¹F′) = ⟨C, G C′ G′⟩ with 3 × 3 blocks G of R M⁻¹ R′, R the rows p, h and 1 of the units, since every constraint is a form C in
/// three linear functions. With N units and k constraints each, a step costs (2N)³ + (kN)³/3. Every iterate is strictly feasible, so the
/// search ends as soon as v > 0, or when the gap to the optimum, (order + constraints)/τ, says that v will stay below.
struct MarginProgram {
  /// What the search found.
  enum Outcome {
    /// Forms and ρ (in the units of a ``MarginProof``) of a positive margin, and about the share v of the margin at x₀ that is left.
    case proved(forms: [UnitForm], weight: Double, share: Double)
    /// No multipliers will do, up to what the method can see; v is about this.
    case hopeless(share: Double)
    /// Ended before it was decided.
    case undecided
  }

  /// Multipliers near the centre, for the same target on a ball of another radius.
  struct Start {
    /// For every unit, by its place in the network, those of its constraints.
    fileprivate var multipliers: [[Int]: [Double]] = [:]
    fileprivate var rho = 0.0
    fileprivate var tau = 0.0
  }

  private let atoms: [[UnitAtom]]
  /// The first multiplier of each unit.
  private let starts: [Int]
  private let count: Int
  private let inputs: Int
  /// The rows p of the units over w, units scaled to their reach.
  private let rows: Matrix<Double>
  private let scales: [Double]
  /// The target over w, divided by its margin.
  private let target: [Double]
  private let margin: Double
  private let radius: Double
  private let depths: [Int]
  private let places: [[Int]]

  /// Where the search was near the centre for the last time.
  private(set) var center: Start?
  /// The number of Newton steps taken.
  private(set) var steps = 0

  private var order: Int { 1 + inputs + count }
  private var multiplierCount: Int { starts[count] }

  /// Prepares the program of one target.
  init(_ form: LocalForm, input: InputFactor, target index: Int, simple: Bool = false) {
    let radius = form.radius
    count = form.units.count
    inputs = input.factor.columns
    self.radius = radius
    scales = form.units.map { unit in
      max(unit.interval.upperBound - unit.anchor, unit.anchor - unit.interval.lowerBound, 1e-9)
    }
    let scales = scales
    atoms = zip(form.units, scales).map { unit, s in
      unit.atoms(simple: simple).map { atom in
        // In H = h/s and P = p/s.
        let q = atom.form
        let scaled = UnitForm(hh: q.hh * s * s, hp: q.hp * s * s, pp: q.pp * s * s, h: q.h * s, p: q.p * s)
        let size = max(scaled.coefficients.map(\.magnitude).max() ?? 1, atom.constant.magnitude, 1e-300)
        return UnitAtom(
          form: UnitForm(hh: scaled.hh / size, hp: scaled.hp / size, pp: scaled.pp / size, h: scaled.h / size, p: scaled.p / size),
          constant: atom.constant / size, isEquation: atom.isEquation)
      }
    }
    starts = atoms.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) }
    let order = 1 + inputs + count
    var rows = Matrix<Double>(rows: count, columns: order)
    for i in 0..<count {
      for k in 0..<inputs { rows[i, 1 + k] = radius * input.factor[i, k] / scales[i] }
      for j in 0..<i { rows[i, 1 + inputs + j] = form.coupling[i, j] * scales[j] / scales[i] }
    }
    self.rows = rows
    margin = form.targets[index].margin
    var target = [Double](repeating: 0, count: order)
    for k in 0..<inputs { target[1 + k] = radius * input.factor[count + index, k] / margin }
    for j in 0..<count { target[1 + inputs + j] = form.targets[index].units[j] * scales[j] / margin }
    self.target = target
    let last = form.units.map(\.position).max() ?? 0
    depths = form.units.map { last - $0.position }
    places = form.units.map { [$0.position, $0.index] }
  }

  // MARK: - The matrix

  /// Multipliers: v, ρ and μ.
  private struct Point {
    var v: Double
    var rho: Double
    var mu: [Double]
  }

  /// Σ μ (form, constant) of a unit.
  private func sum(_ unit: Int, _ mu: [Double]) -> (form: UnitForm, constant: Double) {
    var form = UnitForm()
    var constant = 0.0
    for (k, atom) in atoms[unit].enumerated() {
      form.add(mu[starts[unit] + k], atom.form)
      constant += mu[starts[unit] + k] * atom.constant
    }
    return (form, constant)
  }

  private func matrix(_ x: Point) -> Matrix<Double> {
    var u = Matrix<Double>(rows: count, columns: order)
    var result = Matrix<Double>(rows: order, columns: order)
    var constant = 1 - x.rho - x.v
    var sums: [UnitForm] = []
    for i in 0..<count {
      let (q, own) = sum(i, x.mu)
      sums.append(q)
      constant -= own
      for k in 0..<order { u[i, k] = q.pp * rows[i, k] }
      u[i, 0] += q.p
      u[i, 1 + inputs + i] += q.hp
    }
    if count > 0 { Matrix.multiply(rows, u, transposingLeft: true, scale: -0.5, into: &result) }
    for i in 0..<order {
      for j in 0..<i {
        let value = result[i, j] + result[j, i]
        result[i, j] = value
        result[j, i] = value
      }
      result[i, i] *= 2
    }
    result[0, 0] += constant
    for k in 1..<order {
      let isUnit = k > inputs
      let linear = 0.5 * (target[k] - (isUnit ? sums[k - 1 - inputs].h : 0))
      result[k, 0] += linear
      result[0, k] += linear
      result[k, k] += isUnit ? -sums[k - 1 - inputs].hh : x.rho
    }
    return result
  }

  // MARK: - The start

  /// A strictly feasible point: sector multipliers and ρ that grow from the output to the input until M's block of (z, h) is positive, and
  /// then a v far enough below.
  private func start() -> Point? {
    let size = max(1e-3, target.reduce(0) { max($0, $1.magnitude) })
    for ratio in [2.0, 6, 20, 60, 200, 1e3, 1e4, 1e6] {
      var x = Point(v: 0, rho: size, mu: Array(repeating: 0, count: multiplierCount))
      for i in 0..<count {
        var t = size
        for _ in 0..<depths[i] { t *= ratio }
        x.rho = max(x.rho, t * ratio)
        for (k, atom) in atoms[i].enumerated() { x.mu[starts[i] + k] = k == 0 ? t : atom.isEquation ? 0 : 1e-2 * t / ratio }
      }
      if let lowered = lowering(x, by: 1) { return lowered }
    }
    return nil
  }

  /// The multipliers of another radius; units that are new here get what the others of their node have on average.
  private func start(from other: Start) -> Point? {
    var x = Point(v: 0, rho: other.rho, mu: Array(repeating: 0, count: multiplierCount))
    var means: [Int: (sum: Double, count: Double)] = [:]
    func isKnown(_ i: Int) -> [Double]? { other.multipliers[places[i]].flatMap { $0.count == atoms[i].count ? $0 : nil } }
    for i in 0..<count {
      guard let own = isKnown(i) else { continue }
      x.mu.replaceSubrange(starts[i]..<starts[i + 1], with: own)
      means[places[i][0], default: (0, 0)].sum += own[0]
      means[places[i][0], default: (0, 0)].count += 1
    }
    for i in 0..<count where isKnown(i) == nil {
      guard let mean = means[places[i][0]] else { return nil }
      for (k, atom) in atoms[i].enumerated() { x.mu[starts[i] + k] = (k == 0 ? 1 : atom.isEquation ? 0 : 0.01) * mean.sum / mean.count }
    }
    for _ in 0..<6 {
      if let lowered = lowering(x, by: 0.05) { return lowered }
      x.rho *= 1.3
      for i in 0..<count { x.mu[starts[i]] *= 1.2 }
    }
    return nil
  }

  private func center(_ x: Point, tau: Double) -> Start {
    var result = Start(rho: x.rho, tau: tau)
    for i in 0..<count { result.multipliers[places[i]] = Array(x.mu[starts[i]..<starts[i + 1]]) }
    return result
  }

  /// The point with v low enough for M > 0, or `nil` when no v is.
  private func lowering(_ x: Point, by distance: Double) -> Point? {
    var x = x
    x.v = 0
    let m = matrix(x)
    let n = order - 1
    var block = Matrix<Double>(rows: n, columns: n)
    for i in 0..<n { for j in 0..<n { block[i, j] = m[i + 1, j + 1] } }
    guard let factor = try? block.cholesky(), let y = try? factor.solvedTriangular(.lower, (0..<n).map { m[$0 + 1, 0] }) else { return nil }
    let least = m[0, 0] - y.reduce(0) { $0 + $1 * $1 }
    x.v = least - max(distance, 0.1 * least.magnitude)
    return x.v.isFinite ? x : nil
  }

  // MARK: - Newton

  /// Runs the barrier method.
  ///
  /// - Parameters:
  ///   - other: where to begin, or `nil`.
  ///   - precision: a proof is improved until v is known to this share of 1 − v.
  mutating func solve(
    from other: Start? = nil, precision: Double = 0.05, stepLimit: Int = 300, isCancelled: () -> Bool = { false }
  ) -> Outcome {
    let parameters = Double(order + atoms.joined().count { !$0.isEquation })
    guard margin > 0 else { return .undecided }
    var tau = 0.0
    var point: Point?
    if let other, let warm = start(from: other) {
      point = warm
      tau = other.tau
    } else if let cold = start() {
      point = cold
      // At the start the distance to the optimum is about −v.
      tau = parameters / (1 + cold.v.magnitude)
    }
    guard var x = point else { return .undecided }
    var best: Point?
    // Steps in a row in which v hardly moved.
    var stillness = 0
    func end(gap: Double) -> Outcome {
      best.map { .proved(forms: forms($0), weight: $0.rho * margin / (radius * radius), share: $0.v + 0.5 * gap) } ?? .undecided
    }
    while steps < stepLimit, !isCancelled() {
      guard let newton = newton(x, tau), let next = search(x, newton) else { return end(gap: 0) }
      steps += 1
      let gap = parameters / tau
      // Multipliers of units that hardly bend may grow without an end; they keep the decrement up, and v does not see them.
      stillness = next.length > 0.9 && (next.point.v - x.v).magnitude < 0.02 * gap ? stillness + 1 : 0
      x = next.point
      if x.v > 1e-7, x.v > best?.v ?? 0 { best = x }
      guard newton.decrement < 0.7 || stillness >= 8 else { continue }
      stillness = 0
      // Near the centre the optimum is within a little more than the gap.
      if gap > 0.02 { center = center(x, tau: tau) }
      if best != nil, gap <= precision * (1 - x.v) { return end(gap: gap) }
      if x.v + 2 * gap < 0 || gap < 1e-7 { return best == nil ? .hopeless(share: x.v + 0.5 * gap) : end(gap: gap) }
      tau *= 10
    }
    return end(gap: 0)
  }

  /// The forms of the program in the units of the proof, with the multipliers scaled back to the true margin.
  private func forms(_ x: Point) -> [UnitForm] {
    (0..<count).map { i in
      let (q, s) = (sum(i, x.mu).form, scales[i])
      return UnitForm(
        hh: margin * q.hh / (s * s), hp: margin * q.hp / (s * s), pp: margin * q.pp / (s * s), h: margin * q.h / s, p: margin * q.p / s)
    }
  }

  private struct Step {
    var direction: [Double]
    var decrement: Double
  }

  /// The point after a step that stays feasible, and the share of the step taken.
  private func search(_ x: Point, _ step: Step) -> (point: Point, length: Double)? {
    var length = 1.0
    // Positive multipliers stay so.
    for i in 0..<count {
      for (k, atom) in atoms[i].enumerated() where !atom.isEquation {
        let (mu, d) = (x.mu[starts[i] + k], step.direction[2 + starts[i] + k])
        if d < 0 { length = min(length, -0.95 * mu / d) }
      }
    }
    // The damped step is feasible for every self-concordant barrier.
    let damped = 1 / (1 + step.decrement)
    for _ in 0..<40 {
      var next = x
      next.v += length * step.direction[0]
      next.rho += length * step.direction[1]
      for k in next.mu.indices { next.mu[k] += length * step.direction[2 + k] }
      if (try? matrix(next).cholesky()) != nil { return (next, length) }
      length = length > damped ? max(damped, 0.6 * length) : 0.5 * length
    }
    return nil
  }

  private func newton(_ x: Point, _ tau: Double) -> Step? {
    guard let factor = try? matrix(x).cholesky() else { return nil }
    var half = Matrix<Double>.identity(order)
    guard (try? factor.solveTriangular(.lower, &half)) != nil else { return nil }
    // M⁻¹, and the rows p of R M⁻¹.
    let inverse = half.gram()
    let products = count > 0 ? Matrix.product(rows, inverse) : Matrix<Double>(rows: 0, columns: order)
    let corners = count > 0 ? Matrix.product(products, rows, transposingRight: true) : Matrix<Double>(rows: 0, columns: 0)
    let g11 = inverse[0, 0]
    let zz = 1..<1 + inputs
    var (trace, square, row) = (0.0, 0.0, 0.0)
    for i in zz {
      trace += inverse[i, i]
      row += inverse[0, i] * inverse[0, i]
      for j in zz { square += inverse[i, j] * inverse[i, j] }
    }
    let size = 2 + multiplierCount
    var hessian = Matrix<Double>(rows: size, columns: size)
    var gradient = [Double](repeating: 0, count: size)
    (gradient[0], gradient[1]) = (-tau + g11, g11 - trace)
    hessian[0, 0] = g11 * g11
    hessian[1, 0] = g11 * g11 - row
    hessian[1, 1] = g11 * g11 - 2 * row + square
    for i in 0..<count {
      let hi = 1 + inputs + i
      let own = UnitBlock(
        hh: inverse[hi, hi], hp: products[i, hi], h1: inverse[hi, 0], pp: corners[i, i], p1: products[i, 0], one: g11)
      var through = UnitBlock(hh: 0, hp: 0, h1: 0, pp: 0, p1: 0, one: row)
      for k in zz {
        let (h, p, one) = (inverse[hi, k], products[i, k], inverse[0, k])
        through.hh += h * h
        through.hp += h * p
        through.h1 += h * one
        through.pp += p * p
        through.p1 += p * one
      }
      for (k, atom) in atoms[i].enumerated() {
        let a = starts[i] + k
        gradient[2 + a] = own.inner(atom)
        let q = atom.form
        let (h, p) = (own.h1, own.p1)
        // g′Cg with the column g of 1.
        let corner = q.hh * h * h + q.hp * h * p + q.pp * p * p + (q.h * h + q.p * p) * g11 + atom.constant * g11 * g11
        hessian[2 + a, 0] = corner
        hessian[2 + a, 1] = corner - through.inner(atom)
        if !atom.isEquation {
          gradient[2 + a] -= 1 / x.mu[a]
          hessian[2 + a, 2 + a] = 1 / (x.mu[a] * x.mu[a])
        }
      }
    }
    addPairs(inverse: inverse, products: products, corners: corners, to: &hessian)
    for i in 0..<size { for j in i + 1..<max(size, i + 1) { hessian[i, j] = hessian[j, i] } }
    return Self.solve(hessian, gradient)
  }

  /// Adds ⟨C, G C′ G′⟩ for every two constraints.
  private func addPairs(inverse: Matrix<Double>, products: Matrix<Double>, corners: Matrix<Double>, to hessian: inout Matrix<Double>) {
    // hh, hp/2, h/2, pp, p/2, constant.
    let forms = atoms.flatMap { own in
      own.map { ($0.form.hh, 0.5 * $0.form.hp, 0.5 * $0.form.h, $0.form.pp, 0.5 * $0.form.p, $0.constant) }
    }
    let (first, n, size) = (1 + inputs, order, hessian.columns)
    let g11 = inverse[0, 0]
    forms.withUnsafeBufferPointer { forms in
      inverse.elements.withUnsafeBufferPointer { inverse in
        products.elements.withUnsafeBufferPointer { products in
          corners.elements.withUnsafeBufferPointer { corners in
            hessian.elements.withUnsafeMutableBufferPointer { hessian in
              for i in 0..<count {
                for j in 0...i {
                  let (hi, hj) = (first &+ i, first &+ j)
                  // G_ij over (h, p, 1).
                  let (a, b, c) = (inverse[hi &* n &+ hj], products[j &* n &+ hi], inverse[hi &* n])
                  let (d, e, f) = (products[i &* n &+ hj], corners[i &* count &+ j], products[i &* n])
                  let (g, h, k) = (inverse[hj &* n], products[j &* n], g11)
                  for s in starts[j]..<starts[j + 1] {
                    let q = forms[s]
                    // W = G C.
                    let (w11, w12, w13) = (a * q.0 + b * q.1 + c * q.2, a * q.1 + b * q.3 + c * q.4, a * q.2 + b * q.4 + c * q.5)
                    let (w21, w22, w23) = (d * q.0 + e * q.1 + f * q.2, d * q.1 + e * q.3 + f * q.4, d * q.2 + e * q.4 + f * q.5)
                    let (w31, w32, w33) = (g * q.0 + h * q.1 + k * q.2, g * q.1 + h * q.3 + k * q.4, g * q.2 + h * q.4 + k * q.5)
                    let t11 = w11 * a + w12 * b + w13 * c
                    let t12 = w11 * d + w12 * e + w13 * f
                    let t13 = w11 * g + w12 * h + w13 * k
                    let t22 = w21 * d + w22 * e + w23 * f
                    let t23 = w21 * g + w22 * h + w23 * k
                    let t33 = w31 * g + w32 * h + w33 * k
                    for r in starts[i]..<starts[i + 1] where r >= s {
                      let p = forms[r]
                      hessian[(2 &+ r) &* size &+ 2 &+ s] +=
                        p.0 * t11 + p.3 * t22 + p.5 * t33 + 2 * (p.1 * t12 + p.2 * t13 + p.4 * t23)
                    }
                  }
                }
              }
            }
          }
        }
      }
    }
  }

  /// −H⁻¹g with its Newton decrement √(g′H⁻¹g), after scaling H to a unit diagonal.
  private static func solve(_ hessian: Matrix<Double>, _ gradient: [Double]) -> Step? {
    let n = hessian.rows
    let d = (0..<n).map { hessian[$0, $0] > 0 ? 1 / hessian[$0, $0].squareRoot() : 1 }
    for ridge in [1e-14, 1e-11, 1e-8] {
      var scaled = hessian
      for i in 0..<n {
        for j in 0..<n { scaled[i, j] *= d[i] * d[j] }
        scaled[i, i] += ridge
      }
      guard let factor = try? scaled.cholesky(),
        let half = try? factor.solvedTriangular(.lower, zip(gradient, d).map { $0 * $1 }),
        let full = try? factor.solvedTriangular(.lower, transposing: true, half)
      else { continue }
      let decrement = half.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard decrement.isFinite else { continue }
      return Step(direction: zip(full, d).map { -$0 * $1 }, decrement: decrement)
    }
    return nil
  }
}

/// R M⁻¹ R′, or R M⁻¹ J M⁻¹ R′, for the rows h, p and 1 of one unit.
private struct UnitBlock {
  var hh, hp, h1, pp, p1, one: Double

  /// ⟨C, block⟩.
  func inner(_ atom: UnitAtom) -> Double {
    let q = atom.form
    return q.hh * hh + q.hp * hp + q.pp * pp + q.h * h1 + q.p * p1 + atom.constant * one
  }
}
