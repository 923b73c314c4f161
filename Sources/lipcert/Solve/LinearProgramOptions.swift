import ArgumentParser
import LinearProgramming

/// How linear programs are solved.
struct LinearProgramOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("The method: primal or dual simplex, interior point, or exact (rational) simplex.", valueName: "name"),
    completion: .list(LinearSettings.Method.allCases.map(\.rawValue)))
  var method = LinearSettings.Method.dual

  @Flag(name: .customLong("no-presolve"), help: "Start from the whole program.")
  var isWithoutPresolve = false

  @Option(help: ArgumentHelp("Seconds for the solver (default: none).", valueName: "seconds"))
  var timeLimit: Double?

  @Option(help: ArgumentHelp("The most simplex iterations (default: no limit).", valueName: "n"))
  var iterationLimit: Int?

  @Option(help: ArgumentHelp("Relative gap at which branch and cut stops.", valueName: "gap"))
  var gap = 0.0

  @Option(help: ArgumentHelp("Write the solution as JSON.", valueName: "out"), completion: .file(extensions: ["json"]))
  var solution: String?

  @Option(help: ArgumentHelp("Write the program to an .mps or .lp file instead of solving it.", valueName: "out"), completion: .file())
  var write: String?

  @Flag(name: .customLong("log"), help: "Show the solver's own log on standard error.")
  var showsLog = false

  func validate() throws {
    if let timeLimit, !(timeLimit > 0 && timeLimit.isFinite) { throw ValidationError("--time-limit must be positive") }
    if let iterationLimit, iterationLimit < 0 { throw ValidationError("--iteration-limit must not be negative") }
    guard gap >= 0, gap < 1 else { throw ValidationError("--gap must be at least 0 and below 1") }
    if let write, !LinearProgramFile.isRecognised(path: write) { throw ValidationError("--write takes an .mps or .lp file") }
    if write != nil, solution != nil { throw ValidationError("--write and --solution exclude each other") }
  }

  /// The settings of the solver.
  func settings() throws -> LinearSettings {
    try LinearSettings(
      method: method, presolves: !isWithoutPresolve, iterationLimit: iterationLimit, timeLimit: timeLimit,
      branchAndCut: LinearSettings.BranchAndCut(relativeGap: gap))
  }
}

extension LinearSettings.Method: ExpressibleByArgument {}
