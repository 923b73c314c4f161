/// Why a model, a recipe or its data cannot be used.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
  /// A layer does not fit the shapes it is given.
  case shape(layer: String, detail: String)
  /// A setting of a recipe is out of its range or unknown.
  case setting(key: String, detail: String)
  /// Data are of another kind than a model or a loss needs.
  case data(String)
  /// A network has an operation that no layer computes.
  case unsupported(node: String, detail: String)
  /// The loss or the parameters are no longer finite numbers.
  case diverged(epoch: Int, step: Int)
  /// A file to go on from belongs to another run or is damaged.
  case checkpoint(path: String, detail: String)

  /// One sentence that names the layer, the key or the file.
  public var description: String {
    switch self {
    case .shape(let layer, let detail): "layer '\(layer)': \(detail)"
    case .setting(let key, let detail): "\(key): \(detail)"
    case .data(let detail): detail
    case .unsupported(let node, let detail): "node '\(node)': \(detail)"
    case .diverged(let epoch, let step):
      "training diverged in epoch \(epoch), step \(step): the loss is not a finite number any more; a smaller learning rate or gradient clipping may help"
    case .checkpoint(let path, let detail): "\(path): \(detail)"
    }
  }
}
