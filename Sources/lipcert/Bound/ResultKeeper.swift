import Certificates
import CommandLineSupport
import Foundation
import Lipschitz
import Reports

/// Writes what a run of `bound` is to leave behind: the certificate, and the report's folder. One failure does not keep the other from being
/// written.
struct ResultKeeper {
  /// Where the certificate goes, or `nil`.
  let certificate: String?
  /// Where the report goes, or `nil`.
  let folder: ReportFolder?
  /// Whether written certificates are read back and checked.
  let isChecked: Bool
  /// Where the check keeps its state, or `nil`.
  let work: WorkFolder?

  /// Writes everything and completes the report; what failed is returned.
  func keep(_ report: inout BoundReport, model: LoadedModel, problem: LipschitzProblem) -> [any Error] {
    var failures: [any Error] = []
    func attempt(_ body: () throws -> Void) {
      do { try body() } catch { failures.append(error) }
    }
    if let certificate {
      attempt { report.certificate = try write(certificate, report, model, problem, isChecked: isChecked) }
    }
    if let folder {
      report.linearMaps = LinearMapFact.facts(of: problem.selected, isCancelled: { Interruption.isRequested })
      attempt {
        try folder.prepare()
        if report.bestWithCertificate != nil {
          // The same bytes as the first file, if there is one; what was checked once needs no second proof.
          let copy = try write(folder.certificate, report, model, problem, isChecked: isChecked && report.certificate?.isChecked != true)
          report.certificate = report.certificate ?? copy
        }
        try folder.write(report)
      }
    }
    return failures
  }

  /// The lines that say where the report is.
  func lines(after failures: [any Error]) -> [String] {
    guard let folder, FileManager.default.fileExists(atPath: folder.index), failures.isEmpty else { return [] }
    return ["Report: \(folder.index)"]
  }

  private func write(
    _ path: String, _ report: BoundReport, _ model: LoadedModel, _ problem: LipschitzProblem, isChecked: Bool
  ) throws -> CertificateFacts {
    try CertificateWriter(path: path, isChecked: isChecked, work: work).write(
      report.outcomes.map(\.estimate), model: model, problem: problem)
  }
}
