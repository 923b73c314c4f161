import Certificates
import CommandLineSupport
import Foundation

/// Certificates on disk.
enum CertificateFile {
  /// The greatest size that is read.
  private static let limit = 1 << 30

  /// Reads a certificate of either format.
  ///
  /// - Throws: ``CommandError`` that names the file.
  static func read(path: String) throws -> StoredCertificate {
    let data: Data
    do {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      guard attributes[.type] as? FileAttributeType != .typeDirectory else { throw CommandError(.usage, "\(path): is a folder") }
      guard (attributes[.size] as? NSNumber)?.intValue ?? 0 <= limit else { throw CommandError(.usage, "\(path): is too large") }
      data = try Data(contentsOf: URL(fileURLWithPath: path))
    } catch let error as CommandError {
      throw error
    } catch {
      throw CommandError(.usage, "\(path): cannot be read: \(error.localizedDescription)")
    }
    do {
      return try StoredCertificate(decoding: data)
    } catch let error as CertificateError {
      throw CommandError(.usage, "\(path): \(error)")
    }
  }
}
