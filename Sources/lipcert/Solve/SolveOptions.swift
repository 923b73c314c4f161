import ArgumentParser
import CommandLineSupport

/// Options that hold for problems of every kind.
struct SolveOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "The method (default: the best for the problem).",
      discussion: "Semidefinite programs: \(SemidefiniteProgramRun.methods). Linear programs: \(LinearProgramRun.methods).",
      valueName: "name"))
  var method: String?

  @Option(help: ArgumentHelp("Seconds for each problem (default: none).", valueName: "seconds"))
  var timeLimit: Double?

  @Option(
    help: ArgumentHelp("The most iterations: first-order ones, or those of the simplex method (default: the solver's).", valueName: "n"))
  var iterationLimit: Int?

  @Option(help: ArgumentHelp("Write the vectors of the solution as JSON.", valueName: "out"), completion: .file(extensions: ["json"]))
  var solution: String?

  @Option(
    help: ArgumentHelp("Write the problem to another file (.dat-s; .mps or .lp) instead of solving it.", valueName: "out"),
    completion: .file())
  var write: String?

  @Flag(name: .customLong("log"), help: "Show the solver's iterations on standard error.")
  var showsLog = false

  func validate() throws {
    if let timeLimit, !(timeLimit > 0 && timeLimit.isFinite) { throw ValidationError("--time-limit must be positive") }
    if let iterationLimit, iterationLimit < 0 { throw ValidationError("--iteration-limit must not be negative") }
    if write != nil, solution != nil { throw ValidationError("--write and --solution exclude each other") }
  }
}
