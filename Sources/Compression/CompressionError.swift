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

extension CompressionError {
  /// Checks that a share is from 0 to below 1.
  static func check(share: Double, key: String) throws(CompressionError) {
    guard share >= 0, share < 1 else { throw .setting(key: key, detail: "\(share) is not a share from 0 to below 1") }
  }

  /// Checks that a number is positive.
  static func check(positive number: Double, key: String) throws(CompressionError) {
    guard number > 0, number.isFinite else { throw .setting(key: key, detail: "\(number) is not a positive number") }
  }
}
