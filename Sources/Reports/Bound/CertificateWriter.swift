import Certificates
import Foundation
import Lipschitz

/// Writes the best certificate and convinces itself that the file proves what it says.
public struct CertificateWriter {
  private let path: String
  private let isChecked: Bool
  private let journal: ProofJournal

  /// A writer of one file.
  ///
  /// - Parameters:
  ///   - path: where the certificate goes.
  ///   - isChecked: whether it is read back and checked.
  ///   - journal: where the check keeps its state, and who is told of its progress.
  public init(path: String, isChecked: Bool, journal: ProofJournal = ProofJournal()) {
    (self.path, self.isChecked, self.journal) = (path, isChecked, journal)
  }

  /// Writes the certificate with the least bound.
  ///
  /// - Throws: ``ReportError`` when there is none or the written file does not prove its statement, or `FileWriteError`.
  func write(_ report: BoundReport, problem: LipschitzProblem) throws -> CertificateFacts {
    try write(report.bestWithCertificate, modelName: report.model.name, problem: problem)
  }

  /// Writes the certificate of an estimate.
  ///
  /// - Throws: ``ReportError`` when there is none or the written file does not prove its statement, or `FileWriteError`.
  public func write(_ estimate: LipschitzEstimate?, modelName: String, problem: LipschitzProblem) throws -> CertificateFacts {
    guard let best = estimate, var certificate = best.certificate else {
      throw ReportError(description: "\(path): not written, because no method gave a certificate")
    }
    certificate.model.name = modelName
    try certificate.write(path: path)
    let began = ContinuousClock.now
    // A pipe or device cannot be read back.
    let isRegular = (try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType) == .typeRegular
    if isChecked && isRegular {
      do {
        try CertificateChecker.check(Certificate(path: path), of: problem.lowered, journal: journal)
      } catch {
        throw ReportError(description: "\(path): written, but it does not stand up to the checker: \(error)")
      }
    }
    return CertificateFacts(
      path: path, method: best.method, bound: certificate.statement.bound, isChecked: isChecked && isRegular,
      seconds: began.duration(to: .now) / .seconds(1))
  }
}
