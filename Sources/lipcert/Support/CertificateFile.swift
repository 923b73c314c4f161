import Certificates
import CommandLineSupport
import FileSupport
import Foundation

/// Certificates on disk.
enum CertificateFile {
  /// The greatest size that is read.
  private static let limit = 1 << 30

  /// What a file of either format holds.
  enum Content {
    /// A Lipschitz bound.
    case bound(Certificate)
    /// A radius.
    case radius(RobustnessCertificate)
  }

  /// Only the field that tells the formats apart.
  private struct Header: Decodable {
    let format: String
  }

  /// Reads a certificate of either format.
  ///
  /// - Throws: ``CommandError`` that names the file.
  static func read(path: String) throws -> Content {
    let data: Data
    do { data = try FileContents.read(path: path, limit: limit) } catch { throw CommandError(.usage, "\(error)") }
    do {
      if let header = try? JSONDecoder().decode(Header.self, from: data), header.format == RobustnessCertificate.formatName {
        return .radius(try RobustnessCertificate(decoding: data))
      }
      return .bound(try Certificate(decoding: data))
    } catch let error as CertificateError {
      throw CommandError(.usage, "\(path): \(error)")
    }
  }
}
