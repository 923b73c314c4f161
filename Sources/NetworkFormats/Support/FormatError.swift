import Networks

/// Why a file could not be read or written: the file, the place in it, and the reason.
public struct FormatError: Error, Equatable, Sendable, CustomStringConvertible {
  /// What sort of failure it is, for exit codes and for callers that try another reader.
  public enum Kind: Sendable, Equatable {
    /// The bytes do not follow the format.
    case malformed
    /// The file is well formed but uses something this project does not support.
    case unsupported
    /// A limit on sizes is exceeded.
    case tooLarge
    /// The file system refused to read.
    case inaccessible
    /// The file system refused to write.
    case unwritable
  }

  /// Where in the file.
  public enum Place: Sendable, Equatable {
    /// The file as a whole.
    case file
    /// A byte offset.
    case byte(Int)
    /// A line, counted from one.
    case line(Int)
    /// A node of a graph.
    case node(String)
    /// A named tensor or array.
    case array(String)
  }

  /// The sort of failure.
  public let kind: Kind
  /// The file's path, empty when the bytes did not come from a file.
  public var file: String
  /// Where in the file.
  public let place: Place
  /// What is wrong there.
  public let reason: String

  /// Collects the parts.
  public init(_ kind: Kind, file: String = "", place: Place = .file, reason: String) {
    self.kind = kind
    self.file = file
    self.place = place
    self.reason = reason
  }

  /// The file, the place and the reason in one line.
  public var description: String {
    let position =
      switch place {
      case .file: ""
      case .byte(let offset): "byte \(offset): "
      case .line(let line): "line \(line): "
      case .node(let name): "node '\(name)': "
      case .array(let name): "array '\(name)': "
      }
    return (file.isEmpty ? "" : "\(file): ") + position + reason
  }
}

extension FormatError {
  /// The same failure, told by the network graph about one of its nodes.
  init(_ error: NetworkError) {
    switch error {
    case .shapeMismatch(let node, let detail): self.init(.malformed, place: .node(node), reason: "shapes do not fit: \(detail)")
    case .invalidInput(let node, let detail): self.init(.malformed, place: .node(node), reason: detail)
    case .unsupported(let node, let detail): self.init(.unsupported, place: .node(node), reason: "not supported: \(detail)")
    case .notFinite(let node, let detail): self.init(.malformed, place: .node(node), reason: "\(detail) is not finite")
    }
  }

  /// Runs `body`; every error that leaves it is a ``FormatError`` that names `file`.
  public static func naming<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch var error as FormatError {
      if error.file.isEmpty { error.file = file }
      throw error
    } catch let error as NetworkError {
      var named = FormatError(error)
      named.file = file
      throw named
    } catch {
      throw FormatError(.malformed, file: file, reason: "\(error)")
    }
  }
}
