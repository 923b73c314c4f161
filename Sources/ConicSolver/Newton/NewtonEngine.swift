import ConicPrograms
import LinearAlgebra

/// The augmented Lagrangian in the multipliers, each minimised by semismooth Newton steps; see ``AugmentedLagrangian``.
///
/// Fast where the Hessian is not singular at the solution and the start is near, so that first-order iterations come before it; hands the
/// point back where they do not.
struct NewtonEngine: Engine {
  /// The work done, for figures.
  struct Counts: Sendable, Equatable {
    /// Evaluations of φ, each an eigendecomposition of every semidefinite cone.
    var evaluations = 0
    /// Newton steps.
    var steps = 0
    /// Updates of the multipliers.
    var outer = 0
    /// How the directions were found.
    var directions = NewtonDirection.Counts()
  }

  /// Told the work done when the engine stops.
  var report: (Counts) -> Void = { _ in }

  func run(_ original: ConicProgram, from start: ConicPoint, monitor: Monitor) throws -> ConicPoint {
    let scaling = try UnitScaling(original)
    var iteration = NewtonIteration(scaling, from: scaling.adapt(start), tolerance: monitor.settings.tolerance)
    defer { report(iteration.counts) }
    var last = start
    try iteration.run { point, penalty, steps in
      last = scaling.restore(point)
      return try monitor.check(last, phase: .newton, iteration: steps, penalty: penalty)
    } isOutOfTime: {
      monitor.isOutOfTime
    }
    return last
  }
}
