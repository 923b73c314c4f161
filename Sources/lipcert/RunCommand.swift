import ArgumentParser
import CommandLineSupport
import Foundation
import Lipschitz
import Logging
import Reports
import Studies

/// `lipcert run`: whole studies.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a study: every method on every network it names, into one report.",
    discussion: """
      The study is a YAML file that names networks (made from a recipe, or files), norms, outputs, methods and the budget. Each network gets a \
      report of its own, and all of them one overview; results are written as they come. Ctrl-C keeps what is done, and --resume goes on from \
      there. A study with variants trains each of them with each seed, says which of its claims hold, and always goes on where it was.

      Example:

        lipcert run study.yaml --explain
        lipcert run study.yaml
        lipcert run study.yaml --out results --resume
      """)

  @Argument(help: "The study file.", completion: .file(extensions: ["yaml", "yml"]))
  var study: String

  @Option(
    help: ArgumentHelp("The report's folder (default: reports/NAME for NAME.yaml).", valueName: "dir"), completion: .directory)
  var out: String?

  @Flag(help: "Keep results that are complete and were made from the same inputs.")
  var resume = false

  @Flag(help: "Print what would be done, step by step, and do nothing.")
  var explain = false

  @OptionGroup var dataOption: DataOption

  @OptionGroup(title: "Computation") var threading: ThreadOptions
  @OptionGroup(title: "Output") var output: OutputOptions
  @OptionGroup(title: "Output") var logging: LogOptions

  func run() throws {
    let log = logging.start()
    threading.apply(log)
    try InputFile.require(study)
    if explain {
      let isTraining = try TrainingStudy.isLikely(path: study)
      let plan = try isTraining ? TrainingStudy.read(path: study, data: dataOption.description()).plan : Study.read(path: study).plan
      return try output.print(text: { plan.lines }, json: { plan.json })
    }
    let folder = out ?? "reports/" + URL(fileURLWithPath: study).deletingPathExtension().lastPathComponent
    Interruption.install()
    if try TrainingStudy.isLikely(path: study) { return try train(folder, log) }
    if dataOption.data != nil { throw CommandError(.usage, "--data goes with a study of training, which has variants") }
    var content = try Study.read(path: study)
    content.budget.isCancelled = { Interruption.isRequested }
    let runner = StudyRunner(
      content, sha256: try FileDigest.sha256(path: study), folder: folder, isResuming: resume,
      observe: { tell($0, log) })
    let report = try runner.run()
    Console.shared.eraseProgress()
    try output.print(text: { report.lines + ["Report: \(ReportFolder(path: folder).index)"] }, json: { report.json })
    if Interruption.isRequested {
      throw CommandError(
        .failure, "interrupted after \(report.done.count) of \(report.comparisons.count); --resume goes on from there")
    }
  }

  private func train(_ folder: String, _ log: Logger) throws {
    let runner = TrainingStudyRunner(
      try .read(path: study, data: dataOption.description()), folder: folder, isCancelled: { Interruption.isRequested })
    let showsProgress = logging.showsProgress
    let (report, isComplete) = try runner.run { event in
      if showsProgress {
        Console.shared.draw { "\(event.done) of \(event.total)  \(event.run)  \(Self.words(event.detail))" }
      }
    }
    Console.shared.eraseProgress()
    try output.print(text: { report.lines + ["Report: \(runner.folder.index)"] }, json: { report.json })
    if !isComplete { throw CommandError(.failure, "interrupted; the same command goes on from there") }
  }

  private static func words(_ detail: TrainingStudyRunner.Event.Detail) -> String {
    switch detail {
    case .training(let event): TrainingLine.words(event)
    case .certifying(let event): CompareCommand.line(event)
    }
  }

  private func tell(_ event: StudyRunner.Event, _ log: Logger) {
    switch event {
    case .kept(let step):
      Console.shared.eraseProgress()
      log.notice("\(step): kept, its inputs are the same")
    case .progress(let progress):
      if logging.showsProgress { Console.shared.draw { Self.line(progress) } }
    case .finished(let step, let seconds):
      Console.shared.eraseProgress()
      log.notice("\(step): \(Quantity.seconds(seconds)) s")
    }
  }

  /// `[######--------------] 3 of 7  cnn: lipsdp 1.20 s  about 2 min left`.
  static func line(_ progress: StudyRunner.Progress) -> String {
    let width = 20
    let filled = progress.total == 0 ? width : width * progress.done / progress.total
    var parts = [
      "[" + String(repeating: "#", count: filled) + String(repeating: "-", count: width - filled) + "]",
      "\(progress.done) of \(progress.total)", "\(progress.step): \(progress.method)",
    ]
    if Interruption.isRequested {
      parts.append("stopping; Ctrl-C again ends at once")
    } else if let remaining = progress.remaining {
      parts.append("about \(Self.words(seconds: remaining)) left")
    }
    if let moment = progress.moment {
      let upper = moment.upper.map { " upper \(DecimalBound.up($0, digits: 5))" } ?? ""
      parts.append("\(Quantity.seconds(moment.seconds)) s" + upper)
    }
    return parts.joined(separator: "  ")
  }

  /// "40 s", "3 min", "1 h 20 min".
  static func words(seconds: Double) -> String {
    guard seconds >= 60 else { return "\(Int(seconds.rounded(.up))) s" }
    let minutes = Int((seconds / 60).rounded(.up))
    return minutes < 60 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
  }
}
