import ConicPrograms
import ConicSolver
import LinearAlgebra
import Testing

/// The one check that every solve in the tests goes through: everything a solution says of itself is recomputed from the raw data.
func verify(_ solution: ConicSolution, of program: ConicProgram, settings: ConicSettings = ConicSettings(), _ comment: Comment? = nil)
  throws
{
  let (x, s, z) = (solution.point.x, solution.point.s, solution.point.z)
  #expect(x.count == program.variableCount && s.count == program.rowCount && z.count == program.rowCount, comment)
  switch solution.status {
  case .primalInfeasible:
    #expect(x.allSatisfy(\.isNaN) && s.allSatisfy(\.isNaN) && solution.objective == .infinity && solution.residuals == nil, comment)
    #expect(solution.dual == .infeasibilityCertificate, comment)
    #expect(abs(dot(program.constants, z) + 1) < 1e-12, comment)
    let size = max(1, dot(z, z).squareRoot())
    #expect(length(transposed(program, z)) * size <= settings.infeasibilityTolerance, comment)
    #expect(try violation(program, z, dual: true) * size <= settings.infeasibilityTolerance, comment)
  case .dualInfeasible:
    #expect(z.allSatisfy(\.isNaN) && solution.objective == -.infinity && solution.residuals == nil, comment)
    #expect(solution.primal == .infeasibilityCertificate, comment)
    #expect(abs(dot(program.objective, x) + 1) < 1e-12, comment)
    let ray = product(program, x).map { -$0 }
    #expect(try violation(program, ray, dual: false) * max(1, length(x)) <= settings.infeasibilityTolerance, comment)
  default:
    guard let reported = solution.residuals else {
      #expect(solution.status == .numericalError, comment)
      return
    }
    let ax = product(program, x)
    let primal = length(ax.indices.map { ax[$0] + s[$0] - program.constants[$0] })
    let atz = transposed(program, z)
    let dual = length(atz.indices.map { atz[$0] + program.objective[$0] })
    let scale = Residuals.scales(of: program)
    let (cx, bz) = (dot(program.objective, x), dot(program.constants, z))
    let errors = [
      dual / scale.dual, try violation(program, z, dual: true) / scale.dual, primal / scale.primal,
      try violation(program, s, dual: false) / scale.primal, (cx + bz) / (1 + abs(cx) + abs(bz)), dot(s, z) / (1 + abs(cx) + abs(bz)),
    ]
    // Sums in another order differ by rounding in proportion to the length of the point.
    let rounding = 1e-10 + 1e-14 * (length(x) + length(s) + length(z))
    for (own, claimed) in zip(errors, reported.dimacs) {
      #expect(abs(own - claimed) <= rounding * (1 + abs(own)), "recomputed \(own), reported \(claimed) \(comment?.description ?? "")")
    }
    let worst = errors.map(abs).max() ?? 0
    let doubt =
      (errors[0] * scale.dual * length(x) + errors[2] * scale.primal * length(z) + errors[3] * scale.primal * length(z) + errors[1]
        * scale.dual * length(s)) / (1 + abs(cx) + abs(bz))
    // The residual of a long point is rounding in good part, and is multiplied by its length.
    #expect(abs(doubt - reported.uncertainty) <= 1e-6 * (1 + doubt), comment)
    #expect((solution.status == .solved) == (worst <= settings.tolerance * (1 + 1e-6) && doubt <= 0.01), comment)
    if solution.status == .solvedInaccurate { #expect(worst <= settings.inaccurateTolerance * (1 + 1e-6), comment) }
  }
}

/// A x by the definition.
private func product(_ program: ConicProgram, _ x: [Double]) -> [Double] {
  var result = [Double](repeating: 0, count: program.rowCount)
  for j in x.indices {
    for k in program.coefficients.range(j) { result[program.coefficients.rows[k]] += program.coefficients.values[k] * x[j] }
  }
  return result
}

/// A′z by the definition.
private func transposed(_ program: ConicProgram, _ z: [Double]) -> [Double] {
  (0..<program.variableCount).map { j in
    program.coefficients.range(j).reduce(0) { $0 + program.coefficients.values[$1] * z[program.coefficients.rows[$1]] }
  }
}

/// The greatest violation of K or K*, from eigenvalues of matrices put together here.
private func violation(_ program: ConicProgram, _ v: [Double], dual: Bool) throws -> Double {
  var worst = 0.0
  for (cone, range) in zip(program.cones, program.ranges) {
    let part = Array(v[range])
    switch cone {
    case .zero: if !dual { worst = max(worst, part.map(abs).max() ?? 0) }
    case .nonnegative: worst = max(worst, part.map { -$0 }.max() ?? 0)
    case .secondOrder: if let t = part.first { worst = max(worst, length(Array(part.dropFirst())) - t) }
    case .semidefinite(let n):
      guard n > 0 else { continue }
      var matrix = Matrix<Double>(rows: n, columns: n)
      var k = 0
      for j in 0..<n {
        for i in 0...j {
          matrix[i, j] = i == j ? part[k] : part[k] / 2.0.squareRoot()
          matrix[j, i] = matrix[i, j]
          k += 1
        }
      }
      worst = max(worst, -(try matrix.symmetricEigenvalues()[0]))
    }
  }
  return worst
}

func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
func length(_ a: [Double]) -> Double { dot(a, a).squareRoot() }
