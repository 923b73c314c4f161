/// Why a property could not be read: the place and the reason.
public struct VNNLIBError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What sort of failure it is.
  public enum Kind: Sendable, Equatable {
    /// The text does not follow the language.
    case malformed
    /// The text is well formed but asks for something that is not supported.
    case unsupported
    /// A limit on sizes is exceeded.
    case tooLarge
  }

  /// The sort of failure.
  public let kind: Kind
  /// The file's path, empty when the text did not come from a file.
  public var file: String
  /// The line, counted from one; 0 when the failure is about the whole text.
  public let line: Int
  /// The column in bytes, counted from one.
  public let column: Int
  /// What is wrong there.
  public let reason: String

  /// Collects the parts.
  public init(_ kind: Kind, file: String = "", line: Int = 0, column: Int = 0, reason: String) {
    self.kind = kind
    self.file = file
    self.line = line
    self.column = column
    self.reason = reason
  }

  /// The file, the place and the reason in one line.
  public var description: String {
    (file.isEmpty ? "" : "\(file): ") + (line > 0 ? "line \(line), column \(column): " : "") + reason
  }
}
