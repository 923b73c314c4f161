import Certificates
import FileSupport
import Foundation
import LinearAlgebra
import Lipschitz

/// A folder of certificates: constants of pairs, as `lipcert bound --target pairs --certificates DIR` writes them, too, which need not be
/// computed again, and radii of inputs.
///
/// Nothing in it is believed: every certificate is checked before it is used.
public struct CertificateFolder: Sendable {
  /// The folder.
  public let path: String

  /// A folder, which is made when something is kept.
  public init(path: String) { self.path = path }

  /// The certificates about single outputs and pairs of outputs of a network over all inputs, as far as the checker accepts them.
  ///
  /// Files about other networks or norms, and files that cannot be read, are left out.
  ///
  /// - Complexity: one proof for each certificate of this network, in parallel.
  public func certificates(of classifier: Classifier, norm: InputNorm) -> [Certificate] {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    let candidates = names.filter { $0.hasSuffix(".lipcert") && !$0.contains("-input-") }.sorted().compactMap { name -> Certificate? in
      guard let data = FileManager.default.contents(atPath: (path as NSString).appendingPathComponent(name)),
        let certificate = try? Certificate(decoding: data), certificate.model.sha256 == classifier.digest,
        certificate.statement.inputNorm == norm, certificate.statement.region == .global, certificate.statement.output != .all
      else { return nil }
      return certificate
    }
    return ParallelFor.map(candidates.count) { index in
      (try? CertificateChecker.check(candidates[index], of: classifier.lowered)) == nil ? nil : candidates[index]
    }
    .compactMap { $0 }
  }

  /// Writes a certificate under a name made of the network's digest, the norm and the outputs.
  ///
  /// - Throws: `FileWriteError`.
  public func keep(_ certificate: Certificate) throws {
    let statement = certificate.statement
    let output =
      switch statement.output {
      case .all: "all"
      case .output(let i): "\(i)"
      case .difference(let i, let j): "\(i)-minus-\(j)"
      }
    try write(certificate, name: "\(certificate.model.sha256.prefix(16))-\(statement.inputNorm.rawValue)-\(output).lipcert")
  }

  /// Writes the certificate of an input's radius, which `lipcert check` proves anew.
  ///
  /// - Returns: the file's name.
  /// - Throws: `FileWriteError`.
  public func keep(_ certificate: RobustnessCertificate, input index: Int, method: String) throws -> String {
    let name = "\(certificate.model.sha256.prefix(16))-\(certificate.statement.norm.rawValue)-input-\(index)-\(method).lipcert"
    try write(certificate, name: name)
    return name
  }

  private func write(_ certificate: some SealedCertificate, name: String) throws {
    try Folder.make(path: path)
    try certificate.write(path: (path as NSString).appendingPathComponent(name))
  }
}
