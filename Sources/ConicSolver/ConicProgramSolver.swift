import ConicPrograms
import LinearAlgebra

/// Solves conic programs: first-order iterations, Newton's method on the multipliers, and an interior point, each where it pays.
///
/// Whatever the engines believe, "solved" is decided on the user's data: scaling and decomposition are undone, residuals and the distances
/// to both cones recomputed, with scales of the data only (`Residuals`).
public struct ConicProgramSolver {
  /// The program.
  public let program: ConicProgram
  /// The settings.
  public let settings: ConicSettings

  /// A solver for a program.
  ///
  /// - Throws: ``ConicSettingsError`` when a setting is out of range.
  public init(_ program: ConicProgram, settings: ConicSettings = ConicSettings()) throws(ConicSettingsError) {
    try settings.validate()
    self.program = program
    self.settings = settings
  }

  /// Solves the program.
  ///
  /// - Parameters:
  ///   - start: a point to start from, such as the solution of a similar program.
  ///   - progress: shown every row of the log; returning false stops the solve with the best point so far.
  /// - Returns: the solution; breakdowns of the linear algebra are a status, not an error.
  /// - Throws: `ConicProgramError` when a start does not fit or scaling overflows.
  public func solve(
    from start: ConicPoint? = nil, progress: @escaping (ConicProgress) -> Bool = { _ in true }
  ) throws(ConicProgramError) -> ConicSolution {
    if let start, start.x.count != program.variableCount || start.s.count != program.rowCount || start.z.count != program.rowCount {
      throw .sizes("the start does not have the program's sizes")
    }
    var run = try SolverRun(program: program, settings: settings, callback: progress)
    return run.solve(from: start)
  }
}
