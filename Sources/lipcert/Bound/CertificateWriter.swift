import Certificates
import CommandLineSupport
import FileSupport
import Foundation
import Lipschitz
import Reports

/// Writes the best certificate and convinces itself that the file proves what it says.
struct CertificateWriter {
  let path: String
  let isChecked: Bool
  /// Where the check keeps its state, or `nil`.
  let work: WorkFolder?

  /// Writes the certificate with the least bound.
  ///
  /// - Throws: ``CommandError`` when there is none, `FileWriteError`, or the reason why the written file does not prove its statement.
  func write(_ estimates: [LipschitzEstimate], model: LoadedModel, problem: LipschitzProblem) throws -> CertificateFacts {
    let candidates = estimates.filter { $0.certificate != nil && $0.isCertified }
    guard let best = candidates.min(by: { $0.upper ?? .infinity < $1.upper ?? .infinity }), var certificate = best.certificate else {
      throw CommandError(.failure, "\(path): not written, because no method gave a certificate")
    }
    certificate.model.name = URL(fileURLWithPath: model.path).lastPathComponent
    try AtomicFile.write(certificate.encoded(), path: path)
    let began = ContinuousClock.now
    // A pipe or device cannot be read back.
    let isRegular = (try? FileManager.default.attributesOfItem(atPath: path)[.type] as? FileAttributeType) == .typeRegular
    if isChecked && isRegular {
      do {
        try CertificateChecker.check(
          CertificateFile.read(path: path), of: problem.lowered, journal: ProofProgress.journal(work, title: "check"))
      } catch {
        throw CommandError(.failure, "\(path): written, but it does not stand up to the checker: \(error)")
      }
    }
    return CertificateFacts(
      path: path, method: best.method, bound: certificate.statement.bound, isChecked: isChecked && isRegular,
      seconds: began.duration(to: .now) / .seconds(1))
  }
}
