import Foundation
import Networks

/// A certificate of either format, as files hold them.
public enum StoredCertificate: Sendable {
  /// A Lipschitz bound.
  case bound(Certificate)
  /// A radius.
  case radius(RobustnessCertificate)

  /// Only the field that tells the formats apart.
  private struct Header: Decodable {
    let format: String
  }

  /// Reads the content of a file.
  ///
  /// - Throws: ``CertificateError`` when it is neither format.
  public init(decoding data: Data) throws {
    if let header = try? JSONDecoder().decode(Header.self, from: data), header.format == RobustnessCertificate.formatName {
      self = .radius(try RobustnessCertificate(decoding: data))
    } else {
      self = .bound(try Certificate(decoding: data))
    }
  }

  /// Checks the statement against a network.
  ///
  /// - Throws: ``NotProved`` when it does not hold or is about another network; `NetworkError`.
  public func check(of network: LoweredNetwork, memoryLimit: Int) throws {
    switch self {
    case .bound(let certificate): try CertificateChecker.check(certificate, of: network, memoryLimit: memoryLimit)
    case .radius(let certificate): try RobustnessChecker.check(certificate, of: network)
    }
  }
}
