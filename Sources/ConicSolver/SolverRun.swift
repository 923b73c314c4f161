import ConicPrograms
import LinearAlgebra

/// One solve: which engine runs when, and what the outcome is called.
struct SolverRun {
  private let program: ConicProgram
  private let settings: Settings
  private let monitor: Monitor
  private var info = Info()

  init(program: ConicProgram, settings: Settings, callback: @escaping (Progress) -> Bool) {
    self.program = program
    self.settings = settings
    monitor = Monitor(program: program, settings: settings, callback: callback)
  }

  mutating func solve(from start: ConicPoint?) -> Solution {
    do { try runInteriorPoint() } catch { info.notes.append("interior point: \(error)") }
    info.seconds = monitor.seconds
    return conclude()
  }

  private mutating func runInteriorPoint() throws {
    let began = monitor.seconds
    defer { record(.interiorPoint, since: began) }
    _ = try InteriorPointEngine().run(program, from: ConicPoint(zeroOf: program), monitor: monitor)
  }

  private mutating func record(_ phase: Phase, since began: Double) {
    let iterations = monitor.history.last { $0.phase == phase }?.iteration ?? 0
    info.runs.append(Info.Run(phase: phase, iterations: iterations, seconds: monitor.seconds - began))
  }

  /// Names the outcome, on residuals recomputed here.
  private func conclude() -> Solution {
    if let certificate = monitor.certificate { return infeasible(certificate) }
    let nan = ConicPoint(
      x: [Double](repeating: .nan, count: program.variableCount), s: [Double](repeating: .nan, count: program.rowCount),
      z: [Double](repeating: .nan, count: program.rowCount))
    guard let best = monitor.best, let residuals = try? Residuals(program, best.point) else {
      return Solution(
        status: status(nil), point: nan, primal: .infeasible, dual: .infeasible, residuals: nil, certificateError: nil, info: info,
        history: monitor.history)
    }
    let primalError = max(residuals.primal, residuals.primalCone) / residuals.primalScale
    let dualError = max(residuals.dual, residuals.dualCone) / residuals.dualScale
    return Solution(
      status: status(residuals), point: best.point, primal: pointStatus(primalError), dual: pointStatus(dualError), residuals: residuals,
      certificateError: nil, info: info, history: monitor.history)
  }

  private func pointStatus(_ error: Double) -> PointStatus {
    error <= settings.tolerance ? .feasible : error <= settings.inaccurateTolerance ? .nearlyFeasible : .infeasible
  }

  private func status(_ residuals: Residuals?) -> Status {
    if let residuals, residuals.worst <= settings.tolerance { return .solved }
    switch monitor.verdict {
    case .timeLimit: return .timeLimit
    case .iterationLimit: return .iterationLimit
    case .interrupted: return .interrupted
    default: break
    }
    guard let residuals else { return .numericalError }
    return residuals.worst <= settings.inaccurateTolerance ? .solvedInaccurate : .insufficientProgress
  }

  private func infeasible(_ certificate: ConicPoint) -> Solution {
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
    return Solution(
      status: isPrimal ? .primalInfeasible : .dualInfeasible, point: point, primal: isPrimal ? .infeasible : .infeasibilityCertificate,
      dual: isPrimal ? .infeasibilityCertificate : .infeasible, residuals: nil, certificateError: error, info: info,
      history: monitor.history)
  }
}
