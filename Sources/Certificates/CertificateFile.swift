import FileSupport
import Foundation
import Networks

/// Certificates on disk, the kinds told apart by their content.
public enum CertificateFile {
  /// The greatest size that is read.
  private static let limit = 1 << 30

  /// What a file holds.
  public enum Content: Sendable {
    /// A Lipschitz bound.
    case bound(Certificate)
    /// A radius.
    case radius(RobustnessCertificate)
  }

  /// Only the field that tells the formats apart.
  private struct Header: Decodable {
    let format: String
  }

  /// Reads a certificate of either kind.
  ///
  /// - Throws: ``CertificateError/file(path:reason:)``.
  public static func read(path: String) throws -> Content {
    let data = try data(path: path)
    return try naming(path) {
      if let header = try? JSONDecoder().decode(Header.self, from: data), header.format == RobustnessCertificate.formatName {
        return .radius(try RobustnessCertificate(decoding: data))
      }
      return .bound(try Certificate(decoding: data))
    }
  }

  fileprivate static func data(path: String) throws -> Data {
    do {
      return try FileContents.read(path: path, limit: limit)
    } catch {
      throw CertificateError.file(path: error.path, reason: error.reason)
    }
  }

  fileprivate static func naming<Result>(_ path: String, _ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as CertificateError { throw CertificateError.file(path: path, reason: "\(error)") }
  }
}

extension CertificateFile.Content {
  /// Proves the statement about a network, or throws.
  ///
  /// - Parameters:
  ///   - network: the lowered form of the model, all outputs.
  ///   - memoryLimit: bytes; a proof that needs more is refused. The machine's memory unless given.
  /// - Throws: ``NotProved`` with the reason.
  public func check(of network: LoweredNetwork, memoryLimit: Int? = nil) throws {
    switch self {
    case .bound(let certificate): try CertificateChecker.check(certificate, of: network, memoryLimit: memoryLimit)
    case .radius(let certificate): try RobustnessChecker.check(certificate, of: network)
    }
  }
}

extension SealedCertificate {
  /// Reads a certificate from a file.
  ///
  /// - Throws: ``CertificateError/file(path:reason:)``.
  public init(path: String) throws {
    let data = try CertificateFile.data(path: path)
    self = try CertificateFile.naming(path) { try Self(decoding: data) }
  }

  /// Writes the certificate in one step, so that no half-written file is left.
  ///
  /// - Throws: `FileWriteError`, or ``CertificateError`` when a number is not finite.
  public func write(path: String) throws { try AtomicFile.write(encoded(), path: path) }
}
