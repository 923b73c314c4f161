import Certificates
import CommandLineSupport
import FileSupport
import Foundation
import Lipschitz
import Reports

/// Runs a study step by step; every step's results are on the disk before the next one starts.
public struct StudyRunner {
  /// Where a study is.
  public struct Progress: Sendable {
    /// Steps that are done.
    public var done: Int
    /// All steps.
    public var total: Int
    /// The step that runs.
    public var step: String
    /// The method that runs.
    public var method: String
    /// Where the method is, when it has said so.
    public var moment: LipschitzEstimate.Progress?
    /// Seconds left, when something is known about it.
    public var remaining: Double?
  }

  /// What happens while a study runs.
  public enum Event: Sendable {
    /// A step is left out, because its results are there already.
    case kept(step: String)
    /// Something moved.
    case progress(Progress)
    /// A step ended.
    case finished(step: String, seconds: Double)
  }

  private let study: Study
  private let folder: ReportFolder
  private let isResuming: Bool
  private let sha256: String
  private let observe: (Event) -> Void

  /// A runner.
  ///
  /// - Parameters:
  ///   - study: what is to be done; its budget says how to ask for cancellation.
  ///   - sha256: of the study file.
  ///   - folder: where the report goes.
  ///   - isResuming: whether steps whose results are complete, and were made from the same inputs by the same version, are kept.
  ///   - observe: told what happens, on the running thread.
  public init(_ study: Study, sha256: String, folder: String, isResuming: Bool = false, observe: @escaping (Event) -> Void = { _ in }) {
    (self.study, self.sha256, self.folder) = (study, sha256, ReportFolder(path: folder))
    (self.isResuming, self.observe) = (isResuming, observe)
  }

  /// Runs what is to be run and writes the overview after every step.
  ///
  /// - Returns: the overview as written last; cancelled studies name the steps that were not run.
  /// - Throws: Errors that name the model or the file. What was finished before is on the disk, in the overview as well.
  public func run() throws -> StudyReport {
    try folder.prepare()
    let steps = study.comparisons
    var comparisons = steps.map {
      StudyReport.Comparison(id: $0.id, title: $0.model.title, folder: $0.folder, summary: nil, absence: "not run yet")
    }
    let clock = StudyClock(steps: steps, limit: study.budget.timeLimit)
    for (index, step) in steps.enumerated() {
      if study.budget.isCancelled() { break }
      comparisons[index].summary = try run(step, index: index, total: steps.count, clock: clock)
      if study.budget.isCancelled() { break }
      try folder.write(report(comparisons))
    }
    if study.budget.isCancelled() {
      for index in comparisons.indices where comparisons[index].summary == nil { comparisons[index].absence = "not run: interrupted" }
    }
    let report = report(comparisons)
    try folder.write(report)
    return report
  }

  /// Runs a step unless its results can be kept.
  private func run(_ step: ComparisonStep, index: Int, total: Int, clock: StudyClock) throws -> ComparisonSummary {
    let own = ReportFolder(path: folder.file(step.folder))
    try own.prepare()
    let network = try step.load(to: own.path)
    let record = StepRecord(inputs: step.inputsDigest(network: network))
    if isResuming, StepRecord.read(folder: own.path) == record, let summary = try? summary(own) {
      clock.skip(step.model.methods)
      observe(.kept(step: step.id))
      return summary
    }
    StepRecord.remove(folder: own.path)
    let began = ContinuousClock.now
    var observer = MethodRunner.Observer()
    func tell(_ method: String, _ moment: LipschitzEstimate.Progress?) {
      observe(
        .progress(
          Progress(done: index, total: total, step: step.id, method: method, moment: moment, remaining: clock.remaining)))
    }
    observer.starts = { method in
      clock.start()
      tell(method, nil)
    }
    observer.progresses = { tell($0, $1) }
    observer.ends = { clock.finish($0.estimate.method) }
    try step.run(network, folder: own, observer: observer)
    let summary = try summary(own)
    // Interrupted results are kept, but not taken for complete ones.
    if !study.budget.isCancelled() { try record.write(folder: own.path) }
    observe(.finished(step: step.id, seconds: began.duration(to: .now) / .seconds(1)))
    return summary
  }

  private func summary(_ folder: ReportFolder) throws -> ComparisonSummary {
    try ComparisonSummary(json: Data(contentsOf: URL(fileURLWithPath: folder.file("results.json"))))
  }

  private func report(_ comparisons: [StudyReport.Comparison]) -> StudyReport {
    let budget = study.budget
    let settings: [(String, String)] = [
      ("Tolerance", "\(budget.tolerance) (relative gap)"),
      ("Time limit", budget.timeLimit.map { "\(Quantity.seconds($0)) s for each method on each network" } ?? "none"),
      ("Memory limit", "\(Quantity.bytes(budget.memoryLimit)) for a proof"), ("Seed", "\(budget.seed)"),
    ]
    return StudyReport(
      title: study.title, summary: study.summary, file: study.file, sha256: sha256, settings: settings, comparisons: comparisons)
  }
}

/// The time of the method that runs and the estimate of what is left, shared by the closures of an observer.
private final class StudyClock {
  private var estimate: TimeEstimate
  private var began = ContinuousClock.now

  init(steps: [ComparisonStep], limit: Double?) {
    estimate = TimeEstimate(pending: steps.flatMap(\.model.methods), limit: limit)
  }

  private var elapsed: Double { began.duration(to: .now) / .seconds(1) }

  var remaining: Double? { estimate.remaining(elapsed: elapsed) }

  func start() { began = .now }

  func finish(_ method: String) { estimate.finish(method, seconds: elapsed) }

  func skip(_ methods: [String]) { estimate.skip(methods) }
}
