import ConicPrograms

/// Judges the engines' iterates in the user's data and tells the engines when to stop.
///
/// One monitor serves one solve, on one thread.
final class Monitor {
  /// Why the engine was told to stop.
  enum Verdict: Equatable {
    case converged
    case primalInfeasible
    case dualInfeasible
    case iterationLimit
    case timeLimit
    case interrupted
  }

  /// The user's program.
  let program: ConicProgram
  let settings: ConicSettings
  /// The verdict that ended the current engine, if one did.
  private(set) var verdict: Verdict?
  /// The point with the least worst error that was shown, in the user's space.
  private(set) var best: (point: ConicPoint, residuals: Residuals)?
  /// The certificate of infeasibility that was accepted, in the user's space.
  private(set) var certificate: ConicPoint?
  /// The rows of the log.
  private(set) var history: [ConicProgress] = []
  /// Stops the engine at work without a verdict when it returns true.
  private var engineBudget: (ConicProgress) -> Bool = { _ in false }
  private var reformulations: [any Reformulation] = []
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant
  private let callback: (ConicProgress) -> Bool

  /// A monitor for the user's program. `callback` is shown every row and stops the solve by returning false.
  init(
    program: ConicProgram, reformulations: [any Reformulation] = [], settings: ConicSettings = ConicSettings(),
    callback: @escaping (ConicProgress) -> Bool = { _ in true }
  ) {
    self.program = program
    self.reformulations = reformulations
    self.settings = settings
    self.callback = callback
    start = clock.now
  }

  /// Seconds since the start.
  var seconds: Double {
    let elapsed = start.duration(to: clock.now).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }

  /// Whether the time is up; engines ask within long iterations.
  var isOutOfTime: Bool { seconds >= settings.timeLimit }

  /// Prepares for an engine that works on the program after these reformulations, applied in this order.
  func begin(_ reformulations: [any Reformulation], budget: @escaping (ConicProgress) -> Bool = { _ in false }) {
    self.reformulations = reformulations
    engineBudget = budget
  }

  /// The best point, in the space of the innermost program.
  func adaptedBest() throws -> ConicPoint? {
    guard var point = best?.point else { return nil }
    for reformulation in reformulations { point = try reformulation.adapt(point) }
    return point
  }

  /// Judges an iterate of the innermost program; true when the engine has to stop.
  func check(_ inner: ConicPoint, phase: ConicPhase, iteration: Int, penalty: Double) throws -> Bool {
    let point = try restore(inner)
    let residuals = try Residuals(program, point, coneDistances: false)
    let row = ConicProgress(phase: phase, iteration: iteration, residuals: residuals, penalty: penalty, seconds: seconds)
    history.append(row)
    if best.map({ residuals.worst < $0.residuals.worst }) ?? true { best = (point, residuals) }
    if settings.accepts(residuals) {
      // What matters is the point itself, cones included: decomposition and scaling are undone by now.
      let exact = try Residuals(program, point)
      if settings.accepts(exact) {
        best = (point, exact)
        decide(.converged)
      }
    }
    if !callback(row) { decide(.interrupted) }
    if isOutOfTime { decide(.timeLimit) }
    if phase == .firstOrder, iteration >= settings.maximumIterations { decide(.iterationLimit) }
    return verdict != nil || engineBudget(row)
  }

  /// Judges a point that need not lie in the cones, with all its errors; true when it solves the program.
  func consider(_ inner: ConicPoint) throws -> Bool {
    let point = try restore(inner)
    // The distances to the cones take all eigenvalues: only for a point that could be the best.
    let cheap = try Residuals(program, point, coneDistances: false)
    guard best.map({ cheap.worst < $0.residuals.worst }) ?? true else { return false }
    let residuals = try Residuals(program, point)
    if best.map({ residuals.worst < $0.residuals.worst }) ?? true { best = (point, residuals) }
    guard settings.accepts(residuals) else { return false }
    decide(.converged)
    return true
  }

  /// Judges a candidate z for a certificate of primal infeasibility (z ∈ K*, A′z ≈ 0, b′z < 0); true when it is accepted.
  ///
  /// It is normalised to b′z = −1 and accepted when its `InfeasibilityError` is at most the tolerance.
  func considerDualRay(_ inner: [Double]) throws -> Bool {
    guard inner.count == innermost.rowCount else { return false }
    var point = ConicPoint(zeroOf: innermost)
    point.z = inner
    point = try restore(point)
    guard let decrease = Self.decrease(program.constants, point.z) else { return false }
    point.z = point.z.map { $0 / decrease }
    guard InfeasibilityError.dualRay(program, point.z, cones: false) <= settings.infeasibilityTolerance,
      InfeasibilityError.dualRay(program, point.z) <= settings.infeasibilityTolerance
    else { return false }
    certificate = point
    decide(.primalInfeasible)
    return true
  }

  /// Judges a candidate x for a certificate of dual infeasibility (−Ax ∈ K, c′x < 0); true when it is accepted.
  func considerPrimalRay(_ inner: [Double]) throws -> Bool {
    guard inner.count == innermost.variableCount else { return false }
    var point = ConicPoint(zeroOf: innermost)
    point.x = inner
    point.s = innermost.coefficients.multiplied(by: inner).map { -$0 }
    point = try restore(point)
    guard let decrease = Self.decrease(program.objective, point.x) else { return false }
    point.x = point.x.map { $0 / decrease }
    point.s = program.coefficients.multiplied(by: point.x).map { -$0 }
    guard InfeasibilityError.primalRay(program, point.x) <= settings.infeasibilityTolerance else { return false }
    certificate = point
    decide(.dualInfeasible)
    return true
  }

  /// The program that the engine at work sees.
  private var innermost: ConicProgram { reformulations.last?.program ?? program }

  /// The first verdict stands.
  private func decide(_ new: Verdict) { if verdict == nil { verdict = new } }

  /// −a′v where it is positive and more than rounding can leave of a sum that is zero.
  private static func decrease(_ a: [Double], _ v: [Double]) -> Double? {
    var (sum, size) = (0.0, 0.0)
    for i in a.indices {
      sum -= a[i] * v[i]
      size += (a[i] * v[i]).magnitude
    }
    return sum > 1e-9 * size && sum.isFinite && size.isFinite ? sum : nil
  }

  private func restore(_ inner: ConicPoint) throws -> ConicPoint {
    var point = inner
    for reformulation in reformulations.reversed() { point = try reformulation.restore(point) }
    return point
  }
}
