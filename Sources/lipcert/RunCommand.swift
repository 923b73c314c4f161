import ArgumentParser
import CommandLineSupport
import Foundation
import Lipschitz
import Logging
import Reports
import Robustness
import Studies

/// `lipcert run`: whole studies.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Run a study: networks by methods, variants by seeds, or steps of any kind, into one report.",
    discussion: """
      The study is a YAML file. One with 'models' bounds networks (made from a recipe, or files) by every method it asks for; one with \
      'variants' trains each of them with each seed and says which of its claims hold; one with 'steps' does what they say, each with the \
      networks and certificates of earlier ones. Results are written as they come. A step whose results are there, and were made from the \
      same inputs by the same version, is not run again, so the same command goes on after Ctrl-C, a crash or a change of the file.

      Example:

        lipcert run study.yaml --explain
        lipcert run study.yaml
        lipcert run study.yaml --out results --resume
        lipcert run study.yaml --out results --no-resume
      """)

  @Argument(help: "The study file.", completion: .file(extensions: ["yaml", "yml"]))
  var study: String

  @Option(
    help: ArgumentHelp("The report's folder (default: reports/NAME for NAME.yaml).", valueName: "dir"), completion: .directory)
  var out: String?

  @Flag(inversion: .prefixedNo, help: "Keep results that are complete and were made from the same inputs.")
  var resume = true

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
    let content = try StudyFile.read(path: study, data: dataOption.description())
    if explain {
      let plan = content.plan
      return try output.print(text: { plan.lines }, json: { plan.json })
    }
    let folder = out ?? "reports/" + URL(fileURLWithPath: study).deletingPathExtension().lastPathComponent
    Interruption.install()
    let showsProgress = logging.showsProgress
    let runner = StudyRunner(content, folder: folder, isKeeping: resume, isCancelled: { Interruption.isRequested }) { event in
      Self.tell(event, log, showsProgress: showsProgress)
    }
    let outcome = try runner.run()
    Console.shared.eraseProgress()
    let report = outcome.report
    try output.print(text: { report.lines + ["Report: \(ReportFolder(path: folder).index)"] }, json: { report.json })
    if Interruption.isRequested {
      throw CommandError(.failure, "interrupted after \(outcome.done) of \(outcome.total) steps; the same command goes on from there")
    }
  }

  private static func tell(_ event: StudyRunner.Event, _ log: Logger, showsProgress: Bool) {
    switch event {
    case .kept(let step):
      Console.shared.eraseProgress()
      log.notice("\(step): kept, its inputs are the same")
    case .started(let step, let done, let total):
      if showsProgress { Console.shared.draw { "\(Quantity.progress(done, of: total))  \(step)" } }
    case .progress(let progress):
      if showsProgress { Console.shared.draw { line(progress) } }
    case .finished(let step, let seconds):
      Console.shared.eraseProgress()
      log.notice("\(step): \(Quantity.seconds(seconds)) s")
    }
  }

  /// `[######--------------] 3 of 7  cnn: lipsdp 1.20 s  about 2 min left`.
  static func line(_ progress: StudyRunner.Progress) -> String {
    let detail = words(progress.detail)
    var parts = [Quantity.progress(progress.done, of: progress.total), "\(progress.step): \(detail.words)"]
    if Interruption.isRequested {
      parts.append("stopping; Ctrl-C again ends at once")
    } else if let remaining = progress.remaining {
      parts.append("about \(Quantity.wait(remaining)) left")
    }
    return (parts + detail.rest).joined(separator: "  ")
  }

  /// What a step does, and where it is in that.
  private static func words(_ detail: StepContext.Detail) -> (words: String, rest: [String]) {
    switch detail {
    case .method(let method, let moment):
      guard let moment else { return (method, []) }
      let upper = moment.upper.map { " upper \(DecimalBound.up($0, digits: 5))" } ?? ""
      return (method, ["\(Quantity.seconds(moment.seconds)) s" + upper])
    case .training(let event): return (TrainingLine.words(event), [])
    case .measuring(let event): return (CompareCommand.line(event), [])
    case .radius(let event):
      switch event {
      case .preparing(let method, let done, let total): return ("\(method)  \(done) of \(total) constants", [])
      case .prepared(let method, _): return (method, [])
      case .finished(_, let done, let total): return ("\(done) of \(Quantity.counted(total, "input"))", [])
      }
    case .checking(let done, let total): return ("\(done) of \(Quantity.counted(total, "certificate"))", [])
    }
  }
}
