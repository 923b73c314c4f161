import Certificates
import Foundation
import Lipschitz
import Reports
import Synchronization

/// Carries out a study step by step. Every step's results are on the disk before the next one starts, and the report is written after each.
///
/// A step is kept, not run again, when its record says that its results were made from the same inputs (settings, files, results of earlier
/// steps, version of the program) and its files are still the same. Results therefore do not depend on how often a study was stopped.
public struct StudyRunner: Sendable {
  /// Where a study is.
  public struct Progress: Sendable {
    /// Steps that are done.
    public let done: Int
    /// All steps.
    public let total: Int
    /// The step that runs.
    public let step: String
    /// What it says.
    public let detail: StepContext.Detail
    /// Seconds left, when something is known about it.
    public let remaining: Double?
  }

  /// What happens while a study runs.
  public enum Event: Sendable {
    /// A step is left out, because its results are there already.
    case kept(step: String)
    /// A step starts.
    case started(step: String, done: Int, total: Int)
    /// Something moved.
    case progress(Progress)
    /// A step ended.
    case finished(step: String, seconds: Double)
  }

  /// What a study came to.
  public struct Outcome {
    /// The report, as it was written last.
    public let report: any StudyOverview
    /// Steps whose results are complete.
    public let done: Int
    /// All steps.
    public let total: Int
  }

  private let study: any Study
  private let folder: ReportFolder
  private let isKeeping: Bool
  private let isCancelled: @Sendable () -> Bool
  private let observe: @Sendable (Event) -> Void

  /// A runner.
  ///
  /// - Parameters:
  ///   - study: what is to be done.
  ///   - folder: where the report goes; it need not exist.
  ///   - isKeeping: whether steps whose results are there are left out.
  ///   - isCancelled: asked often; when it says true the study ends with what there is.
  ///   - observe: told what happens, on any thread.
  public init(
    _ study: any Study, folder: String, isKeeping: Bool = true, isCancelled: @escaping @Sendable () -> Bool = { false },
    observe: @escaping @Sendable (Event) -> Void = { _ in }
  ) {
    (self.study, self.folder, self.isKeeping) = (study, ReportFolder(path: folder), isKeeping)
    (self.isCancelled, self.observe) = (isCancelled, observe)
  }

  /// Runs what is to be run.
  ///
  /// - Throws: ``StepError``, or `ReportError` and `FileWriteError` about the folder. What was finished before is on the disk, in the report as well.
  public func run() throws -> Outcome {
    try folder.prepare()
    let steps = study.steps
    var results = StudyResults(folder: folder)
    let clock = StudyClock(work: steps.flatMap(\.work), limit: study.workLimit)
    let data = SharedData()
    let folders = Dictionary(steps.map { ($0.id, $0.folder) }) { first, _ in first }
    var hasNews = false
    func publish() throws {
      guard hasNews else { return }
      try folder.write(study.overview(results))
      hasNews = false
    }
    for (index, step) in steps.enumerated() where !isCancelled() {
      let progress: @Sendable (StepContext.Detail) -> Void = { detail in
        observe(.progress(Progress(done: index, total: steps.count, step: step.id, detail: detail, remaining: clock.remaining)))
      }
      let context = StepContext(
        folder: folder, data: data, isCancelled: isCancelled, tell: progress, finish: { clock.finish($0) },
        folders: folders)
      clock.start(step.work)
      do {
        let inputs = try digest(step, context)
        if isKept(step, inputs: inputs) {
          results[step.id] = .complete
          clock.skip(step.work)
          observe(.kept(step: step.id))
        } else {
          try publish()
          observe(.started(step: step.id, done: index, total: steps.count))
          results[step.id] = .partial
          if try run(step, inputs: inputs, context) { results[step.id] = .complete }
          clock.end(step.work)
        }
        hasNews = true
      } catch {
        try? publish()
        throw StepError(step: step.id, reason: error)
      }
    }
    results.isInterrupted = isCancelled()
    let report = try study.overview(results)
    try folder.write(report)
    return Outcome(report: report, done: steps.count { results[$0.id] == .complete }, total: steps.count)
  }

  private func isKept(_ step: any StudyStep, inputs: String) -> Bool {
    let own = folder.file(step.folder)
    guard isKeeping, let record = StepRecord.read(folder: own), record.step == step.id, record.inputs == inputs else { return false }
    return record.isIntact(folder: own)
  }

  private func run(_ step: any StudyStep, inputs: String, _ context: StepContext) throws -> Bool {
    let own = ReportFolder(path: folder.file(step.folder))
    try own.prepare()
    StepRecord.remove(folder: own.path)
    let began = ContinuousClock.now
    let isComplete = try step.run(in: own, context) && !isCancelled()
    let seconds = began.duration(to: .now) / .seconds(1)
    if isComplete {
      try StepRecord(step: step.id, inputs: inputs, outputs: StepRecord.digests(folder: own.path), seed: step.seed, seconds: seconds)
        .write(folder: own.path)
    }
    observe(.finished(step: step.id, seconds: seconds))
    return isComplete
  }

  /// What the results depend on, as one number.
  private func digest(_ step: any StudyStep, _ context: StepContext) throws -> String {
    var words = try ["lipcert \(Version.current)"] + step.identity(context)
    for need in step.needs {
      let outputs = context.record(of: need.step)?.outputs ?? [:]
      words += outputs.filter { need.includes($0.key) }.sorted { $0.key < $1.key }.flatMap { [$0.key, $0.value] }
    }
    return SHA256.digest(ofWords: words)
  }
}

/// The time of the piece of work that is being done, and the estimate of what is left; from any thread.
private final class StudyClock: Sendable {
  private struct State {
    var estimate: TimeEstimate
    var began = ContinuousClock.now
    /// The pieces of the running step that have not ended.
    var open: [String] = []
  }

  private let state: Mutex<State>

  init(work: [String], limit: Double?) { state = Mutex(State(estimate: TimeEstimate(pending: work, limit: limit))) }

  var remaining: Double? {
    state.withLock { $0.estimate.remaining(elapsed: $0.began.duration(to: .now) / .seconds(1)) }
  }

  /// A step with these pieces starts.
  func start(_ work: [String]) { state.withLock { ($0.began, $0.open) = (.now, work) } }

  /// A piece ended, and the next one starts.
  func finish(_ piece: String) {
    state.withLock { state in
      state.estimate.finish(piece, seconds: state.began.duration(to: .now) / .seconds(1))
      if let index = state.open.firstIndex(of: piece) { state.open.remove(at: index) }
      state.began = .now
    }
  }

  /// The step ended: a step of one piece with it, and pieces that were never done are not waited for.
  func end(_ work: [String]) {
    let open = state.withLock(\.open)
    if work.count == 1, open == work { return finish(work[0]) }
    skip(open)
  }

  /// Pieces will not be done.
  func skip(_ work: [String]) { state.withLock { $0.estimate.skip(work) } }
}
