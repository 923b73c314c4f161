import CommandLineSupport
import Foundation
import LinearProgramming
import Logging
import Reports

/// Several problems one after the other: a table with a row for each, and a report where one is wanted.
struct SolveBatch {
  let runs: [any SolveRun]
  let settings: [(name: String, value: String)]
  let timeLimit: Double?
  let report: SolveReportOptions
  let output: OutputOptions
  let showsProgress: Bool
  let log: Logger

  func run() throws {
    let peers = try report.peerTable()
    let folder = report.report.map(ReportFolder.init)
    try folder?.prepare()
    var (problems, lifted, worst) = ([SolvedProblem](), [LiftedComparison](), ExitStatus.success)
    for (index, run) in runs.enumerated() {
      if Interruption.isRequested {
        log.notice("interrupted: \(Quantity.counted(runs.count - index, "problem")) not started")
        worst = Self.worse(worst, .failure)
        break
      }
      if showsProgress { Console.shared.draw { "\(index + 1) of \(runs.count)  \(run.path)" } }
      do {
        let problem = try run.solve().summary
        log.debug("\(run.path): \(problem.status) in \(Quantity.seconds(problem.wallSeconds)) s")
        worst = Self.worse(worst, problem.verdict.exitStatus)
        problems.append(problem)
        if report.lifted, let comparison = try LiftedRun(path: run.path, timeLimit: timeLimit, log: log).compare() {
          lifted.append(comparison)
        }
      } catch {
        // One bad file does not keep the others from being solved.
        Console.shared.eraseProgress()
        log.error("\(error)")
        worst = Self.worse(worst, ExitStatus(of: error))
      }
    }
    Console.shared.eraseProgress()
    var result = SolveReport(problems: problems, peers: peers, settings: settings)
    result.lifted = lifted
    try folder?.write(result)
    try output.print(
      text: { result.lines + (peers.isEmpty ? [] : [""] + result.findings) + (folder.map { ["Report: \($0.index)"] } ?? []) },
      json: { result.json })
    if worst != .success { throw worst.code }
  }

  /// The status that says more: a bad file before a failure before a negative verdict.
  private static func worse(_ a: ExitStatus, _ b: ExitStatus) -> ExitStatus {
    let order: [ExitStatus] = [.usage, .failure, .negative]
    return order.first { $0 == a || $0 == b } ?? .success
  }
}
