import ArgumentParser
import CommandLineSupport
import LinearProgramming

/// `lipcert solve`: the optimisation engines on their own.
struct SolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solve",
    abstract: "Solve an optimisation problem from a file and prove a bound on its value.",
    discussion: """
      Linear and mixed-integer linear programs come as MPS (.mps) or CPLEX-LP (.lp). Residuals are recomputed from the file's numbers, and the \
      safe bound holds whatever the solver did. The exit code is 1 when the problem is infeasible or unbounded, 3 when a limit was reached.

      Example:

        lipcert solve problem.mps
        lipcert solve problem.mps --method primal --json
        lipcert solve problem.mps --time-limit 60 --solution solution.json
        lipcert solve problem.mps --write copy.lp
      """)

  @Argument(help: "The problem: .mps or .lp.", completion: .file(extensions: ["mps", "lp"]))
  var problem: String

  @OptionGroup(title: "Linear programs") var linear: LinearProgramOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  func run() throws {
    let log = logging.start()
    Interruption.install()
    guard LinearProgramFile.isRecognised(path: problem) else {
      throw CommandError(.usage, "\(problem): not a known kind of problem; .mps and .lp are")
    }
    try LinearProgramRun(path: problem, options: linear, output: output, log: log).run()
  }
}
