/// Why a network cannot be compressed as wanted.
public enum CompressionError: Error, Equatable, CustomStringConvertible {
  /// A setting of a recipe is out of its range or does not fit the model.
  case setting(key: String, detail: String)
  /// Nothing is left of a layer: every channel of its output, or of its input, is pruned.
  case emptyLayer(String)
  /// A network has a part that cannot be treated.
  case unsupported(node: String, detail: String)

  /// One sentence that names the key or the layer.
  public var description: String {
    switch self {
    case .setting(let key, let detail): "\(key): \(detail)"
    case .emptyLayer(let layer):
      "layer '\(layer)': all of its channels are pruned, so nothing of the input would reach the output; prune less, or leave this layer out"
    case .unsupported(let node, let detail): "node '\(node)': \(detail)"
    }
  }
}
