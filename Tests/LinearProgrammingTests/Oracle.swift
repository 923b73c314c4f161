import LinearProgramming
import Testing

/// The one check that every answer of a solver passes: everything it says is recomputed from the raw data, by code of its own.
enum Oracle {
  /// Whether two values agree up to `tolerance` (1 + |expected|).
  static func agree(_ found: Double?, _ expected: Double?, within tolerance: Double) -> Bool {
    guard let found, let expected else { return false }
    return (found - expected).magnitude <= tolerance * (1 + expected.magnitude)
  }

  /// The violations of a point and multipliers, computed column by column and row by row without the library's residuals.
  struct Violations {
    var primal = 0.0, dual = 0.0, slackness = 0.0, dualValue = 0.0
  }

  static func violations(_ program: LinearProgram, x: [Double], y: [Double]) -> Violations {
    let sign = program.sense == .minimise ? 1.0 : -1.0
    var result = Violations()
    var reduced = program.columns.map { $0.cost }
    var sizes = reduced.map(\.magnitude)
    func visit(_ value: Double, _ scale: Double, _ multiplier: Double, _ dualScale: Double, _ lower: Double, _ upper: Double) {
      result.primal = max(result.primal, max(lower - value, value - upper) / scale)
      // The multiplier pushes towards the bound it is paid for.
      let bound = sign * multiplier > 0 ? lower : upper
      if multiplier == 0 { return }
      guard bound.isFinite else { return result.dual = max(result.dual, multiplier.magnitude / dualScale) }
      result.slackness += multiplier.magnitude * (value - bound).magnitude
      result.dualValue += multiplier * bound
    }
    for (i, row) in program.rows.enumerated() {
      var (activity, scale) = (0.0, 1.0)
      for (j, a) in program.entries(ofRow: i) {
        activity += a * x[j]
        scale += (a * x[j]).magnitude
        reduced[j] -= a * y[i]
        sizes[j] += (a * y[i]).magnitude
      }
      visit(activity, scale + (row.lower.isFinite ? row.lower.magnitude : 0), y[i], 1 + y[i].magnitude, row.lower, row.upper)
    }
    for (j, column) in program.columns.enumerated() {
      visit(x[j], 1 + x[j].magnitude, reduced[j], 1 + sizes[j], column.lower, column.upper)
    }
    return result
  }

  /// Verifies an answer; `tolerance` is relative.
  static func verify(
    _ solution: LinearSolution, of program: LinearProgram, tolerance: Double = 1e-7, location: SourceLocation = #_sourceLocation
  ) {
    if let x = solution.x {
      #expect(x.count == program.columns.count, sourceLocation: location)
      let value = zip(program.columns, x).reduce(0) { $0 + $1.0.cost * $1.1 }
      #expect((value - (solution.linearObjective ?? .nan)).magnitude <= 1e-10 * (1 + value.magnitude), sourceLocation: location)
      #expect(solution.objective == (solution.linearObjective ?? .nan) + program.objectiveConstant, sourceLocation: location)
      #expect(solution.rowActivities == program.activities(x), sourceLocation: location)
    }
    switch solution.termination {
    case .optimal:
      guard let x = solution.x, let objective = solution.objective, let residuals = solution.residuals else {
        Issue.record("no point", sourceLocation: location)
        return
      }
      #expect(solution.primalStatus == .feasible, sourceLocation: location)
      let y = solution.rowDuals ?? Array(repeating: 0, count: program.rows.count)
      let found = violations(program, x: x, y: y)
      #expect(found.primal <= tolerance, "primal \(found.primal)", sourceLocation: location)
      for (column, value) in zip(program.columns, x) where column.isInteger {
        #expect(value == value.rounded(), sourceLocation: location)
      }
      if !program.isMixedInteger {
        #expect(solution.dualStatus == .feasible, sourceLocation: location)
        #expect(found.dual <= tolerance, "dual \(found.dual)", sourceLocation: location)
        let scale = 1 + (solution.linearObjective ?? .nan).magnitude
        #expect(found.slackness <= 10 * tolerance * scale, "slackness \(found.slackness)", sourceLocation: location)
        let gap = ((solution.linearObjective ?? .nan) - found.dualValue).magnitude
        #expect((gap - residuals.gap).magnitude <= 1e-9 * scale, "gap \(gap), reported \(residuals.gap)", sourceLocation: location)
        #expect((residuals.relativePrimal - max(0, found.primal)).magnitude <= tolerance, sourceLocation: location)
      }
      if let bound = solution.safeBound {
        // The objective belongs to a point that is feasible up to rounding, so the safe bound may pass it by the violations' worth.
        let slack = 1e-9 * (1 + objective.magnitude)
        let distance = program.sense == .minimise ? objective - bound.value : bound.value - objective
        #expect(distance >= -slack, "the safe bound \(bound.value) passes the objective \(objective)", sourceLocation: location)
      }
    case .infeasible:
      if let farkas = solution.farkas {
        #expect(program.isInfeasible(provedBy: farkas), sourceLocation: location)
        #expect(farkasValue(program, farkas) > 0, sourceLocation: location)
        #expect(solution.dualStatus == .certificate, sourceLocation: location)
      }
    case .unbounded:
      guard let ray = solution.ray, let x = solution.x else {
        Issue.record("no ray", sourceLocation: location)
        return
      }
      // Far along the ray the point is still feasible, relative to the size of its terms, and the objective has moved.
      let far = zip(x, ray).map { $0 + 1e6 * $1 }
      #expect(LinearResiduals(program, x: far).relativePrimal <= tolerance, sourceLocation: location)
      let change = program.linearObjective(far) - program.linearObjective(x)
      #expect(program.sense == .minimise ? change < -0.9e6 : change > 0.9e6, sourceLocation: location)
    default: break
    }
  }

  /// The contradiction y'(Ax) against (A'y)'x in plain floating point, where terms on infinite bounds of rounding size are left out.
  static func farkasValue(_ program: LinearProgram, _ y: [Double]) -> Double {
    var sum = 0.0
    var reduced = [Double](repeating: 0, count: program.columns.count)
    var sizes = reduced
    let largest = y.map(\.magnitude).max() ?? 0
    for (i, row) in program.rows.enumerated() where y[i].magnitude > 1e-9 * largest {
      let bound = y[i] > 0 ? row.lower : row.upper
      sum += y[i] * bound
      for (j, a) in program.entries(ofRow: i) {
        reduced[j] -= a * y[i]
        sizes[j] += (a * y[i]).magnitude
      }
    }
    for (j, column) in program.columns.enumerated() where reduced[j].magnitude > 1e-9 * sizes[j] {
      sum += reduced[j] * (reduced[j] > 0 ? column.lower : column.upper)
    }
    return sum
  }
}
