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
    let a = program.coefficients
    let n = Double(max(1, degree))
    var (dualScale, norms) = (1.0, 0.0)
    for column in 0..<a.columnCount {
      let norm = a.values[a.range(column)].reduce(0) { $0 + $1 * $1 }.squareRoot()
      dualScale = max(dualScale, n * (1 + program.objective[column].magnitude) / (1 + norm))
      norms = max(norms, norm)
    }
    let constantsNorm = program.constants.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let primalStart = 10 * (1 + max(norms, constantsNorm))
    let dualStart = 10 * dualScale
    for row in linear {
      s[row] = primalStart
      z[row] = dualStart
    }
    blocks = []
    for column in columns {
      blocks.append(
        try SemidefiniteState(
          columns: column, s: .diagonal([Double](repeating: primalStart, count: column.order)),
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
      point.s.replaceSubrange(block.columns.rows, with: SymmetricVector.vector(block.s))
      point.z.replaceSubrange(block.columns.rows, with: SymmetricVector.vector(block.z))
    }
    return point
  }

  /// Offers the iterate's directions as certificates of infeasibility.
  func offerRays(to monitor: Monitor) throws -> Bool {
    let point = point
    return try monitor.considerDualRay(point.z) || monitor.considerPrimalRay(point.x)
  }

  /// A direction over all rows, with the semidefinite parts as matrices.
  private struct Direction {
    var x: [Double]
    var s: [Double]
    var z: [Double]
    var blocksS: [Matrix<Double>]
    var blocksZ: [Matrix<Double>]
  }

  /// One predictor and corrector step; false when no acceptable step was found.
  mutating func step() throws(LinearAlgebraError) -> Bool {
    let (a, μ) = (program.coefficients, μ)
    // r_p = b − Ax − s.
    let current = point
    let ax = a.multiplied(by: x)
    let primalResidual = program.constants.indices.map { program.constants[$0] - ax[$0] - current.s[$0] }
    let residualBlocks = blocks.map { SymmetricVector.matrix(primalResidual[$0.columns.rows], order: $0.order) }

    var m = Matrix<Double>(rows: x.count, columns: x.count)
    for (block, schur) in zip(blocks, schurComplements) { schur.add(z: block.z, inverse: block.inverse, to: &m) }
    linearColumns.addLinear(to: &m, weights: linearRows.map { z[$0] / s[$0] })
    let system = try NewtonSystem(m, equations: linearColumns.equations)

    let scaledResiduals = zip(blocks, residualBlocks).map { $0.scaled($1) }
    func direction(target: Double, after predictor: Direction?) throws(LinearAlgebraError) -> Direction {
      // q = μ s⁻¹ − E − P(r_p) over all rows.
      var q = [Double](repeating: 0, count: s.count)
      var linearCorrections = [Double](repeating: 0, count: linearRows.count)
      for (k, row) in linearRows.enumerated() {
        linearCorrections[k] = predictor.map { $0.z[row] * $0.s[row] / s[row] } ?? 0
        q[row] = target / s[row] - linearCorrections[k] - z[row] / s[row] * primalResidual[row]
      }
      var corrections: [Matrix<Double>] = []
      for (k, block) in blocks.enumerated() {
        var part = block.inverse
        part.scale(by: target)
        if let predictor {
          let correction = block.correction(predictor.blocksZ[k], predictor.blocksS[k])
          part.add(correction, times: -1)
          corrections.append(correction)
        }
        part.add(scaledResiduals[k], times: -1)
        q.replaceSubrange(block.columns.rows, with: SymmetricVector.vector(part))
      }
      var right = a.transposedMultiplied(by: q).map { -$0 }
      for i in right.indices { right[i] -= program.objective[i] }
      // The free duals count at their present values on the left-hand side.
      let present = linearColumns.equations.multiplied(by: equationRows.map { z[$0] }, transposing: true)
      for i in right.indices { right[i] -= present[i] }
      let solution = try system.solve(right, equationRows.map { primalResidual[$0] })
      let adx = a.multiplied(by: solution.x)
      var result = Direction(
        x: solution.x, s: [Double](repeating: 0, count: s.count), z: [Double](repeating: 0, count: s.count), blocksS: [], blocksZ: [])
      for (k, row) in linearRows.enumerated() {
        result.s[row] = primalResidual[row] - adx[row]
        result.z[row] = target / s[row] - z[row] - z[row] / s[row] * result.s[row] - linearCorrections[k]
      }
      for (k, row) in equationRows.enumerated() { result.z[row] = -solution.w[k] }
      for (k, block) in blocks.enumerated() {
        var ds = residualBlocks[k]
        ds.add(SymmetricVector.matrix(adx[block.columns.rows], order: block.order), times: -1)
        var dz = block.inverse
        dz.scale(by: target)
        dz.add(block.z, times: -1)
        dz.add(block.scaled(ds), times: -1)
        if predictor != nil { dz.add(corrections[k], times: -1) }
        result.blocksS.append(ds)
        result.blocksZ.append(dz)
      }
      return result
    }

    let predictor = try direction(target: 0, after: nil)
    let affine = try steps(predictor, fraction: 1)
    let affineμ = max(0, complementarity(predictor, affine.s, affine.z) / degree)
    // Far from feasibility a step that only reduces μ loses the balance between the residuals and μ.
    let reach = min(affine.s, affine.z)
    let ratio = affineμ / μ
    let σ = min(1, max(1e-6, reach > 0.9 ? ratio * ratio * ratio : ratio * ratio))
    let corrector = try direction(target: reach < 0.1 ? max(σ, 0.3) * μ : σ * μ, after: predictor)
    let fraction = max(0.9, min(0.98, 1 - 0.1 * (1 - reach)))
    var (stepS, stepZ) = try steps(corrector, fraction: fraction)
    var tries = 0
    while !allows(corrector, stepS, stepZ) {
      stepS *= 0.8
      stepZ *= 0.8
      tries += 1
      if tries > 30 { return false }
    }
    if max(stepS, stepZ) < 1e-7 { return false }
    try move(corrector, stepS, stepZ)
    return true
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

  private func allows(_ d: Direction, _ α: Double, _ β: Double) -> Bool {
    for row in linearRows where !(s[row] + α * d.s[row] > 0 && z[row] + β * d.z[row] > 0) { return false }
    for (k, block) in blocks.enumerated() {
      guard block.allowsS(d.blocksS[k], by: α), block.allowsZ(d.blocksZ[k], by: β) else { return false }
    }
    return true
  }

  private mutating func move(_ d: Direction, _ α: Double, _ β: Double) throws(LinearAlgebraError) {
    for i in x.indices { x[i] += α * d.x[i] }
    for row in linearRows {
      s[row] += α * d.s[row]
      z[row] += β * d.z[row]
    }
    for row in equationRows { z[row] += β * d.z[row] }
    for k in blocks.indices {
      try blocks[k].moveS(d.blocksS[k], by: α)
      try blocks[k].moveZ(d.blocksZ[k], by: β)
    }
  }
}

extension Matrix where Element == Double {
  mutating func scale(by factor: Double) {
    elements.withUnsafeMutableBufferPointer { a in for k in a.indices { a[k] *= factor } }
  }
}
