/// Why a certificate cannot be examined at all.
public enum CertificateError: Error, Equatable, CustomStringConvertible {
  /// The file is not a certificate of a version this program knows.
  case malformed(String)
  /// A file cannot be read, or what it holds is malformed.
  case file(path: String, reason: String)

  /// One line for people.
  public var description: String {
    switch self {
    case .malformed(let reason): "malformed certificate: \(reason)"
    case .file(let path, let reason): path.isEmpty ? reason : "\(path): \(reason)"
    }
  }
}
