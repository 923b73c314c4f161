extension LinearSolver {
  /// The relative distance from the objective up to which a bound is good enough to stop.
  private static let goodEnough = 1e-9
  /// Margins of reduced costs, relative to the sizes of the terms they are made of.
  private static let margins = [1e-10, 1e-8, 1e-6]

  /// A safe bound from the solver's multipliers; where they prove none, or a poor one, from those of a program with margins.
  ///
  /// The margin takes ε_j from the cost of every variable without upper bound (and adds it where the lower bound is missing), so that the
  /// multipliers of the new optimum leave the reduced costs of the given program on the right side of zero. The bound becomes worse by about
  /// Σ ε_j |x_j|. Free variables have no such side; they are left to ``DualShift``.
  ///
  /// The dense work for it is not interrupted; it does not begin after the time limit.
  func safeBound(_ y: [Double], objective: Double, basis: Basis?) throws(LinearProgramError) -> SafeBound? {
    if mustStop { return nil }
    var best = SafeBound(of: program, rowDuals: y)
    let reference = objective + program.objectiveConstant
    // Without a basis the multipliers come from the interior-point method; those of the simplex method are sharper.
    for margin in (basis == nil ? [0] : []) + Self.margins {
      if let best, (best.value - reference).magnitude <= Self.goodEnough * (1 + reference.magnitude) { break }
      // Larger margins only make a bound worse that is already there.
      if margin > 1e-8, best != nil { break }
      if mustStop { break }
      guard let multipliers = try multipliers(y, margin: margin, basis: basis) else { continue }
      best = SafeBound.better(best, SafeBound(of: program, rowDuals: multipliers), program.sense)
    }
    return best
  }

  private func multipliers(_ y: [Double], margin: Double, basis: Basis?) throws(LinearProgramError) -> [Double]? {
    let (folded, origins) = program.foldingOppositeColumns()
    var sizes = folded.columns.map(\.cost.magnitude)
    for row in folded.rows.indices where y[row] != 0 {
      for entry in folded.rowStarts[row]..<folded.rowStarts[row + 1] {
        sizes[folded.entryColumns[entry]] += (folded.entryValues[entry] * y[row]).magnitude
      }
    }
    let typical = sizes.reduce(0, +) / Double(max(1, sizes.count))
    let sign = program.sense == .minimise ? 1.0 : -1.0
    var shifted = folded
    for (j, column) in folded.columns.enumerated() where margin > 0 && column.lower.isInfinite != column.upper.isInfinite {
      let shift = margin * max(sizes[j], typical)
      try shifted.setCost(ofColumn: j, column.cost - sign * (column.upper.isInfinite ? shift : -shift))
    }
    let settings = try settings.replacing(method: .primal, presolves: false, solverTolerance: min(1e-11, settings.solverTolerance))
    let run = try GLPKRun(
      shifted, settings: settings, timeLimit: remaining, basis: basis?.folded(origins), log: log, isCancelled: isCancelled)
    return run.isComplete ? run.rowDuals : nil
  }
}

extension LinearSolution {
  /// Sets the vectors and everything that is recomputed from them.
  mutating func setPoint(_ program: LinearProgram, x: [Double]?, y: [Double]?, acceptance: Double) {
    self.x = x
    rowDuals = y
    rowActivities = x.map(program.activities)
    reducedCosts = y.map(program.reducedCosts)
    linearObjective = x.map(program.linearObjective)
    objective = linearObjective.map { $0 + program.objectiveConstant }
    primalStatus = .none
    dualStatus = .none
    residuals = nil
    guard let x else { return }
    let found = y.map { LinearResiduals(program, x: x, y: $0) } ?? LinearResiduals(program, x: x)
    residuals = found
    primalStatus = found.isFeasible(within: acceptance) ? .feasible : .infeasible
    if y != nil { dualStatus = found.isDualFeasible(within: acceptance) ? .feasible : .infeasible }
  }
}
