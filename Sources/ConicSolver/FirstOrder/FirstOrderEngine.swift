import ConicPrograms
import Foundation
import LinearAlgebra

/// The alternating direction method of multipliers, accelerated; see ``SplittingOperator`` for the iteration.
final class FirstOrderEngine: Engine {
  let settings: Settings
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
    var logs: [Double] = []
    var iteration = 0
    var lastChange = 0
    var wait = 50
    while true {
      try op.step(at: w, into: &step)
      iteration += 1
      iterations += 1
      let isCheck =
        iteration % settings.checkInterval == 0 || iteration <= 2 || iteration >= settings.maximumIterations || monitor.isOutOfTime
      if isCheck {
        if try monitor.check(op.point, phase: .firstOrder, iteration: iteration, penalty: op.penalty) { break }
        if settings.adaptsPenalty, iteration > 2, let last = monitor.history.last {
          let r = last.residuals
          let ratio = (r.primal / r.primalScale) / (r.dual / r.dualScale)
          if ratio > 0, ratio.isFinite { logs.append(log2(ratio)) }
          if iteration - lastChange >= wait, !logs.isEmpty {
            let mean = logs.reduce(0, +) / Double(logs.count)
            logs = []
            let factor = exp2(mean / 2)
            if factor > 2 || factor < 0.5 {
              w = op.setPenalty(min(max(op.penalty * min(max(factor, 0.1), 10), 1e-6), 1e6))
              acceleration.reset()
              penaltyChanges += 1
              lastChange = iteration
              wait = wait * 3 / 2
              continue
            }
          }
        }
      }
      acceleration.advance(&w, step: step)
    }
    return op.point
  }

  private static func acceleration(_ settings: Settings, measured: Int) -> any Acceleration {
    switch settings.acceleration {
    case .none: PlainIteration(relaxation: settings.relaxation)
    case .halpern: HalpernIteration(measured: measured)
    case .anderson(let memory): AndersonIteration(measured: measured, memory: memory, relaxation: settings.relaxation)
    }
  }
}
