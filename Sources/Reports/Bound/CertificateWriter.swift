import Certificates
import FileSupport
import Foundation
import Lipschitz

/// Writes the best certificate and convinces itself that the file proves what it says.
struct CertificateWriter {
  let path: String
  let isChecked: Bool

  /// Writes the certificate with the least bound.
  ///
  /// - Throws: ``ReportError`` when there is none or the written file does not prove its statement, or `FileWriteError`.
  func write(_ report: BoundReport, problem: LipschitzProblem) throws -> CertificateFacts {
    guard let best = report.bestWithCertificate, var certificate = best.certificate else {
      throw ReportError(description: "\(path): not written, because no method gave a certificate")
    }
    certificate.model.name = report.model.name
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
