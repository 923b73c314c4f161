/// Why a network could not be built, evaluated or lowered. Every case names the node.
public enum NetworkError: Error, Equatable, CustomStringConvertible {
  /// Tensor shapes do not fit the operation.
  case shapeMismatch(node: String, detail: String)
  /// A node's inputs or parameters are wrong.
  case invalidInput(node: String, detail: String)
  /// The network is valid but uses something this project does not support.
  case unsupported(node: String, detail: String)
  /// A weight or constant is NaN or infinite.
  case notFinite(node: String, detail: String)

  /// One line for the user.
  public var description: String {
    switch self {
    case .shapeMismatch(let node, let detail): "node '\(node)': shapes do not fit: \(detail)"
    case .invalidInput(let node, let detail): "node '\(node)': \(detail)"
    case .unsupported(let node, let detail): "node '\(node)': not supported: \(detail)"
    case .notFinite(let node, let detail): "node '\(node)': \(detail) is not finite"
    }
  }
}
