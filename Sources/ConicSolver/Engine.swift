import ConicPrograms

/// An iterative method for conic programs.
///
/// Engines know nothing of tolerances, limits and the user's data: they show their iterate to the ``Monitor`` at every iteration or every
/// few, and stop when it says so. Every point shown has s ∈ K and z ∈ K* (by projection or by a barrier).
protocol Engine {
  /// Improves `point` until the monitor stops it, or the engine itself can go no further.
  ///
  /// - Throws: `LinearAlgebraError` when the linear algebra breaks down; the monitor keeps the best point shown before.
  func run(_ program: ConicProgram, from point: ConicPoint, monitor: Monitor) throws -> ConicPoint
}
