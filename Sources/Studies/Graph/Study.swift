import Reports

/// What a study file asks for, as a graph of steps: each reads files and results of earlier steps, and writes a folder of its own.
///
/// There are three kinds: ``BoundStudy`` (networks by methods), ``TrainingStudy`` (variants by seeds) and ``PipelineStudy`` (steps that the file
/// names one by one). ``StudyRunner`` carries out all of them.
public protocol Study: Sendable {
  /// The heading.
  var title: String { get }
  /// The steps, each after those whose results it reads.
  var steps: [any StudyStep] { get }
  /// The seconds that a piece of work may take, if they are limited.
  var workLimit: Double? { get }

  /// The report on all steps, as far as they are done.
  ///
  /// - Throws: Errors that name a result that cannot be read.
  func overview(_ results: StudyResults) throws -> any StudyOverview
}

extension Study {
  /// No limit.
  public var workLimit: Double? { nil }
}

/// The report on a study: four renderings, and lines for a terminal.
public protocol StudyOverview: Report {
  /// The most important of it.
  var lines: [String] { get }
}

extension StudyReport: StudyOverview {}
extension TrainingReport: StudyOverview {}

/// How far the steps of a study are.
public struct StudyResults: Sendable {
  /// How far a step is.
  public enum Status: Sendable, Equatable {
    /// Its results are complete.
    case complete
    /// It was cut short; there may be results.
    case partial
    /// It was not started.
    case missing
  }

  /// The folder of the study.
  public let folder: ReportFolder
  /// Whether somebody stopped the study.
  public internal(set) var isInterrupted = false
  private var status: [String: Status] = [:]

  init(folder: ReportFolder) { self.folder = folder }

  /// How far a step is, by its id.
  public internal(set) subscript(step: String) -> Status {
    get { status[step] ?? .missing }
    set { status[step] = newValue }
  }
}
