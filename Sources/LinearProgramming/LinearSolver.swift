import CGLPKSupport

/// One solve: GLPK proposes, this type verifies.
struct LinearSolver {
  let program: LinearProgram
  let settings: LinearSettings
  let log: ((String) -> Void)?
  let isCancelled: (() -> Bool)?
  private let clock = ContinuousClock.now

  init(program: LinearProgram, settings: LinearSettings, log: ((String) -> Void)?, isCancelled: (() -> Bool)?) {
    (self.program, self.settings, self.log, self.isCancelled) = (program, settings, log, isCancelled)
  }

  private var seconds: Double { clock.duration(to: .now) / .seconds(1) }
  var remaining: Double? { settings.timeLimit.map { max(0, $0 - seconds) } }
  var mustStop: Bool { isCancelled?() == true || remaining == 0 }

  mutating func run(from basis: Basis?) throws(LinearProgramError) -> LinearSolution {
    var solution = LinearSolution(.cancelled, method: settings.method)
    if isCancelled?() == true { return solution }
    guard let bounds = integerBounds() else {
      // Some integer variable has no whole number between its bounds; there is no Farkas vector for that.
      solution.termination = .infeasible
      solution.seconds = seconds
      return solution
    }
    do throws(LinearProgramError) {
      try attempt(settings, bounds, basis, &solution)
    } catch {
      // GLPK 5.0 aborts when its integer presolver leaves rows, but no columns.
      guard case .solverAborted = error, program.isMixedInteger, settings.presolves else { throw error }
      try attempt(settings.replacing(method: settings.method, presolves: false), bounds, basis, &solution)
    }
    if case .numericalTrouble = solution.termination, solution.method == .interior, !mustStop {
      // An interior point that does not stand the check is no answer; the simplex method gives one.
      try attempt(try settings.replacing(method: .dual), bounds, nil, &solution)
    }
    solution.seconds = seconds
    return solution
  }

  /// Solves once and judges the answer.
  private func attempt(
    _ settings: LinearSettings, _ bounds: [Interval], _ basis: Basis?, _ solution: inout LinearSolution
  ) throws(LinearProgramError) {
    let run = try GLPKRun(
      program, bounds: bounds, settings: settings, timeLimit: remaining, basis: basis, log: log, isCancelled: isCancelled)
    solution.method = run.method
    (solution.iterations, solution.nodes, solution.basis) = (run.iterations, run.nodes, run.basis)
    guard run.isComplete else {
      solution.termination = run.end == CGLPK_CANCELLED ? .cancelled : .timeLimit
      return
    }
    solution.setPoint(program, x: run.x, y: run.rowDuals, acceptance: settings.acceptance)
    try judge(run, &solution)
  }

  /// Bounds of integer variables moved to whole numbers, as branch and cut needs them; `nil` when none is left between them.
  private func integerBounds() -> [Interval]? {
    var result: [Interval] = []
    for column in program.columns {
      let box = column.isInteger ? Interval(column.lower.rounded(.up), column.upper.rounded(.down)) : Interval(column.lower, column.upper)
      if box.lower > box.upper { return nil }
      result.append(box)
    }
    return result
  }

  /// Decides what the answer is.
  private func judge(_ run: GLPKRun, _ solution: inout LinearSolution) throws(LinearProgramError) {
    let hasOptimalRelaxation = run.primal == .feasible && run.dual == .feasible
    if program.isMixedInteger, hasOptimalRelaxation || run.integer != .undefined {
      return try judgeInteger(run, &solution)
    }
    switch GLPKRun.Code(rawValue: run.code) {
    case .iterationLimit: solution.termination = .iterationLimit
    case .timeLimit: solution.termination = .timeLimit
    case .success where run.primal == .noFeasible: try judgeInfeasible(run, &solution)
    case .success where hasOptimalRelaxation: try judgeOptimal(&solution)
    case .success where run.primal == .feasible && run.dual == .noFeasible: try judgeUnbounded(run, &solution)
    case .success: solution.termination = .numericalTrouble("the solver reached no verdict")
    default: solution.termination = .numericalTrouble(run.trouble)
    }
  }

  private func judgeOptimal(_ solution: inout LinearSolution) throws(LinearProgramError) {
    guard let residuals = solution.residuals, residuals.isOptimal(within: settings.acceptance) else {
      solution.termination = .numericalTrouble("the residuals of the solver's optimum are too large")
      return
    }
    solution.termination = .optimal
    if settings.computesSafeBound, let y = solution.rowDuals, let objective = solution.linearObjective {
      solution.safeBound = try safeBound(y, objective: objective, basis: solution.basis)
    }
  }

  /// Checks the solver's ray, else that of the primal simplex method run by itself.
  private func judgeUnbounded(_ run: GLPKRun, _ solution: inout LinearSolution) throws(LinearProgramError) {
    func accept(_ run: GLPKRun) -> Bool {
      guard let candidate = run.rayCandidate, let x = run.x, LinearResiduals(program, x: x).isFeasible(within: settings.acceptance) else {
        return false
      }
      // What rounding left where there should be zeros may violate rows that the ray has nothing to do with.
      let size = candidate.reduce(0) { max($0, $1.magnitude) }
      let cleaned = [0, 1e-13, 1e-10, 1e-7].lazy.map { noise in candidate.map { $0.magnitude > noise * size ? $0 : 0 } }
      guard let check = cleaned.compactMap({ RayCheck(program, $0) }).first(where: \.isAccepted) else { return false }
      solution.setPoint(program, x: x, y: run.rowDuals, acceptance: settings.acceptance)
      solution.basis = run.basis
      solution.termination = .unbounded
      solution.ray = check.direction
      solution.primalStatus = .certificate
      return true
    }
    if accept(run) { return }
    if !mustStop {
      let again = try GLPKRun(
        program, settings: settings.replacing(method: .primal, presolves: false), timeLimit: remaining, basis: nil, log: log,
        isCancelled: isCancelled)
      if accept(again) { return }
    }
    solution.termination = .numericalTrouble("the solver calls the program unbounded, but its ray does not stand the check")
  }

  /// Where the solver gave up is of no use to anyone; what counts is the proof.
  private func judgeInfeasible(_ run: GLPKRun, _ solution: inout LinearSolution) throws(LinearProgramError) {
    solution.setPoint(program, x: nil, y: nil, acceptance: settings.acceptance)
    solution.termination = .infeasible
    solution.farkas = try provenFarkas(run)
    if solution.farkas != nil { solution.dualStatus = .certificate }
  }

  private func judgeInteger(_ run: GLPKRun, _ solution: inout LinearSolution) throws(LinearProgramError) {
    if settings.computesSafeBound, let y = run.rowDuals, let objective = solution.linearObjective {
      solution.safeBound = try safeBound(y, objective: objective, basis: run.basis)
    }
    let rounded = run.integerPoint.map { point in zip(program.columns, point).map { $0.isInteger ? $1.rounded() : $1 } }
    solution.setPoint(program, x: rounded, y: nil, acceptance: settings.acceptance)
    solution.rowDuals = run.rowDuals
    solution.reducedCosts = run.rowDuals.map(program.reducedCosts)
    let code = GLPKRun.Code(rawValue: run.code)
    let isComplete = code == .success && run.integer == .optimal
    solution.bestBound = isComplete ? solution.objective : run.bestBound ?? solution.safeBound?.value
    if let objective = solution.objective, let bound = solution.bestBound {
      solution.relativeGap = (bound - objective).magnitude / max(objective.magnitude, .ulpOfOne)
    }
    switch code {
    case .success where run.integer == .optimal, .gapReached:
      let isFeasible = solution.residuals?.isFeasible(within: settings.acceptance) == true
      solution.termination = isFeasible ? .optimal : .numericalTrouble("the residuals of the solver's optimum are too large")
    case .success where run.integer == .noFeasible, .noPrimalFeasible: solution.termination = .infeasible
    case .timeLimit: solution.termination = .timeLimit
    case .iterationLimit: solution.termination = .iterationLimit
    case .stopped: solution.termination = .cancelled
    default: solution.termination = .numericalTrouble(run.trouble)
    }
  }
}
