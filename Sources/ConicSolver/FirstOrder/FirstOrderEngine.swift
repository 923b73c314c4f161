import ConicPrograms
import LinearAlgebra

/// The alternating direction method of multipliers, accelerated: the engine for every program, to moderate accuracy.
///
/// See ``SplittingOperator`` for the iteration. The penalty ρ follows |z|/|s|: from the origin, the method's bounds grow with
/// ρ|s*|² + |z*|²/ρ, least where both terms are equal. The balance of the residuals, which other solvers follow, says little about that.
/// Changes are damped and come at longer and longer intervals.
final class FirstOrderEngine: Engine {
  /// What happened, for people.
  struct Counters: Sendable, Equatable {
    /// Applications of the splitting operator.
    var iterations = 0
    /// Changes of the penalty.
    var penaltyChanges = 0
    /// Accelerated points that were kept and taken back.
    var accelerated = 0
    var rejected = 0
    /// Seconds in projections onto the cones, and in products with A and linear systems.
    var projectionSeconds = 0.0
    var linearSeconds = 0.0
  }

  let settings: ConicSettings
  private(set) var counters = Counters()

  init(_ settings: ConicSettings) { self.settings = settings }

  func run(_ program: ConicProgram, from point: ConicPoint, monitor: Monitor) throws -> ConicPoint {
    let splitting = try SplittingOperator(program, penalty: settings.penalty)
    var w = splitting.argument(of: point)
    var step = w
    var acceleration: any Acceleration =
      switch settings.acceleration {
      case .none: PlainIteration(relaxation: settings.relaxation)
      case .anderson(let memory):
        AndersonIteration(
          count: w.count, measured: program.rowCount, memory: Self.affordable(memory, w.count), relaxation: settings.relaxation)
      }
    let before = counters
    defer {
      counters.accelerated = before.accelerated + acceleration.accepted
      counters.rejected = before.rejected + acceleration.rejected
      counters.projectionSeconds = before.projectionSeconds + splitting.projector.seconds
      counters.linearSeconds = before.linearSeconds + splitting.linearSeconds
    }
    var penaltyRule = PenaltyRule()
    var (iteration, nextRay) = (0, 1)
    while true {
      try splitting.step(at: w, into: &step)
      iteration += 1
      counters.iterations += 1
      if iteration % settings.checkInterval == 0 || iteration <= 2 || iteration >= settings.maximumIterations || monitor.isOutOfTime {
        if try monitor.check(splitting.point, phase: .firstOrder, iteration: iteration, penalty: splitting.penalty) { break }
        if iteration >= nextRay {
          nextRay = iteration < 100 ? iteration + 1 : iteration * 5 / 4
          if try offerRays(splitting, step, monitor) { break }
        }
        if settings.adaptsPenalty, let residuals = monitor.history.last?.residuals,
          let penalty = penaltyRule.change(
            of: splitting.penalty, balanced: splitting.balancedPenalty, iteration: iteration, error: residuals.worst)
        {
          w = splitting.setPenalty(penalty)
          acceleration.reset()
          counters.penaltyChanges += 1
          continue
        }
      }
      acceleration.advance(&w, step: step)
    }
    return splitting.point
  }

  /// As much of the wanted memory as fits half a gigabyte, but not less than a few steps.
  private static func affordable(_ memory: Int, _ count: Int) -> Int { min(memory, max(4, (1 << 25) / max(count, 1))) }

  /// Shows the monitor directions in which the iterates run away; true when it accepted one.
  private func offerRays(_ splitting: SplittingOperator, _ step: [Double], _ monitor: Monitor) throws -> Bool {
    let rows = splitting.program.rowCount
    for direction in [splitting.u, step[0..<rows].map { -$0 }] {
      if let z = try splitting.dualRay(near: direction), try monitor.considerDualRay(z) { return true }
    }
    for direction in [splitting.x, Array(step[rows...])] {
      if let x = try splitting.primalRay(near: direction), try monitor.considerPrimalRay(x) { return true }
    }
    return false
  }
}
