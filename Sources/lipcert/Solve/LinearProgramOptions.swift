import ArgumentParser
import LinearProgramming

/// How linear programs are solved.
struct LinearProgramOptions: ParsableArguments {
  @Flag(name: .customLong("no-presolve"), help: "Start from the whole program.")
  var isWithoutPresolve = false

  @Option(help: ArgumentHelp("Relative gap at which branch and cut stops.", valueName: "gap"))
  var gap = 0.0

  func validate() throws {
    guard gap >= 0, gap < 1 else { throw ValidationError("--gap must be at least 0 and below 1") }
  }

  /// The settings of the solver.
  func settings(_ options: SolveOptions, method: LinearSettings.Method) throws -> LinearSettings {
    try LinearSettings(
      method: method, presolves: !isWithoutPresolve, iterationLimit: options.iterationLimit, timeLimit: options.timeLimit,
      branchAndCut: LinearSettings.BranchAndCut(relativeGap: gap))
  }
}
