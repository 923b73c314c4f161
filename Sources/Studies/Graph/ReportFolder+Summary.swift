import FileSupport
import Foundation
import Reports

extension ReportFolder {
  private static let summaryName = "summary.json"

  /// Writes what a step came to.
  ///
  /// - Throws: `FileWriteError`.
  func write(_ summary: StepSummary) throws { try AtomicFile.write(summary.encoded, path: file(Self.summaryName)) }

  /// What the folder's step came to; `nil` when it has not said so.
  var stepSummary: StepSummary? { FileManager.default.contents(atPath: file(Self.summaryName)).flatMap(StepSummary.init) }
}
