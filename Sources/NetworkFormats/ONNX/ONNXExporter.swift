import Foundation
import Networks

/// Turns a network into an ONNX model, node by node.
struct ONNXExporter {
  let network: Network
  let isDouble: Bool
  let version: Int
  private var graph = ONNXGraph()
  private var takenNames: Set<String> = []
  private var tensors: [String] = []

  /// An export in single or double precision.
  init(_ network: Network, isDouble: Bool) {
    self.network = network
    self.isDouble = isDouble
    version = network.nodes.reduce(17) { max($0, $1.operation.neededOperatorSet) }
  }

  /// The model.
  mutating func run() throws -> ONNXModel {
    graph.name = "network"
    guard !network.outputs.isEmpty else { throw FormatError(.unsupported, reason: "the network has no outputs") }
    // Inputs and outputs keep their names; everything between gives way.
    var names: [Int: String] = [:]
    for input in network.inputs {
      let name = uniqueName(network.nodes[input].name)
      names[input] = name
      graph.input.append(valueInfo(name, network.nodes[input].shape))
    }
    var copies: [(from: Int, to: String)] = []
    for (index, output) in network.outputs.enumerated() {
      let name = uniqueName(index < network.outputNames.count ? network.outputNames[index] : network.nodes[output].name)
      graph.output.append(valueInfo(name, network.nodes[output].shape))
      if names[output] == nil { names[output] = name } else { copies.append((output, name)) }
    }
    for (index, node) in network.nodes.enumerated() {
      tensors.append(names[index] ?? uniqueName(node.name))
      if case .input = node.operation { continue }
      var target = ONNXTarget(name: node.name, output: tensors[index], inputs: node.inputs.map { tensors[$0] })
      try export(node, to: &target)
    }
    for copy in copies { emit("Identity", [tensors[copy.from]], output: copy.to, name: copy.to) }

    var model = ONNXModel()
    model.irVersion = 8
    model.producerName = "lipcert"
    var operators = ONNXOperatorSet()
    operators.version = Int64(version)
    model.opsetImport = [operators]
    model.graph = graph
    return model
  }

  // MARK: - Pieces

  /// `name`, or `name` with the first number that makes it new.
  mutating func uniqueName(_ name: String) -> String {
    let base = name.isEmpty ? "tensor" : name
    var candidate = base
    var number = 1
    while !takenNames.insert(candidate).inserted {
      number += 1
      candidate = "\(base)_\(number)"
    }
    return candidate
  }

  /// Adds a node.
  mutating func emit(
    _ operatorName: String, _ inputs: [String], output: String, name: String, attributes: [ONNXAttribute] = [], extraOutputs: [String] = []
  ) {
    var node = ONNXNode()
    node.opType = operatorName
    node.name = name
    node.input = inputs
    node.output = [output] + extraOutputs
    node.attribute = attributes
    graph.node.append(node)
  }

  /// Adds a node between others and returns its tensor's name.
  mutating func emitPart(_ operatorName: String, _ inputs: [String], of target: ONNXTarget, attributes: [ONNXAttribute] = []) -> String {
    let name = uniqueName("\(target.output)/\(operatorName)")
    emit(operatorName, inputs, output: name, name: name, attributes: attributes)
    return name
  }

  /// Adds an initialiser of real numbers and returns its name.
  mutating func reals(_ values: [Double], _ dimensions: [Int], _ target: ONNXTarget, _ part: String) -> String {
    var tensor = ONNXTensor()
    tensor.name = uniqueName("\(target.output)/\(part)")
    tensor.dims = dimensions.map(Int64.init)
    if isDouble {
      tensor.dataType = ONNXElementType.double.rawValue
      tensor.rawData = values.map(\.bitPattern.littleEndian).withUnsafeBytes { Data($0) }
    } else {
      tensor.dataType = ONNXElementType.float.rawValue
      tensor.rawData = values.map { Float($0).bitPattern.littleEndian }.withUnsafeBytes { Data($0) }
    }
    graph.initializer.append(tensor)
    return tensor.name
  }

  /// Adds an initialiser of integers, a list or a single one, and returns its name.
  mutating func integers(_ values: [Int], isScalar: Bool = false, _ target: ONNXTarget, _ part: String) -> String {
    var tensor = ONNXTensor()
    tensor.name = uniqueName("\(target.output)/\(part)")
    tensor.dims = isScalar ? [] : [Int64(values.count)]
    tensor.dataType = ONNXElementType.int64.rawValue
    tensor.rawData = values.map { Int64($0).littleEndian }.withUnsafeBytes { Data($0) }
    graph.initializer.append(tensor)
    return tensor.name
  }

  private func valueInfo(_ name: String, _ shape: Shape) -> ONNXValueInfo {
    var info = ONNXValueInfo()
    info.name = name
    info.type.tensorType.elemType = (isDouble ? ONNXElementType.double : .float).rawValue
    info.type.tensorType.shape.dim = shape.dimensions.map { length in
      var dimension = ONNXDimension()
      dimension.dimValue = Int64(length)
      return dimension
    }
    if shape.rank == 0 { info.type.tensorType.shape = ONNXTensorShape() }
    return info
  }
}

/// Where a network node's operators take their tensors from and what they are called.
struct ONNXTarget {
  /// The node's name.
  let name: String
  /// The tensor it gives.
  let output: String
  /// The tensors it takes.
  let inputs: [String]

  /// The first input.
  var input: String { inputs.first ?? "" }
}
