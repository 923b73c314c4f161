extension LinearSolver {
  /// Looks for a vector that proves infeasibility: among the solver's, else among those of the other simplex method, else among the
  /// multipliers of the elastic program.
  func provenFarkas(_ run: GLPKRun) throws(LinearProgramError) -> [Double]? {
    if let proof = proved(run.farkasCandidates) { return proof }
    for method in [LinearSettings.Method.primal, .dual] where method != run.method {
      if mustStop { return nil }
      let other = try GLPKRun(
        program, settings: settings.replacing(method: method, presolves: false), timeLimit: remaining, basis: nil, log: log,
        isCancelled: isCancelled)
      if let proof = proved(other.farkasCandidates) { return proof }
    }
    let tight = try settings.replacing(method: .dual, presolves: false, solverTolerance: min(1e-11, settings.solverTolerance))
    for margin in [0, 1e-9, 1e-6, 1e-3] {
      if mustStop { return nil }
      let elastic = try elasticProgram(margin: margin)
      let multipliers = try GLPKRun(
        elastic, settings: tight, timeLimit: remaining, basis: nil, log: log, isCancelled: isCancelled
      ).rowDuals
      if let multipliers, let proof = proved([multipliers]) { return proof }
    }
    return nil
  }

  private func proved(_ candidates: [[Double]]) -> [Double]? {
    for candidate in candidates {
      for vector in [candidate, candidate.map { -$0 }] where program.isInfeasible(provedBy: vector) { return vector }
    }
    return nil
  }

  /// The least sum of row violations, each relative to the row's largest coefficient.
  ///
  /// Its multipliers are a Farkas vector when the sum is positive. A margin on the costs of variables with one bound keeps their reduced
  /// costs away from zero, as for the safe bound.
  private func elasticProgram(margin: Double) throws(LinearProgramError) -> LinearProgram {
    let folded = program.foldingOppositeColumns().program
    var result = LinearProgram()
    for column in folded.columns {
      let cost = column.lower.isInfinite == column.upper.isInfinite ? 0 : column.upper.isInfinite ? -margin : margin
      try result.addColumn(lower: column.lower, upper: column.upper, cost: cost)
    }
    for (index, row) in folded.rows.enumerated() {
      var entries = folded.entries(ofRow: index)
      let size = entries.reduce(0) { max($0, $1.value.magnitude) }
      if row.lower.isFinite { entries.append((try result.addColumn(cost: 1 / max(size, 1e-100)), 1)) }
      if row.upper.isFinite { entries.append((try result.addColumn(cost: 1 / max(size, 1e-100)), -1)) }
      try result.addRow(lower: row.lower, upper: row.upper, entries)
    }
    return result
  }
}
