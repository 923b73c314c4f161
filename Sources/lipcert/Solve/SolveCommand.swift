import ArgumentParser
import CommandLineSupport
import ConicSolver
import FileSupport
import Foundation
import LinearProgramming
import Logging
import Reports

/// `lipcert solve`: the optimisation engines on their own.
struct SolveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "solve",
    abstract: "Solve optimisation problems from files: semidefinite and linear programs.",
    discussion: """
      Semidefinite programs come in SDPA sparse format (.dat-s), linear and mixed-integer linear programs as MPS (.mps) or CPLEX-LP (.lp). \
      Whatever the engines report, residuals are recomputed from the file's numbers. The exit code is 0 when every problem was solved to the \
      tolerance, 1 when one is infeasible or unbounded, 3 when one was not solved. Ctrl-C stops with the best point so far.

      Example:

        lipcert solve problem.dat-s
        lipcert solve problem.dat-s --prove
        lipcert solve problem.dat-s --log --solution solution.json
        lipcert solve problem.dat-s problem.mps --time-limit 60
        lipcert solve problem.dat-s --report report
        lipcert solve problem.mps --method primal --json
        lipcert solve problem.mps --write copy.lp
      """)

  @Argument(help: "The problems: .dat-s, .mps or .lp.", completion: .file(extensions: ["dat-s", "mps", "lp"]))
  var problems: [String]

  @OptionGroup(title: "Solver") var options: SolveOptions
  @OptionGroup(title: "Solver") var threading: ThreadOptions
  @OptionGroup(title: "Semidefinite programs") var semidefinite: SemidefiniteProgramOptions
  @OptionGroup(title: "Linear programs") var linear: LinearProgramOptions
  @OptionGroup(title: "Report") var report: SolveReportOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  func validate() throws {
    guard problems.count > 1 else { return }
    if options.solution != nil { throw ValidationError("--solution takes one problem") }
    if options.write != nil { throw ValidationError("--write takes one problem") }
  }

  func run() throws {
    let log = logging.start()
    threading.apply(log)
    Interruption.install()
    let runs = try problems.map { try Self.run($0, self, log) }
    for run in runs { try run.validate() }
    if let target = options.write {
      for run in runs {
        let copy = try run.convert(to: target)
        try output.print(text: { copy.lines }, json: { copy.json })
      }
    } else if let run = runs.first, runs.count == 1, !report.isWanted {
      try solve(run, log)
    } else {
      try SolveBatch(
        runs: runs, settings: settings, timeLimit: options.timeLimit, report: report, output: output,
        showsProgress: logging.showsProgress, log: log
      ).run()
    }
  }

  private static func run(_ path: String, _ command: SolveCommand, _ log: Logger) throws -> any SolveRun {
    if SemidefiniteProgramRun.isRecognised(path: path) {
      return SemidefiniteProgramRun(
        path: path, options: command.options, semidefinite: command.semidefinite, showsProgress: command.logging.showsProgress, log: log)
    }
    guard LinearProgramFile.isRecognised(path: path) else {
      throw CommandError(.usage, "\(path): not a known kind of problem; .dat-s, .mps and .lp are")
    }
    return LinearProgramRun(path: path, options: command.options, linear: command.linear, log: log)
  }

  private func solve(_ run: any SolveRun, _ log: Logger) throws {
    try OutputPlace.require(file: options.solution)
    let answer = try run.solve()
    // A file that cannot be written after all does not keep the answer from being told.
    let writing = Result {
      if let target = options.solution { try AtomicFile.write(Data((answer.solution.formatted + "\n").utf8), path: target) }
    }
    try output.print(text: { answer.lines }, json: { answer.json })
    try writing.get()
    let status = answer.summary.verdict.exitStatus
    if status != .success { throw status.code }
  }

  /// What was asked for, in words.
  private var settings: [(name: String, value: String)] {
    [
      ("Method", options.method ?? "automatic"), ("Tolerance", "\(semidefinite.tolerance)"),
      ("Decomposition", semidefinite.decomposition.rawValue),
      ("Time limit", options.timeLimit.map { "\(Quantity.seconds($0)) s for each problem" } ?? "none"),
    ]
  }
}
