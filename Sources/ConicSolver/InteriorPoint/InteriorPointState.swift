import ConicPrograms
import LinearAlgebra

/// Where the interior point stands, and its step.
///
/// With X(x) = b − Ax the direction solves, for a target μ and the second-order term E of the predictor (zero in it),
///
///     ds = r_p − A dx,   dz = μ s⁻¹ − z − P(ds) − E,   A′dz = r_d,   P(W) = sym(Z W S⁻¹),
///
/// hence M dx = −c − A′(μ s⁻¹ − E − P(r_p)) with M = A′PA. Rows of equations have free duals w: M dx − A₀′dw = …, A₀ dx = r₀.
struct InteriorPointState {
  let program: ConicProgram
  var x: [Double]
  var blocks: [SemidefiniteState]
  /// The rows of all non-negative cones.
  let linearRows: [Int]
  /// The rows of all equations.
  let equationRows: [Int]
  /// s and z over all rows; the semidefinite parts are filled from the blocks when a point is asked for.
  var s: [Double]
  var z: [Double]
  /// The degree of the barrier.
  let degree: Double
  private let schurComplements: [SchurComplement]
  private let linearColumns: LinearColumns
  private let gram: NewtonSystem

  /// Multiples of the identity, large against the data, as CSDP starts.
  ///
  /// - Throws: `LinearAlgebraError` when the data are so large that the start overflows.
  init(_ program: ConicProgram) throws(LinearAlgebraError) {
    self.program = program
    x = [Double](repeating: 0, count: program.variableCount)
    s = [Double](repeating: 0, count: program.rowCount)
    z = s
    var (linear, equations) = ([Int](), [Int]())
    var columns: [SemidefiniteColumns] = []
    var degree = 0
    for (cone, range) in zip(program.cones, program.ranges) {
      switch cone {
      case .zero: equations += range
      case .nonnegative, .secondOrder:
        linear += range
        degree += range.count
      case .semidefinite(let order):
        guard order > 0 else { continue }
        columns.append(SemidefiniteColumns(program.coefficients, rows: range, order: order))
        degree += order
      }
    }
    linearRows = linear
    equationRows = equations
    self.degree = Double(max(1, degree))
    linearColumns = LinearColumns(program.coefficients, linearRows: linear, equationRows: equations)
    schurComplements = columns.map(SchurComplement.init)
    gram = try NewtonSystem(program.coefficients.gram(), equations: Matrix(rows: 0, columns: program.variableCount))
    let a = program.coefficients
    let n = Double(max(1, degree))
    var (dualScale, norms) = (1.0, 0.0)
    for column in 0..<a.columnCount {
      let norm = VectorKernels.norm(Array(a.values[a.range(column)]))
      dualScale = max(dualScale, n * (1 + program.objective[column].magnitude) / (1 + norm))
      norms = max(norms, norm)
    }
    let primalStart = 10 * (1 + max(norms, VectorKernels.norm(program.constants)))
    let dualStart = 10 * dualScale
    for row in linear {
      s[row] = primalStart
      z[row] = dualStart
    }
    blocks = []
    for column in columns {
      blocks.append(
        try SemidefiniteState(
          rows: column.rows, s: .diagonal([Double](repeating: primalStart, count: column.order)),
          z: .diagonal([Double](repeating: dualStart, count: column.order))))
    }
  }

  /// s′z over the degree.
  var μ: Double {
    var sum = linearRows.reduce(0) { $0 + s[$1] * z[$1] }
    for block in blocks { sum += block.s.dot(block.z) }
    return sum / degree
  }

  /// The iterate, with semidefinite parts as vectors.
  var point: ConicPoint {
    var point = ConicPoint(x: x, s: s, z: z)
    for block in blocks {
      point.s.replaceSubrange(block.rows, with: SymmetricVector.vector(block.s))
      point.z.replaceSubrange(block.rows, with: SymmetricVector.vector(block.z))
    }
    return point
  }

  /// The iterate with the dual vector moved the shortest way to A′z + c = 0.
  ///
  /// Rounding in P(ds) keeps the dual equations from being met much beyond the square root of the precision. The projected vector meets them,
  /// at the price of eigenvalues that may be negative, by as little.
  func projected(_ point: ConicPoint) throws(LinearAlgebraError) -> ConicPoint {
    var result = point
    for _ in 0..<2 {
      let atz = program.coefficients.transposedMultiplied(by: result.z)
      result.z = try moved(result.z, by: atz.indices.map { -program.objective[$0] - atz[$0] })
    }
    return result
  }

  /// z moved the shortest way that changes A′z by `change`.
  private func moved(_ z: [Double], by change: [Double]) throws(LinearAlgebraError) -> [Double] {
    zip(z, program.coefficients.multiplied(by: try gram.solve(change))).map { $0 + $1 }
  }

  /// Offers the directions of a point as certificates of infeasibility, the dual one projected onto A′z = 0 as well.
  func offerRays(of point: ConicPoint, to monitor: Monitor) throws -> Bool {
    if try monitor.considerPrimalRay(point.x) || monitor.considerDualRay(point.z) { return true }
    let atz = program.coefficients.transposedMultiplied(by: point.z)
    // Far from a certificate the projection is not worth its solve.
    guard VectorKernels.norm(atz) < 1e-2 * VectorKernels.norm(point.z) else { return false }
    return try monitor.considerDualRay(moved(point.z, by: atz.map { -$0 }))
  }

  /// A direction over all rows, with the semidefinite parts as matrices.
  private struct Direction {
    var x: [Double]
    var s: [Double]
    var z: [Double]
    var blocksS: [Matrix<Double>]
    var blocksZ: [Matrix<Double>]
  }

  /// What a direction starts from: μ s⁻¹ − E, over the rows of inequalities and the blocks.
  private struct Target {
    var rows: [Double]
    var blocks: [Matrix<Double>]
  }

  /// r_p = b − Ax − s, its blocks and the blocks of P(r_p).
  private struct Defects {
    var primal: [Double]
    var blocks: [Matrix<Double>]
    var scaled: [Matrix<Double>]
  }

  private func defects() -> Defects {
    let a = program.coefficients
    let (current, ax) = (point, a.multiplied(by: x))
    let primal = program.constants.indices.map { program.constants[$0] - ax[$0] - current.s[$0] }
    let matrices = blocks.map { SymmetricVector.matrix(primal[$0.rows], order: $0.order) }
    return Defects(primal: primal, blocks: matrices, scaled: zip(blocks, matrices).map { $0.scaled($1) })
  }

  /// μ s⁻¹ − E, with E the second-order term of a predictor.
  private func target(_ μ: Double, after predictor: Direction?) -> Target {
    var result = Target(rows: [Double](repeating: 0, count: s.count), blocks: [])
    for row in linearRows { result.rows[row] = (μ - (predictor.map { $0.z[row] * $0.s[row] } ?? 0)) / s[row] }
    for (k, block) in blocks.enumerated() {
      var part = block.inverse
      part.scale(by: μ)
      if let predictor { part.add(block.correction(predictor.blocksZ[k], predictor.blocksS[k]), times: -1) }
      result.blocks.append(part)
    }
    return result
  }

  /// The direction to a target.
  private func direction(to target: Target, _ defects: Defects, _ system: NewtonSystem) throws(LinearAlgebraError) -> Direction {
    // q = μ s⁻¹ − E − P(r_p) over the cones' rows.
    var q = [Double](repeating: 0, count: s.count)
    for row in linearRows { q[row] = target.rows[row] - z[row] / s[row] * defects.primal[row] }
    for (k, block) in blocks.enumerated() {
      var part = target.blocks[k]
      part.add(defects.scaled[k], times: -1)
      q.replaceSubrange(block.rows, with: SymmetricVector.vector(part))
    }
    // The free duals count at their present values.
    for row in equationRows { q[row] = z[row] }
    let atq = program.coefficients.transposedMultiplied(by: q)
    let right = atq.indices.map { -atq[$0] - program.objective[$0] }
    let solution = try system.solve(right, equationRows.map { defects.primal[$0] })
    return completed(solution.x, solution.w, target, defects)
  }

  /// ds = r_p − A dx and dz = μ s⁻¹ − E − z − P(ds).
  private func completed(_ dx: [Double], _ dw: [Double], _ target: Target, _ defects: Defects) -> Direction {
    let adx = program.coefficients.multiplied(by: dx)
    let zero = [Double](repeating: 0, count: s.count)
    var result = Direction(x: dx, s: zero, z: zero, blocksS: [], blocksZ: [])
    for row in linearRows {
      result.s[row] = defects.primal[row] - adx[row]
      result.z[row] = target.rows[row] - z[row] - z[row] / s[row] * result.s[row]
    }
    for (k, row) in equationRows.enumerated() { result.z[row] = -dw[k] }
    for (k, block) in blocks.enumerated() {
      var ds = defects.blocks[k]
      ds.add(SymmetricVector.matrix(adx[block.rows], order: block.order), times: -1)
      var dz = target.blocks[k]
      dz.add(block.z, times: -1)
      dz.add(block.scaled(ds), times: -1)
      result.blocksS.append(ds)
      result.blocksZ.append(dz)
    }
    return result
  }

  /// One predictor and corrector step; false when no acceptable step was found.
  mutating func step() throws(LinearAlgebraError) -> Bool {
    let (μ, defects) = (μ, defects())
    var m = Matrix<Double>(rows: x.count, columns: x.count)
    for (block, schur) in zip(blocks, schurComplements) { schur.add(z: block.z, inverse: block.inverse, to: &m) }
    linearColumns.addLinear(to: &m, weights: linearRows.map { z[$0] / s[$0] })
    let system = try NewtonSystem(m, equations: linearColumns.equations)

    let predictor = try direction(to: target(0, after: nil), defects, system)
    let affine = try steps(predictor, fraction: 1)
    let ratio = max(0, complementarity(predictor, affine.s, affine.z) / degree) / μ
    let reach = min(affine.s, affine.z)
    let σ = min(1, max(1e-6, reach > 0.9 ? ratio * ratio * ratio : ratio * ratio))
    // Where the predictor is blocked at once, the iterate is off the centre: a step that only reduces μ would be blocked as well.
    let corrector = try direction(to: target(reach < 0.1 ? max(σ, 0.3) * μ : σ * μ, after: predictor), defects, system)
    let fraction = max(0.9, min(0.98, 1 - 0.1 * (1 - reach)))
    var (stepS, stepZ) = try steps(corrector, fraction: fraction)
    while try !move(corrector, stepS, stepZ) {
      stepS *= 0.8
      stepZ *= 0.8
      if max(stepS, stepZ) < 1e-6 { return false }
    }
    return max(stepS, stepZ) > 1e-6
  }

  /// The greatest steps to the boundary times a fraction, at most 1.
  private func steps(_ d: Direction, fraction: Double) throws(LinearAlgebraError) -> (s: Double, z: Double) {
    let limit = 1 / fraction
    var (stepS, stepZ) = (limit, limit)
    for row in linearRows {
      if d.s[row] < 0 { stepS = min(stepS, -s[row] / d.s[row]) }
      if d.z[row] < 0 { stepZ = min(stepZ, -z[row] / d.z[row]) }
    }
    for (k, block) in blocks.enumerated() {
      stepS = min(stepS, try block.maximumStepS(d.blocksS[k], limit: limit))
      stepZ = min(stepZ, try block.maximumStepZ(d.blocksZ[k], limit: limit))
    }
    return (min(1, stepS * fraction), min(1, stepZ * fraction))
  }

  /// (s + α ds)′(z + β dz).
  private func complementarity(_ d: Direction, _ α: Double, _ β: Double) -> Double {
    var sum = 0.0
    for row in linearRows { sum += (s[row] + α * d.s[row]) * (z[row] + β * d.z[row]) }
    for (k, block) in blocks.enumerated() {
      sum += block.s.dot(block.z) + α * d.blocksS[k].dot(block.z) + β * block.s.dot(d.blocksZ[k]) + α * β * d.blocksS[k].dot(d.blocksZ[k])
    }
    return sum
  }

  /// Moves along a direction; false, without moving, when the result is not numerically positive definite.
  private mutating func move(_ d: Direction, _ α: Double, _ β: Double) throws(LinearAlgebraError) -> Bool {
    for row in linearRows where !(s[row] + α * d.s[row] > 0 && z[row] + β * d.z[row] > 0) { return false }
    var moved: [SemidefiniteState] = []
    for (k, block) in blocks.enumerated() {
      guard let next = try block.moved(d.blocksS[k], α, d.blocksZ[k], β) else { return false }
      moved.append(next)
    }
    blocks = moved
    for i in x.indices { x[i] += α * d.x[i] }
    for row in linearRows {
      s[row] += α * d.s[row]
      z[row] += β * d.z[row]
    }
    for row in equationRows { z[row] += β * d.z[row] }
    return true
  }
}
