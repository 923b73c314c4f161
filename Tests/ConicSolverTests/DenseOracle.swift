import ConicPrograms

/// The residuals of a point by dense arithmetic, independent of the library's own computation.
struct DenseOracle {
  let worst: Double

  init(_ program: ConicProgram, _ point: ConicPoint) throws {
    var dense = [[Double]](repeating: [Double](repeating: 0, count: program.variableCount), count: program.rowCount)
    for j in 0..<program.variableCount {
      for k in program.coefficients.range(j) { dense[program.coefficients.rows[k]][j] = program.coefficients.values[k] }
    }
    var primal = 0.0
    for i in dense.indices {
      let ax = zip(dense[i], point.x).reduce(0) { $0 + $1.0 * $1.1 }
      primal += (ax + point.s[i] - program.constants[i]) * (ax + point.s[i] - program.constants[i])
    }
    var dual = 0.0
    for j in 0..<program.variableCount {
      let sum = dense.indices.reduce(program.objective[j]) { $0 + dense[$1][j] * point.z[$1] }
      dual += sum * sum
    }
    let value = zip(program.objective, point.x).reduce(0) { $0 + $1.0 * $1.1 }
    let other = -zip(program.constants, point.z).reduce(0) { $0 + $1.0 * $1.1 }
    let constant = 1 + program.constants.reduce(0) { max($0, $1.magnitude) }
    let objective = 1 + program.objective.reduce(0) { max($0, $1.magnitude) }
    var worst = max(primal.squareRoot() / constant, dual.squareRoot() / objective)
    worst = max(worst, (value - other).magnitude / (1 + value.magnitude + other.magnitude))
    for (cone, range) in zip(program.cones, program.ranges) {
      worst = max(worst, try cone.violation(point.s[range]) / constant, try cone.dualViolation(point.z[range]) / objective)
    }
    self.worst = worst
  }
}
