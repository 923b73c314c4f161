import Certificates
import Foundation
import Lipschitz
import Reports
import Robustness
import Training

/// A step of a study. It reads nothing but what its identity tells apart and the files it needs, and writes nothing but its folder, so that it
/// is not run again while neither has changed.
public protocol StudyStep: Sendable {
  /// Its id, unique in the study.
  var id: String { get }
  /// Its folder, relative to that of the study; no other step's folder lies in it.
  var folder: String { get }
  /// The results of earlier steps that it reads.
  var needs: [StepNeed] { get }
  /// What is done, in order, for people.
  var actions: [String] { get }
  /// The pieces of work by which the remaining time is estimated; those of the same name take about the same time.
  var work: [String] { get }
  /// The seed of its random choices.
  var seed: UInt64? { get }

  /// All that determines the results beside the version and the files of ``needs``: settings, and digests of the files that are read.
  ///
  /// - Throws: Errors that name a file or data that cannot be read.
  func identity(_ context: StepContext) throws -> [String]

  /// Does it.
  ///
  /// - Parameters:
  ///   - folder: where the results go; it exists.
  ///   - context: where needed files are, and who is told what happens.
  /// - Returns: whether the results are complete; not so when the study was cancelled.
  /// - Throws: Errors that name the step, the file or the key.
  func run(in folder: ReportFolder, _ context: StepContext) throws -> Bool
}

extension StudyStep {
  /// Nothing.
  public var needs: [StepNeed] { [] }
  /// The step as one piece.
  public var work: [String] { [id] }
  /// None.
  public var seed: UInt64? { nil }
}

/// Files in the folder of an earlier step.
public struct StepNeed: Sendable, Hashable {
  /// Which of them.
  public enum Files: Sendable, Hashable {
    /// One file, by its name.
    case named(String)
    /// All certificates.
    case certificates
  }

  /// The step's id.
  public let step: String
  /// The files.
  public let files: Files

  /// Whether a file of the step, by its name in the step's folder, is meant.
  func includes(_ file: String) -> Bool {
    switch files {
    case .named(let name): file == name
    case .certificates: file == BoundReport.certificateName || file.hasSuffix(".lipcert")
    }
  }
}

/// What a step of a running study may use.
public struct StepContext: Sendable {
  /// What a step says about itself while it runs.
  public enum Detail: Sendable {
    /// A method of bounds is at work.
    case method(String, LipschitzEstimate.Progress?)
    /// A network is trained and judged.
    case training(TrainingRun.Event)
    /// Models are measured.
    case measuring(ModelComparison.Event)
    /// Radii are computed.
    case radius(RadiusRun.Event)
    /// So many certificates were checked.
    case checking(done: Int, total: Int)
  }

  /// The folder of the study.
  public let folder: ReportFolder
  /// Data that several steps share.
  public let data: SharedData
  /// Asked often; when it says true, the step ends early.
  public let isCancelled: @Sendable () -> Bool
  /// Told what happens, on any thread.
  public let tell: @Sendable (Detail) -> Void
  /// Told that a piece of work, one of ``StudyStep/work``, ended.
  let finish: @Sendable (String) -> Void
  /// The folders of all steps, by their ids.
  let folders: [String: String]

  /// A file in an earlier step's folder, relative to the study's.
  func place(_ file: String, of step: String) -> String { "\(folders[step] ?? step)/\(file)" }

  /// The path of a file in an earlier step's folder.
  func path(_ file: String, of step: String) -> String { folder.file(place(file, of: step)) }

  /// What an earlier step noted when it was done.
  func record(of step: String) -> StepRecord? { StepRecord.read(folder: folder.file(folders[step] ?? step)) }

  /// The files of a need, by their names in the step's folder.
  func files(_ need: StepNeed) -> [String] {
    (record(of: need.step)?.outputs.keys.filter(need.includes) ?? []).sorted()
  }
}
