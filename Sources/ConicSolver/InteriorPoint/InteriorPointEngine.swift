import ConicPrograms
import LinearAlgebra

/// A primal-dual path-following method with the HKM direction and Mehrotra's predictor and corrector.
///
/// It works on the multipliers x alone: every step solves one linear system of their number, so few multipliers make it cheap whatever the
/// order of the matrices. After Helmberg, Rendl, Vanderbei and Wolkowicz (SIAM J. Optimization 6, 1996) and Borchers (CSDP, Optimization
/// Methods and Software 11, 1999), from an infeasible start. Equations are kept by a second Schur complement. Second-order cones must have
/// been rewritten as arrow matrices (``ArrowForm``).
struct InteriorPointEngine: Engine {
  /// The most iterations.
  var maximumIterations = 100

  func run(_ program: ConicProgram, from point: ConicPoint, monitor: Monitor) throws -> ConicPoint {
    var state = try InteriorPointState(program)
    var stalled = 0
    var bestWorst = Double.infinity
    for iteration in 0...maximumIterations {
      let current = state.point
      if try monitor.check(current, phase: .interiorPoint, iteration: iteration, penalty: state.μ) { return current }
      if try state.offerRays(of: current, to: monitor) { return current }
      if let shown = monitor.history.last?.residuals, shown.worst < 1e-3, shown.dual / shown.dualScale > 0.1 * monitor.settings.tolerance {
        if try monitor.consider(state.projected(current)) { return current }
      }
      let worst = min(monitor.history.last?.residuals.worst ?? .infinity, monitor.best?.residuals.worst ?? .infinity)
      stalled = worst < 0.9 * bestWorst ? 0 : stalled + 1
      bestWorst = min(bestWorst, worst)
      guard stalled < 15, try state.step() else { return current }
    }
    return state.point
  }
}
