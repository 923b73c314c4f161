import Certificates
import FileSupport
import Foundation
import Lipschitz

/// Writes the best certificate and convinces itself that the file proves what it says.
public struct CertificateWriter {
  private let path: String
  private let isChecked: Bool

  /// A writer of one file.
  ///
  /// - Parameters:
  ///   - path: where the certificate goes.
  ///   - isChecked: whether it is read back and checked.
  public init(path: String, isChecked: Bool) {
    (self.path, self.isChecked) = (path, isChecked)
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
    try AtomicFile.write(certificate.encoded(), path: path)
    let began = ContinuousClock.now
    // A pipe or device cannot be read back.
    let isRegular = (try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType) == .typeRegular
    if isChecked && isRegular {
      do {
        let written = try Certificate(decoding: Data(contentsOf: URL(fileURLWithPath: path)))
        try CertificateChecker.check(written, of: problem.lowered)
      } catch {
        throw ReportError(description: "\(path): written, but it does not stand up to the checker: \(error)")
      }
    }
    return CertificateFacts(
      path: path, method: best.method, bound: certificate.statement.bound, isChecked: isChecked && isRegular,
      seconds: began.duration(to: .now) / .seconds(1))
  }
}
