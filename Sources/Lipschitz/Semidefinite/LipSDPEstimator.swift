import Certificates
import ConicPrograms
import ConicSolver
import LinearAlgebra
import Networks

/// LipSDP (Fazlyab et al., arXiv 1906.04893) through the conic solver: the classical way, with proofs instead of the solver's word.
///
/// The linear matrix inequality is scaled by a closed-form bound, solved, and read from both sides: the multipliers, repaired, prove an upper
/// bound on the network as stored, and the dual matrix, rounded to a feasible point, gives a lower bound on what this method can reach. Where
/// the gap is too large the program is scaled by the better multipliers and solved again. It reaches the same optimum as ``LiftedEstimator``
/// with general tools, so it is for comparison and for small networks. The mode `layer` goes through the lifted iteration with shared
/// multipliers, which is faster and reaches any size; ``route`` says when.
public struct LipSDPEstimator: LipschitzEstimator {
  /// Solves a program, from a starting point if there is one. The closure is shown the progress and stops the solve by returning false.
  typealias Engine = @Sendable (ConicProgram, ConicSettings, ConicPoint?, (ConicProgress) -> Bool) throws -> ConicPoint

  /// Which units share multipliers.
  public var mode: MultiplierMode
  /// Whether the solver decomposes the matrix into cliques of adjacent layers.
  public var decomposition = ConicSettings.Decomposition.automatic
  /// Which engine solves the program.
  public var route = Route.automatic
  /// The largest order of the matrix that is attempted.
  public var largestOrder = 1000
  private let engine: Engine

  /// The engine behind an estimate.
  public enum Route: Sendable {
    /// The conic solver for the mode `neuron`, the lifted iteration for `layer`.
    case automatic
    /// The conic solver.
    case conic
  }

  /// `lipsdp` or `lipsdp-layer`.
  public var name: String { mode == .neuron ? "lipsdp" : "lipsdp-layer" }

  /// Sectors of the region serve as well as global ones.
  public var takesRegions: Bool { true }

  /// The estimator with this project's solver.
  public init(mode: MultiplierMode = .neuron) {
    self.init(mode: mode) { program, settings, start, progress in
      try withoutActuallyEscaping(progress) { progress in
        try ConicProgramSolver(program, settings: settings).solve(from: start, progress: progress).point
      }
    }
    route = .automatic
  }

  /// The estimator with another solver.
  init(mode: MultiplierMode = .neuron, engine: @escaping Engine) {
    self.mode = mode
    self.engine = engine
    route = .conic
  }

  /// See ``LipschitzEstimator/estimate(_:budget:progress:)``, also for what is thrown.
  public func estimate(
    _ problem: LipschitzProblem, budget: Budget, progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> LipschitzEstimate {
    if mode == .layer && route == .automatic {
      var result = try LiftedEstimator(tying: .layer).estimate(problem, budget: budget, progress: progress)
      result.method = name
      return result
    }
    if problem.inputNorm == .l1 {
      let shared = try problem.measuringInputs(in: .l2)
      return try ColumnSearch.estimate(
        name: name, problem: problem, budget: budget, progress: progress, sharing: { try estimate(shared, budget: $0) },
        solving: { problem, budget, _ in try estimate(problem, budget: budget) })
    }
    let clock = budget.start()
    let solved = try SolverNetwork(problem)
    var result = LipschitzEstimate(method: name)
    if let refusal = solved.refusal(memoryLimit: budget.memoryLimit) ?? self.refusal(solved) {
      result.note = refusal
      result.seconds = clock.seconds
      return result
    }
    let forms = IncrementForms(solved.network, sectors: solved.sectors, keepsAllInputs: solved.norm == .l2)
    if let refusal = refusal(InequalitySize(forms, inputNorm: solved.norm, mode: mode), memoryLimit: budget.memoryLimit) {
      result.note = refusal
      result.seconds = clock.seconds
      return result
    }
    var settings = ConicSettings()
    settings.decomposition = decomposition
    var run = LipSDPRun(solved, mode: mode, settings: settings, engine: engine, budget: budget, clock: clock, result: result)
    if problem.lowered.activationNodes.isEmpty {
      try Certification.conclude(&run.result, problem: problem, multipliers: [])
      run.result.lower = run.result.upper
    } else {
      try run.considerClosedForm()
      if run.best?.bound == 0 {
        run.result.lower = 0
      } else {
        try run.solve(forms, progress: progress)
      }
      try Certification.conclude(&run.result, problem: problem, candidates: run.candidates, lastFailure: run.lastFailure)
    }
    run.result.seconds = clock.seconds
    run.record(progress)
    return run.result
  }

  // MARK: - Size

  /// Why a network is not even written as linear forms.
  private func refusal(_ solved: SolverNetwork) -> String? {
    let order = InequalitySize.largestOrder(solved.network, sectors: solved.sectors)
    return order > 4 * largestOrder ? tooLarge(order) : nil
  }

  private func refusal(_ size: InequalitySize, memoryLimit: Int) -> String? {
    if size.order > largestOrder { return tooLarge(size.order) }
    guard size.bytes > Double(memoryLimit) else { return nil }
    return """
      not attempted: the semidefinite program of order \(size.order) with \(size.variables) variables would take about \
      \((size.bytes / 0x1p20).rounded(.up)) MiB of memory, more than the limit
      """
  }

  private func tooLarge(_ order: Int) -> String {
    """
    not attempted: the semidefinite program has the order \(order), and dense steps of the solver take its cube; orders to \(largestOrder) are \
    attempted. lifted reaches the same optimum without matrices
    """
  }
}
