import CommandLineSupport
import Foundation
import Reports

/// Steps that a file names one by one, each by what it does; later ones take the networks and certificates of earlier ones.
///
/// ```yaml
/// title: From training to a checked radius
/// description: What it is about.
/// seed: 1                            # of searches, not of networks
/// steps:
///   - name: random                   # also its folder: letters, digits, - and _
///     title: A random network
///     generate: {widths: [784, 100x2, 10], seed: 1}
///   - name: bounds
///     bound: {model: random, methods: all, tolerance: 1e-3}
///   - name: trained
///     train: recipe.yaml             # or the recipe itself; prune: is for recipes that prune
///   - name: radii
///     radius: {model: trained, data: {glyphs: 14}, limit: 20, methods: [global, crown, local]}
///   - name: proofs
///     check: [bounds, radii]
///   - name: comparison
///     compare: {models: [trained, other.onnx], data: {glyphs: 14}}
/// ```
///
/// A model is the name of an earlier step or a file, whose path is relative to the study file.
public struct PipelineStudy: Study {
  /// One step and its heading.
  struct Entry: Sendable {
    let title: String
    let step: any StudyStep
  }

  /// The heading.
  public let title: String
  /// What it is about.
  public let summary: String
  /// The study file's name.
  public let file: String
  /// SHA-256 of the study file's text.
  public let sha256: String
  let entries: [Entry]

  init(title: String, summary: String, file: String, sha256: String, entries: [Entry]) {
    (self.title, self.summary, self.file, self.sha256, self.entries) = (title, summary, file, sha256, entries)
  }

  /// The steps, each after those whose results it reads.
  public var steps: [any StudyStep] { entries.map(\.step) }

  /// The report on all steps, as far as they are done.
  public func overview(_ results: StudyResults) throws -> any StudyOverview {
    let steps = entries.map { entry in
      let folder = ReportFolder(path: results.folder.file(entry.step.folder))
      let isDone = results[entry.step.id] == .complete
      let record = isDone ? StepRecord.read(folder: folder.path) : nil
      return PipelineReport.Step(
        id: entry.step.id, title: entry.title, folder: entry.step.folder, summary: isDone ? folder.stepSummary : nil,
        seconds: record?.seconds, threads: record?.threads, seed: record?.seed, files: record?.outputs ?? [:])
    }
    return PipelineReport(title: title, summary: summary, file: (file, sha256), steps: steps)
  }
}

extension PipelineReport: StudyOverview {}
