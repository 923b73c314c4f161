import ConicPrograms
import LinearAlgebra

/// One solve: which engine runs when, and what the outcome is called.
struct SolverRun {
  private let program: ConicProgram
  private let settings: ConicSettings
  private let monitor: Monitor
  private var info = ConicInfo()
  private let interiorPointForms: [any Reformulation]
  private let firstOrderForms: [any Reformulation]

  init(program: ConicProgram, settings: ConicSettings, callback: @escaping (ConicProgress) -> Bool) throws(ConicProgramError) {
    self.program = program
    self.settings = settings
    monitor = Monitor(program: program, settings: settings, callback: callback)
    // Semidefinite cones only; and, for the other engines, scaled. Decomposed where that pays, in both; variables for overlaps cost the
    // interior point most.
    var forms: [any Reformulation] = []
    if settings.method == .automatic || settings.method == .interiorPoint {
      if let arrow = try ArrowForm(program) { forms.append(arrow) }
      let whole = forms.last?.program ?? program
      if let chordal = try ChordalDecomposition(whole, settings: settings),
        settings.decomposition == .always || chordal.overlapCount == 0
          || 2 * InteriorPointCost(chordal.program).multiplications < InteriorPointCost(whole).multiplications
      {
        forms.append(chordal)
      }
    }
    interiorPointForms = forms
    forms = []
    if settings.method != .interiorPoint {
      forms.append(try Equilibration(program, passes: settings.scalingPasses))
      if let chordal = try ChordalDecomposition(forms[0].program, settings: settings) { forms.append(chordal) }
    }
    firstOrderForms = forms
    info.setupSeconds = monitor.seconds
  }

  mutating func solve(from start: ConicPoint?) -> ConicSolution {
    do {
      if let start, try monitor.check(start, phase: .firstOrder, iteration: 0, penalty: settings.penalty) { return conclude() }
      switch settings.method {
      case .interiorPoint: try runInteriorPoint()
      case .firstOrder: try runFirstOrder { _ in false }
      case .newton: try runNewtonRounds()
      case .automatic:
        if canUseInteriorPoint {
          try runInteriorPoint()
          if !isFinished { try runNewton() }
        } else {
          try runNewtonRounds()
        }
      }
    } catch {
      info.notes.append("\(error)")
    }
    info.seconds = monitor.seconds
    return conclude()
  }

  /// Whether a verdict was reached.
  private var isFinished: Bool { monitor.verdict != nil }

  /// Whether the interior point's matrices fit and an iteration takes seconds at most.
  private var canUseInteriorPoint: Bool {
    let cost = InteriorPointCost(interiorPointForms.last?.program ?? program)
    return cost.bytes < Self.memoryLimit && cost.multiplications < Self.iterationLimit
  }

  /// Bytes that the interior point may take.
  private static var memoryLimit: Double { 6e9 }
  /// Multiplications of an iteration of the interior point above which first-order iterations come first.
  private static var iterationLimit: Double { 1e11 }

  private mutating func runInteriorPoint() throws {
    try run(InteriorPointEngine(), .interiorPoint, interiorPointForms)
    // A decomposition can cost accuracy; what counts is the user's program, so try that as well.
    if !isFinished, interiorPointForms.last is ChordalDecomposition {
      try run(InteriorPointEngine(), .interiorPoint, Array(interiorPointForms.dropLast()))
    }
  }

  private mutating func runFirstOrder(budget: @escaping (ConicProgress) -> Bool) throws {
    try run(FirstOrderEngine(settings), .firstOrder, firstOrderForms, budget: budget)
  }

  private mutating func runNewton() throws { try run(NewtonEngine(), .newton, firstOrderForms) }

  /// First-order iterations until the point is near, then Newton's; again with more first-order iterations when these stall.
  private mutating func runNewtonRounds() throws {
    var iterations = 100
    while !isFinished {
      let (limit, before) = (iterations, monitor.best?.residuals.worst ?? .infinity)
      try runFirstOrder { $0.iteration >= limit }
      if isFinished { return }
      try runNewton()
      // Several rounds without any progress are enough.
      if iterations > 1600, monitor.best?.residuals.worst ?? .infinity > 0.9 * before { return }
      iterations *= 2
    }
  }

  /// Runs an engine on the reformulated program from the best point so far; a breakdown of its linear algebra is noted, not thrown.
  private mutating func run(
    _ engine: some Engine, _ phase: ConicPhase, _ forms: [any Reformulation], budget: @escaping (ConicProgress) -> Bool = { _ in false }
  ) throws {
    let began = monitor.seconds
    for form in forms where !info.reformulations.contains(form.summary) { info.reformulations.append(form.summary) }
    monitor.begin(forms, budget: budget)
    let inner = forms.last?.program ?? program
    defer { record(phase, since: began) }
    do {
      _ = try engine.run(inner, from: try monitor.adaptedBest() ?? ConicPoint(zeroOf: inner), monitor: monitor)
    } catch let error as LinearAlgebraError {
      info.notes.append("\(phase.rawValue): \(error)")
    }
  }

  private mutating func record(_ phase: ConicPhase, since began: Double) {
    let iterations = monitor.history.last { $0.phase == phase }?.iteration ?? 0
    info.runs.append(ConicInfo.Run(phase: phase, iterations: iterations, seconds: monitor.seconds - began))
  }

  /// Names the outcome, on residuals recomputed here.
  private func conclude() -> ConicSolution {
    if let certificate = monitor.certificate, monitor.verdict == .primalInfeasible || monitor.verdict == .dualInfeasible {
      return infeasible(certificate)
    }
    let nan = ConicPoint(
      x: [Double](repeating: .nan, count: program.variableCount), s: [Double](repeating: .nan, count: program.rowCount),
      z: [Double](repeating: .nan, count: program.rowCount))
    guard let best = monitor.best, let residuals = try? Residuals(program, best.point) else {
      return ConicSolution(
        status: status(nil), point: nan, primal: .infeasible, dual: .infeasible, residuals: nil, certificateError: nil, info: info,
        history: monitor.history)
    }
    let primalError = max(residuals.primal, residuals.primalCone) / residuals.primalScale
    let dualError = max(residuals.dual, residuals.dualCone) / residuals.dualScale
    return ConicSolution(
      status: status(residuals), point: best.point, primal: pointStatus(primalError), dual: pointStatus(dualError), residuals: residuals,
      certificateError: nil, info: info, history: monitor.history)
  }

  private func pointStatus(_ error: Double) -> ConicPointStatus {
    error <= settings.tolerance ? .feasible : error <= settings.inaccurateTolerance ? .nearlyFeasible : .infeasible
  }

  private func status(_ residuals: Residuals?) -> ConicStatus {
    if let residuals, settings.accepts(residuals) { return .solved }
    switch monitor.verdict {
    case .timeLimit: return .timeLimit
    case .iterationLimit: return .iterationLimit
    case .interrupted: return .interrupted
    default: break
    }
    guard let residuals else { return .numericalError }
    return residuals.worst <= settings.inaccurateTolerance ? .solvedInaccurate : .insufficientProgress
  }

  private func infeasible(_ certificate: ConicPoint) -> ConicSolution {
    var point = certificate
    let isPrimal = monitor.verdict == .primalInfeasible
    let error: Double
    if isPrimal {
      error = InfeasibilityError.dualRay(program, point.z)
      point.x = point.x.map { _ in .nan }
      point.s = point.s.map { _ in .nan }
    } else {
      error = InfeasibilityError.primalRay(program, point.x)
      point.z = point.z.map { _ in .nan }
    }
    return ConicSolution(
      status: isPrimal ? .primalInfeasible : .dualInfeasible, point: point, primal: isPrimal ? .infeasible : .infeasibilityCertificate,
      dual: isPrimal ? .infeasibilityCertificate : .infeasible, residuals: nil, certificateError: error, info: info,
      history: monitor.history)
  }
}
