import FileSupport
import Foundation
import LinearAlgebra
import Networks

/// Networks stored as named arrays in a `.npz` archive.
///
/// Without an architecture file the arrays are W0, b0, W1, b1, … (also w1, b1, w2, …): weights are outputs × inputs, biases may be missing,
/// and the same non-linearity stands between all layers. An architecture file, `NAME.yaml` beside `NAME.npz`, describes anything else; see
/// ``Architecture``.
public enum NPZNetwork {
  /// Reads the network in the archive at `path`.
  ///
  /// - Throws: ``FormatError`` that names the file and the array.
  public static func read(path: String, options: ReadOptions = ReadOptions()) throws -> Network {
    let archive = try NumPyArchive.read(path: path, options: options)
    let beside = architecturePath(beside: path)
    let architecture = options.architecturePath ?? (FileManager.default.fileExists(atPath: beside) ? beside : nil)
    if let architecture { return try Architecture.read(path: architecture, options: options).network(from: archive, options: options) }
    return try FormatError.naming(path) { try network(from: archive, nonlinearity: options.nonlinearity) }
  }

  /// The fully connected network whose weights are in `archive`.
  ///
  /// - Throws: ``FormatError`` that names the array.
  public static func network(from archive: NumPyArchive, nonlinearity: NPZNonlinearity = .activation(.relu)) throws -> Network {
    var weights: [Int: String] = [:]
    var biases: [Int: String] = [:]
    for name in archive.names {
      let number = Int(name.dropFirst())
      let isNew: Bool
      switch (name.first, number) {
      case ("W", let number?), ("w", let number?): isNew = weights.updateValue(name, forKey: number) == nil
      case ("B", let number?), ("b", let number?): isNew = biases.updateValue(name, forKey: number) == nil
      default:
        throw FormatError(
          .unsupported, place: .array(name),
          reason: "is neither a weight (W0) nor a bias (b0) of a fully connected network without architecture file")
      }
      guard isNew else { throw FormatError(.malformed, place: .array(name), reason: "occurs in upper and lower case") }
    }
    let first = weights[0] == nil ? 1 : 0
    let layers = first..<(first + weights.count)
    guard !weights.isEmpty, layers.allSatisfy({ weights[$0] != nil }), biases.keys.allSatisfy(layers.contains) else {
      throw FormatError(.malformed, reason: "weights W0, W1, … without gaps are needed; there are \(archive.names.joined(separator: ", "))")
    }
    var network = Network()
    var node: Int?
    for layer in layers {
      let name = weights[layer] ?? ""
      let weight = try ArrayAccess.matrix(archive, name)
      let shape = try Shape.checked([1, weight.columns], node: name)
      let source = node ?? network.addInput(name: "input", shape: shape)
      let bias = try biases[layer].map { try ArrayAccess.vector(archive, $0, count: weight.rows) }
      var next = try network.add(.dense(weight: weight, bias: bias), name: name, to: [source])
      if layer < layers.upperBound - 1 {
        let operation: Networks.Operation =
          switch nonlinearity {
          case .activation(let activation): .activation(activation)
          case .groupSort(let size): .groupSort(size: size, axis: 1)
          }
        next = try network.add(operation, name: "\(name)/activation", to: [next])
      }
      node = next
    }
    try network.setOutputs(node.map { [$0] } ?? [], names: ["output"])
    return network
  }

  /// The arrays W0, b0, W1, … of a chain of dense layers, and what stands between them (`nil` when there is only one layer).
  ///
  /// - Throws: ``FormatError`` that names the first node that does not fit in.
  public static func archive(of network: Network) throws -> (archive: NumPyArchive, nonlinearity: NPZNonlinearity?) {
    var archive = NumPyArchive()
    var nonlinearity: NPZNonlinearity?
    var layer = 0
    var isAfterDense = false
    for (index, node) in network.nodes.enumerated() {
      let previous = index == 0 || node.inputs == [index - 1]
      switch node.operation {
      case .input where index == 0 && node.shape.rank == 2 && node.shape[0] == 1: continue
      case .dense(let weight, let bias) where previous && !isAfterDense:
        archive.set(NumPyArray(dimensions: [weight.rows, weight.columns], elements: .double(weight.elements)), for: "W\(layer)")
        if let bias { archive.set(NumPyArray(dimensions: [bias.count], elements: .double(bias)), for: "b\(layer)") }
        layer += 1
        isAfterDense = true
        continue
      case .activation(let activation) where previous && isAfterDense && [nil, .activation(activation)].contains(nonlinearity):
        nonlinearity = .activation(activation)
        isAfterDense = false
        continue
      case .groupSort(let size, 1) where previous && isAfterDense && [nil, .groupSort(size: size)].contains(nonlinearity):
        nonlinearity = .groupSort(size: size)
        isAfterDense = false
        continue
      default: break
      }
      throw FormatError(
        .unsupported, place: .node(node.name),
        reason: "only dense layers with one and the same non-linearity between them fit in a .npz file")
    }
    guard isAfterDense, network.outputs == [network.nodes.count - 1] else {
      throw FormatError(.unsupported, reason: "only a network whose one output is its last dense layer fits in a .npz file")
    }
    return (archive, nonlinearity)
  }

  /// Where the architecture file of an archive is looked for: `NAME.yaml` for `NAME.npz`.
  public static func architecturePath(beside path: String) -> String { (path as NSString).deletingPathExtension + ".yaml" }

  /// Writes a chain of dense layers to `NAME.npz`, and to `NAME.yaml` what stands between them when it is not ReLU, or when there is such a
  /// file, which would be taken for this network's.
  ///
  /// - Throws: ``FormatError`` that names the file, and the node that does not fit in.
  public static func write(_ network: Network, path: String) throws {
    try FormatError.naming(path) {
      let (archive, nonlinearity) = try archive(of: network)
      let between = nonlinearity ?? .activation(.relu)
      let beside = architecturePath(beside: path)
      let exists = FileManager.default.fileExists(atPath: beside)
      if exists || between != .activation(.relu) {
        if exists, (try? Architecture.read(path: beside))?.isPlausible != true {
          throw FormatError(
            .unwritable, reason: "cannot be written: \(beside), which would be taken for the description of its layers, is something else")
        }
        if let obstacle = AtomicFile.obstacle(path: path) {
          throw FormatError(.unwritable, reason: "cannot be written: \(obstacle.reason)")
        }
        try FileBytes.write(Data(Architecture.perceptronText(network, nonlinearity: between).utf8), path: beside)
      }
      try archive.write(path: path)
    }
  }
}
