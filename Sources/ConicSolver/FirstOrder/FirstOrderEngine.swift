import ConicPrograms
import Foundation
import LinearAlgebra

/// The alternating direction method of multipliers, accelerated; see ``SplittingOperator`` for the iteration.
final class FirstOrderEngine: Engine {
  let settings: Settings
  var bias = 1.0
  var trust = 0.5
  var residualWeight = 0.0
  var smoothing = 0.5
  var growth = 1.5
  var firstChange = 25
  var makeAcceleration: ((Int) -> any Acceleration)?
  /// Changes of the penalty so far.
  private(set) var penaltyChanges = 0
  private(set) var accepted = 0
  private(set) var rejected = 0
  private(set) var projectionSeconds = 0.0
  private(set) var linearSeconds = 0.0
  private(set) var iterations = 0

  init(_ settings: Settings) { self.settings = settings }

  func run(_ program: ConicProgram, from point: ConicPoint, monitor: Monitor) throws -> ConicPoint {
    let op = try SplittingOperator(program, penalty: settings.penalty)
    var acceleration = makeAcceleration?(program.rowCount) ?? Self.acceleration(settings, measured: program.rowCount)
    var w = op.argument(of: point)
    var step = w
    defer {
      accepted += acceleration.accepted
      rejected += acceleration.rejected
      projectionSeconds += op.projector.seconds
      linearSeconds += op.linearSeconds
    }
    var iteration = 0
    var next = firstChange
    var nextRay = 1
    while true {
      try op.step(at: w, into: &step)
      iteration += 1
      iterations += 1
      let isCheck =
        iteration % settings.checkInterval == 0 || iteration <= 2 || iteration >= settings.maximumIterations || monitor.isOutOfTime
      if isCheck {
        if try monitor.check(op.point, phase: .firstOrder, iteration: iteration, penalty: op.penalty) { break }
        if iteration >= nextRay {
          nextRay = iteration < 100 ? iteration + 1 : iteration * 5 / 4
          if try offerRays(op, step, monitor) { break }
        }
      }
      if settings.adaptsPenalty, isCheck, iteration >= next, monitor.history[monitor.history.count - 1].residuals.worst < trust {
        next = Int((Double(iteration) * growth).rounded(.up))
        let r = monitor.history[monitor.history.count - 1].residuals
        let residualRatio = (r.primal / r.primalScale) / (r.dual / r.dualScale)
        let target = op.penalty * pow(op.balancedPenalty * bias / op.penalty, smoothing) * pow(min(max(residualRatio, 1e-3), 1e3), residualWeight)
        if target > 0, target.isFinite, target > 1.5 * op.penalty || target < op.penalty / 1.5 {
          w = op.setPenalty(min(max(target, 1e-6), 1e6))
          acceleration.reset()
          penaltyChanges += 1
          continue
        }
      }
      acceleration.advance(&w, step: step)
    }
    return op.point
  }

  /// Shows the monitor directions in which the iterates run away; true when it accepted one.
  private func offerRays(_ op: SplittingOperator, _ step: [Double], _ monitor: Monitor) throws -> Bool {
    let rows = op.program.rowCount
    for direction in [op.u, step[0..<rows].map { -$0 }] {
      if let z = try op.dualRay(near: direction), try monitor.considerDualRay(z) { return true }
    }
    for direction in [op.x, Array(step[rows...])] {
      if let x = try op.primalRay(near: direction), try monitor.considerPrimalRay(x) { return true }
    }
    return false
  }

  private static func acceleration(_ settings: Settings, measured: Int) -> any Acceleration {
    switch settings.acceleration {
    case .none: PlainIteration(relaxation: settings.relaxation)
    case .halpern: HalpernIteration(measured: measured)
    case .anderson(let memory): AndersonIteration(measured: measured, memory: memory, relaxation: settings.relaxation)
    }
  }
}
