import Certificates
import ConicPrograms
import ConicSolver
import LinearAlgebra
import Networks

/// One estimate of ``LipSDPEstimator``: solve, read both sides, scale better, solve again.
struct LipSDPRun {
  /// The most solves.
  private static let mostRounds = 6

  private let solved: SolverNetwork
  private let mode: MultiplierMode
  private let engine: LipSDPEstimator.Engine
  private let budget: Budget
  private let clock: Stopwatch
  private var settings: ConicSettings
  /// What the variables are measured in: the best multipliers so far, or at first the closed form's.
  private var scale: LipschitzScale?
  /// How long the last proof took: the concluding one will need as long.
  private var proofSeconds = 0.0

  /// What was found out.
  var result: LipschitzEstimate
  /// The best proved multipliers, least bound first.
  private(set) var candidates: [ProvedMultipliers] = []
  /// Why the last proof or solve failed.
  private(set) var lastFailure: String?

  /// The proved multipliers with the least bound.
  var best: ProvedMultipliers? { candidates.first }

  init(
    _ solved: SolverNetwork, mode: MultiplierMode, settings: ConicSettings, engine: @escaping LipSDPEstimator.Engine, budget: Budget,
    clock: Stopwatch, result: LipschitzEstimate
  ) {
    self.solved = solved
    self.mode = mode
    self.settings = settings
    self.engine = engine
    self.budget = budget
    self.clock = clock
    self.result = result
  }

  // MARK: - The start

  /// Enters the closed form, so that there is always an answer, and a scale.
  mutating func considerClosedForm() throws {
    let began = clock.seconds
    // The spectral majorants are multiples of the identity, hence multipliers that a node's units share.
    let majorants: [DiagonalMajorant]? = mode == .layer ? [.spectral] : nil
    guard let closed = try ClosedFormEstimator.best(solved, majorants: majorants, budget: budget, clock: clock) else { return }
    defer { proofSeconds = clock.seconds - began }
    let candidate = try ProvedMultipliers(closed.proof, on: solved)
    scale = LipschitzScale(multipliers: candidate.multipliers, inputWeights: candidate.weights)
    switch mode {
    case .neuron: consider(candidate)
    case .layer:
      // Units of different sectors have different multipliers in the closed form: the greatest for all, where that proves.
      let shared = candidate.multipliers.map { t in t.map { $0 > 0 ? t.max() ?? 0 : 0 } }
      accept(MultiplierRepair(solved, mustStop: { false }).uniform(shared, hint: nil, target: .infinity))
    }
  }

  private mutating func consider(_ candidate: ProvedMultipliers) {
    candidates.append(candidate)
    candidates.sort { $0.bound < $1.bound }
    if candidates.count > 3 { candidates.removeLast() }
    result.upper = candidates[0].bound
    scale = LipschitzScale(multipliers: candidates[0].multipliers, inputWeights: candidates[0].weights)
  }

  // MARK: - The rounds

  /// Solves until the two sides meet, the budget is spent, or neither side moves.
  mutating func solve(_ forms: IncrementForms, progress: (LipschitzEstimate.Progress) -> Void) throws {
    let unitCounts = solved.network.activationNodes.map { solved.network.nodes[$0].count }
    var tolerance = max(1e-9, min(1e-5, 0.03 * budget.tolerance))
    var previous: (inequality: LipschitzInequality, point: ConicPoint)?
    result.stopReason = .stalled
    for round in 1...Self.mostRounds {
      let inequality = try LipschitzInequality(forms, unitCounts: unitCounts, inputNorm: solved.norm, mode: mode, scale: scale)
      let program = try inequality.inequality.program()
      settings.tolerance = tolerance
      settings.timeLimit = max(0, clock.remaining - 2 * proofSeconds)
      let start = previous.map { inequality.adapted($0.point, from: $0.inequality) }
      let gap = result.gap ?? .infinity
      let point = try solve(program, from: start, progress)
      result.note =
        "order \(forms.coordinateCount), \(inequality.variables.count) variables, \(round == 1 ? "1 solve" : "\(round) solves"); "
        + "lower: the dual matrix rounded to a feasible point"
      guard point.x.allSatisfy(\.isFinite), point.z.allSatisfy(\.isFinite) else {
        lastFailure = "the conic solver returned no point"
        return
      }
      try read(point, of: inequality)
      record(progress)
      if let reached = result.gap, reached <= budget.tolerance {
        result.stopReason = .tolerance
        return
      }
      if clock.mustStop {
        result.stopReason = clock.reason
        return
      }
      if result.iterations >= budget.iterationLimit ?? .max {
        result.stopReason = .iterationLimit
        return
      }
      if tolerance <= 1e-9 && result.gap ?? .infinity > 0.7 * gap { return }
      tolerance = max(1e-9, tolerance / 30)
      previous = (inequality, point)
    }
  }

  /// Solves once, counts iterations, reports them, and stops the solver when the budget says so.
  private mutating func solve(
    _ program: ConicProgram, from start: ConicPoint?, _ progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> ConicPoint {
    let before = result.iterations
    var counts: [ConicPhase: Int] = [:]
    var nextReport = clock.seconds
    let (budget, clock, lower, upper) = (budget, clock, result.lower ?? 0, result.upper)
    let limit = budget.iterationLimit.map { max(0, $0 - before) }
    settings.maximumIterations = min(settings.maximumIterations, limit ?? .max)
    let point = try engine(program, settings, start) { row in
      counts[row.phase] = row.iteration
      let iterations = counts.values.reduce(0, +)
      if clock.seconds >= nextReport {
        progress(.init(iteration: before + iterations, lower: lower, upper: upper, seconds: clock.seconds))
        nextReport = clock.seconds + 0.1
      }
      return !budget.isCancelled() && iterations < limit ?? .max
    }
    result.iterations = before + counts.values.reduce(0, +)
    return point
  }

  /// Both sides of a solver's point.
  private mutating func read(_ point: ConicPoint, of inequality: LipschitzInequality) throws {
    let order = inequality.coordinateScales.count
    let y = SymmetricVector.matrix(point.z[...], order: order)
    let dual = try DualPoint(y, of: inequality, network: solved.network, sectors: solved.sectors)
    result.lower = max(result.lower ?? 0, dual.squaredBound.squareRoot())
    let lower = result.lower ?? 0
    let target = lower / (1 - 0.1 * budget.tolerance)
    let (budget, clock, proofSeconds) = (budget, clock, proofSeconds)
    let repair = MultiplierRepair(solved) { budget.isCancelled() || clock.remaining < 2 * proofSeconds }
    let weights = inequality.inputWeights(point.x, inputCount: solved.network.inputCount)
    let hint = solved.norm.hasOneWeight ? nil : weights
    let uniform = repair.uniform(inequality.multipliers(point.x), hint: hint, target: target)
    accept(uniform)
    guard mode == .neuron, best?.bound ?? .infinity > target else { return }
    accept(repair.selfConsistent(dual, target: target))
  }

  private mutating func accept(_ outcome: MultiplierRepair.Outcome) {
    if let candidate = outcome.candidate { consider(candidate) }
    lastFailure = outcome.failure ?? lastFailure
    proofSeconds = outcome.seconds ?? proofSeconds
  }

  // MARK: - Progress

  /// Notes where the two sides are now.
  mutating func record(_ progress: (LipschitzEstimate.Progress) -> Void) {
    let moment = LipschitzEstimate.Progress(
      iteration: result.iterations, lower: result.lower ?? 0, upper: result.upper, seconds: clock.seconds)
    result.history.append(moment)
    progress(moment)
  }
}
