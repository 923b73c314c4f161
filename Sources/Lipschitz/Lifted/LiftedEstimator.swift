import Certificates
import LinearAlgebra
import Networks

/// This project's solver: the lifted iteration from below, proofs of its multipliers from above, until the two sides meet.
///
/// It reaches the optimum of LipSDP-Neuron (one multiplier for each unit) with network passes only. Every iterate gives a lower estimate of
/// that optimum and multipliers from which the checker's recursion proves an upper bound, so the solver can stop at any time. A network too
/// large for the recursion still gets the lower estimate, in single precision. See <doc:LiftedSolver>.
public struct LiftedEstimator: LipschitzEstimator {
  /// `lifted`.
  public let name = "lifted"
  /// Sectors of the region serve as well as global ones.
  public var takesRegions: Bool { true }

  /// The rank r of the lifted vectors at the start, or `nil` for 12 (16 without proofs); it grows when it is found to bind.
  public var rank: Int?

  /// Where to start: the end of an estimate of the same network with other outputs, norm or tolerance. A state that does not fit is ignored.
  public var warmStart: LiftedState?

  /// Which units share one multiplier; the estimate is the optimum of the program with that restriction.
  public var tying: MultiplierTying

  /// A folder for the state of a long proof, or `nil`. With one, there is a single proof, whatever the size of the network, and it goes on
  /// where an earlier one was interrupted.
  public var workFolder: WorkFolder?

  /// The estimator.
  public init(rank: Int? = nil, warmStart: LiftedState? = nil, tying: MultiplierTying = .neuron, workFolder: WorkFolder? = nil) {
    self.rank = rank
    self.warmStart = warmStart
    self.tying = tying
    self.workFolder = workFolder
  }

  /// See ``LipschitzEstimator/estimate(_:budget:progress:)``, also for what is thrown.
  public func estimate(
    _ problem: LipschitzProblem, budget: Budget, progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> LipschitzEstimate {
    if problem.inputNorm == .l1 { return try estimateInOneNorm(problem, budget: budget, progress: progress) }
    let clock = budget.start()
    let groups = try tying.groups(of: problem)
    let stored = SolverNetwork(stored: problem)
    if groups == nil, stored.refusal(memoryLimit: budget.memoryLimit) == nil, !problem.lowered.activationNodes.isEmpty,
      workFolder != nil || stored.cost.multiplications > SolverNetwork.longProof
    {
      var result = LipschitzEstimate(method: name)
      try proveOnce(stored, problem, budget: budget, clock: clock, into: &result, progress: progress)
      return result
    }
    return try estimate(
      problem, solved: SolverNetwork(problem), groups: groups, start: nil, budget: budget, clock: clock, progress: progress)
  }

  /// Estimates on a known form of the network.
  ///
  /// - Parameters:
  ///   - solved: the form of the problem's network that is worked on.
  ///   - groups: for each activation node the units that share a multiplier, or `nil` when each has its own.
  ///   - start: multipliers for a first bound, or `nil` for the closed form.
  func estimate(
    _ problem: LipschitzProblem, solved: SolverNetwork, groups: [UnitGroups]?, start: [[Double]]?, budget: Budget, clock: Stopwatch,
    progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> LipschitzEstimate {
    if let refusal = solved.refusal(memoryLimit: budget.memoryLimit) {
      var result = LipschitzEstimate(method: name)
      result.note = refusal
      estimateFromBelow(solved, groups: groups, budget: budget, clock: clock, into: &result, progress: progress)
      return result
    }
    if problem.lowered.activationNodes.isEmpty {
      var result = LipschitzEstimate(method: name)
      try Certification.conclude(&result, problem: problem, multipliers: [])
      result.lower = result.upper
      result.seconds = clock.seconds
      return result
    }
    let solution = try solve(solved, groups: groups, start: start, budget: budget, clock: clock, progress: progress)
    var result = solution.estimate
    try Certification.conclude(&result, problem: problem, candidates: solution.candidates, lastFailure: solution.lastFailure)
    result.seconds = clock.seconds
    record(&result, progress: progress)
    return result
  }

  /// One set of multipliers for all inputs, then sets for single inputs.
  private func estimateInOneNorm(
    _ problem: LipschitzProblem, budget: Budget, progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> LipschitzEstimate {
    try ColumnSearch.estimate(
      name: name, problem: problem, budget: budget, progress: progress,
      sharing: { budget in
        var own = self
        let rank = problem.lowered.inputCount + (self.rank ?? Self.standardRank)
        let size = rank.multipliedReportingOverflow(by: problem.lowered.unitCount + problem.lowered.inputCount)
        guard !size.overflow, size.partialValue <= Self.largestSharedPoint else {
          return try own.estimate(problem.measuringInputs(in: .l2), budget: budget)
        }
        (own.rank, own.warmStart) = (rank, nil)
        return try own.estimate(
          problem, solved: SolverNetwork(problem), groups: try tying.groups(of: problem), start: nil, budget: budget, clock: budget.start()
        ) { _ in }
      },
      solving: { problem, budget, state in
        var own = self
        own.warmStart = state
        return try own.estimate(problem, budget: budget)
      })
  }

  /// Both sides on a form of the network, with nothing proved yet about the network as stored.
  func solve(
    _ solved: SolverNetwork, groups: [UnitGroups]?, start: [[Double]]?, budget: Budget, clock: Stopwatch,
    progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> (estimate: LipschitzEstimate, candidates: [ProvedMultipliers], lastFailure: String?) {
    var result = LipschitzEstimate(method: name)
    var search = MultiplierSearch(solved, groups: groups, rank: startingRank, budget: budget, clock: clock)
    search.considerStart(start)
    if search.best?.bound == 0 {
      result.lower = 0
      return (result, search.candidates, search.lastFailure)
    }
    var iteration = LiftedIteration<Double>(
      solved.network, sectors: solved.sectors, groups: groups, norm: solved.norm, rank: startingRank, seed: budget.seed, memory: 10)
    if let warmStart { iteration.start(from: warmStart) }
    result.stopReason = run(&iteration, &search, budget: budget, clock: clock, result: &result, progress: progress)
    result.rank = iteration.rank
    result.state = iteration.state
    return (result, search.candidates, search.lastFailure)
  }

  private static let standardRank = 12
  /// The largest point, in numbers, of the iteration for one set of multipliers in the l₁ norm; its quasi-Newton memory is twenty times that.
  private static let largestSharedPoint = 2_000_000

  private var startingRank: Int { warmStart?.rank ?? rank ?? Self.standardRank }

  // MARK: - The two-sided loop

  private func run(
    _ iteration: inout LiftedIteration<Double>, _ search: inout MultiplierSearch, budget: Budget, clock: Stopwatch,
    result: inout LipschitzEstimate, progress: (LipschitzEstimate.Progress) -> Void
  ) -> LipschitzEstimate.StopReason {
    var lower = 0.0
    var nextReport = 0.1
    var nextRecord = 1
    var rankWatch = RankWatch()
    while true {
      result.iterations += 1
      lower = max(lower, iteration.step().squareRoot())
      result.lower = lower
      result.upper = search.best?.bound
      let sigma = iteration.movement
      var reason: LipschitzEstimate.StopReason?
      if search.mustConclude {
        reason = clock.reason
      } else if result.iterations >= budget.iterationLimit ?? .max {
        reason = .iterationLimit
      }
      if reason != nil || search.isDue(iteration: result.iterations, movement: sigma) {
        // Out of time with a closed form in hand: one proof of the iterate is worth its wait, unless the person asked to stop.
        if reason == nil || reason == .iterationLimit || !search.hasProvedIterate {
          search.tryIterate(&iteration, movement: sigma, lower: lower, iterations: result.iterations)
        }
        result.upper = search.best?.bound
        record(&result, progress: progress, seconds: clock.seconds)
        nextReport = clock.seconds + 0.1
        if let gap = result.gap, gap <= budget.tolerance { return .tolerance }
        if let reason { return reason }
        switch rankWatch.advice(lower: lower, gap: result.gap ?? 1, spectrum: iteration.inputSpectrum, rank: iteration.rank) {
        case .goOn: break
        case .grow(let rank): iteration.grow(to: rank, size: 0.1)
        case .stop: return .stalled
        }
      } else if result.iterations >= nextRecord {
        // Denser than proofs, sparser than iterations: enough to draw how the sides approached each other.
        record(&result, progress: progress, seconds: clock.seconds)
        nextRecord = result.iterations + max(1, result.iterations / 4)
      } else if clock.seconds > nextReport {
        progress(.init(iteration: result.iterations, lower: lower, upper: result.upper, seconds: clock.seconds))
        nextReport = clock.seconds + 0.1
      }
    }
  }

  func record(
    _ result: inout LipschitzEstimate, progress: (LipschitzEstimate.Progress) -> Void, seconds: Double? = nil
  ) {
    let moment = LipschitzEstimate.Progress(
      iteration: result.iterations, lower: result.lower ?? 0, upper: result.upper, seconds: seconds ?? result.seconds)
    result.history.append(moment)
    progress(moment)
  }

  // MARK: - Networks too large for a proof

  private func estimateFromBelow(
    _ solved: SolverNetwork, groups: [UnitGroups]?, budget: Budget, clock: Stopwatch, into result: inout LipschitzEstimate,
    progress: (LipschitzEstimate.Progress) -> Void
  ) {
    var iteration = LiftedIteration<Float>(
      solved.network, sectors: solved.sectors, groups: groups, norm: solved.norm, rank: rank ?? 16, seed: budget.seed)
    let window = 10
    var recent: [Double] = []
    var lower = 0.0
    result.stopReason = .stalled
    result.rank = iteration.rank
    repeat {
      result.iterations += 1
      lower = max(lower, iteration.step().squareRoot())
      result.lower = lower
      recent.append(lower)
      record(&result, progress: progress, seconds: clock.seconds)
      if clock.mustStop {
        result.stopReason = clock.reason
        break
      }
      if result.iterations >= budget.iterationLimit ?? 1000 {
        result.stopReason = .iterationLimit
        break
      }
    } while recent.count <= window || lower > recent[recent.count - 1 - window] * (1 + 0.1 * budget.tolerance)
    result.seconds = clock.seconds
  }
}
