import Foundation
import Networks
import Yams

/// What a `.npz` file does not say: how its arrays make up a network. A small YAML file, `NAME.yaml` beside `NAME.npz`.
///
/// ```yaml
/// input: [1, 28, 28]            # the shape of one sample, without the batch axis
/// ignore: [W9]                  # arrays that are left out on purpose; any other unused array is an error
/// layers:
///   - conv: {weight: W0, bias: b0, stride: 2, padding: 1, dilation: 1, groups: 1}
///   - activation: relu
///   - maxPool: {kernel: 2, stride: 2, padding: 0}
///   - averagePool: {kernel: 2}  # the stride is the kernel unless given
///   - residual:                 # x + layers(x), or shortcut(x) + layers(x)
///       layers:
///         - conv: {weight: W1, padding: 1}
///         - activation: {leakyReLU: 0.1}
///         - conv: {weight: W2, padding: 1}
///       shortcut:
///         - conv: {weight: W3}
///   - batchNorm: {scale: gamma, shift: beta, mean: mean, variance: variance, epsilon: 1e-5}
///   - globalAveragePool
///   - flatten
///   - dense: W4                 # the same as {weight: W4}
///   - groupSort: 2              # along the channel axis; MaxMin is 2
///   - reshape: [10]
/// ```
///
/// Weights are stored as PyTorch does: dense outputs × inputs, convolutions outputs × (channels in group) × kernel. A layer whose weight
/// is called W7 takes the bias b7 when the archive has one and `bias` is not given; `bias: none` says that there is none. Strides, padding,
/// dilations and kernels are one number or one for each axis; padding may also be all values before, then all values after. Activations:
/// relu, tanh, sigmoid, softplus, gelu, geluTanh, silu, mish, hardSwish, abs, and with parameters `{leakyReLU: slope}`, `{elu: alpha}`,
/// `{clip: [lower, upper]}`, `{hardSigmoid: [slope, offset]}`. An unknown key is an error.
public struct Architecture {
  let root: YAMLValue
  let file: String

  /// Reads an architecture file.
  ///
  /// - Throws: ``FormatError`` that names the file and the line.
  public static func read(path: String, options: ReadOptions = ReadOptions()) throws -> Architecture {
    let data = try FileBytes.read(path: path, limit: min(options.maximumFileSize, 1 << 20))
    return try Architecture(text: String(decoding: data, as: UTF8.self), file: path)
  }

  /// Parses the text of an architecture file; `file` is for messages only.
  ///
  /// - Throws: ``FormatError`` that names the line.
  public init(text: String, file: String = "") throws {
    self.file = file
    root = try FormatError.naming(file) { try YAMLValue(text: text) }
  }

  /// Whether this describes layers at all.
  var isPlausible: Bool { (try? root.entries())?["layers"] != nil }

  /// The network made of the arrays in `archive`.
  ///
  /// - Throws: ``FormatError`` that names the line and the array.
  public func network(from archive: NumPyArchive, options: ReadOptions = ReadOptions()) throws -> Network {
    try FormatError.naming(file) {
      var builder = ArchitectureBuilder(archive: archive, limit: options.maximumTensorElements)
      return try builder.build(root)
    }
  }

  /// The text that describes a chain of dense layers W0, W1, …
  static func perceptronText(_ network: Network, nonlinearity: NPZNonlinearity) -> String {
    let between =
      switch nonlinearity {
      case .groupSort(let size): "groupSort: \(size)"
      case .activation(.absoluteValue): "activation: abs"
      case .activation(.leakyReLU(let slope)): "activation: {leakyReLU: \(slope)}"
      case .activation(.elu(let alpha)): "activation: {elu: \(alpha)}"
      case .activation(.clip(let lower, let upper)): "activation: {clip: [\(lower), \(upper)]}"
      case .activation(.hardSigmoid(let slope, let offset)): "activation: {hardSigmoid: [\(slope), \(offset)]}"
      case .activation(let activation): "activation: \(activation.name)"
      }
    var text = "input: [\(network.inputCount)]\nlayers:\n"
    let count = network.nodes.count { if case .dense = $0.operation { true } else { false } }
    for layer in 0..<count {
      text += "  - dense: W\(layer)\n"
      if layer < count - 1 { text += "  - \(between)\n" }
    }
    return text
  }
}
