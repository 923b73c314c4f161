/// Why a text is not a problem in SDPA sparse format, or a file could not be read or written.
public struct SDPAError: Error, Equatable, CustomStringConvertible {
  /// The kind of trouble.
  public enum Kind: Sendable, Equatable {
    /// The file could not be read or written.
    case inaccessible
    /// The text ends too early.
    case incomplete
    /// Something else stands where a number is expected, or too many numbers.
    case malformed
    /// A matrix, block, row or column does not exist, an entry is off the diagonal of a diagonal block, or a number is beyond what is read.
    case outOfRange
    /// The file uses an extension of the format that changes the problem's meaning.
    case unsupported
  }

  /// The kind of trouble.
  public let kind: Kind
  /// The line, counted from 1; nil when the trouble is with the file as a whole.
  public let line: Int?
  /// What is wrong, for people to read.
  public let detail: String

  init(_ kind: Kind, line: Int? = nil, _ detail: String) {
    self.kind = kind
    self.line = line
    self.detail = detail
  }

  /// One sentence for people.
  public var description: String { line.map { "line \($0): \(detail)" } ?? detail }
}
