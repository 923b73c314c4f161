import LinearAlgebra
import Networks

/// Turns a decoded ONNX model into a network, node by node.
struct ONNXImporter {
  /// What imports one operator: it takes the node and gives the values of its outputs.
  typealias Handler = @Sendable (inout ONNXImporter, inout ONNXCall) throws -> [ONNXValue]

  /// The operators on variable tensors.
  static let operators: [String: Handler] = [
    activationOperators, arithmeticOperators, linearOperators, windowOperators, shapeOperators, selectionOperators,
  ].reduce(into: [:]) { $0.merge($1) { first, _ in first } }

  /// The versions of the default operator set that are understood.
  static let versions = 7...21

  private let graph: ONNXGraph
  private let version: Int
  private let initialisers: [String: ONNXTensor]
  private var values: [String: ONNXValue] = [:]
  let options: ReadOptions
  var network = Network()

  /// Checks what concerns the model as a whole.
  init(_ model: ONNXModel, options: ReadOptions) throws {
    self.options = options
    guard model.hasGraph else { throw FormatError(.malformed, reason: "not an ONNX model: it has no graph") }
    graph = model.graph
    guard model.functions.isEmpty else { throw FormatError(.unsupported, reason: "models with functions of their own are not supported") }
    guard graph.sparseInitializer.isEmpty else { throw FormatError(.unsupported, reason: "sparse initialisers are not supported") }
    let versions = Set(model.opsetImport.filter { $0.domain.isEmpty || $0.domain == "ai.onnx" }.map(\.version))
    guard let version = versions.first, versions.count == 1 else {
      throw FormatError(.malformed, reason: versions.isEmpty ? "no operator set is named" : "operator sets \(versions.sorted()) at once")
    }
    guard Self.versions.contains(Int(version)) else {
      throw FormatError(.unsupported, reason: "operator set \(version) is not supported; supported are \(Self.versions)")
    }
    self.version = Int(version)
    var initialisers: [String: ONNXTensor] = [:]
    for tensor in graph.initializer {
      guard !tensor.name.isEmpty, initialisers.updateValue(tensor, forKey: tensor.name) == nil else {
        throw FormatError(.malformed, place: .array(tensor.name), reason: "an initialiser without a name, or twice the same name")
      }
    }
    self.initialisers = initialisers
  }

  /// Imports the graph.
  mutating func run() throws -> Network {
    var known = Set(initialisers.keys)
    for input in graph.input where initialisers[input.name] == nil {
      guard !input.name.isEmpty, known.insert(input.name).inserted else {
        throw FormatError(.malformed, place: .node(input.name), reason: "an input without a name, or twice the same name")
      }
      let shape = try inputShape(input)
      values[input.name] = .variable(network.addInput(name: input.name, shape: shape))
    }
    guard !graph.output.isEmpty else { throw FormatError(.malformed, reason: "the graph has no output") }
    let schedule = try ONNXSchedule(graph, known: known, initialisers: initialisers)
    for step in schedule.steps { try run(step, useCounts: schedule.useCounts) }
    let outputs = try graph.output.map { output in
      switch try value(output.name, for: output.name) {
      case .variable(let node): node
      case .constant(let constant): try addConstantFunction(constant, name: output.name)
      }
    }
    try network.setOutputs(outputs, names: graph.output.map(\.name))
    return try network.withoutUnusedNodes()
  }

  /// The shape of a graph input, with unknown lengths taken as 1.
  private func inputShape(_ input: ONNXValueInfo) throws -> Shape {
    guard input.hasType, input.type.hasTensorType else {
      throw FormatError(.unsupported, place: .node(input.name), reason: "the input is not a tensor")
    }
    let type = input.type.tensorType
    guard let element = ONNXElementType(rawValue: type.elemType), element.isFloating else {
      throw FormatError(.unsupported, place: .node(input.name), reason: "the input's element type \(type.elemType) is not a real number")
    }
    guard type.hasShape else { throw FormatError(.unsupported, place: .node(input.name), reason: "the input has no shape") }
    let dimensions = type.shape.dim.map { $0.hasDimValue && $0.dimValue > 0 ? Int($0.dimValue) : 1 }
    guard type.shape.dim.allSatisfy({ !$0.hasDimValue || $0.dimValue >= -1 }),
      ONNXConstant.count(dimensions, limit: options.maximumTensorElements) != nil
    else {
      throw FormatError(.tooLarge, place: .node(input.name), reason: "an input of shape \(dimensions) is impossible or too large")
    }
    return Shape(dimensions)
  }

  // MARK: - Nodes

  /// The value of a tensor; initialisers are decoded when first used.
  private mutating func value(_ tensor: String, for user: String) throws -> ONNXValue {
    if let value = values[tensor] { return value }
    guard let initialiser = initialisers[tensor] else {
      throw FormatError(.unsupported, place: .node(user), reason: "uses '\(tensor)', an output of its node that is not supported")
    }
    let value = ONNXValue.constant(try ONNXConstant(initialiser, name: tensor))
    values[tensor] = value
    return value
  }

  private mutating func run(_ step: ONNXSchedule.Step, useCounts: [String: Int]) throws {
    let node = step.node
    let name = step.name
    if let fused = step.fused, case .variable(let x) = try value(fused.input, for: name) {
      values[node.output.first ?? ""] = try .variable(network.add(.activation(fused.activation), name: name, to: [x]))
      return
    }
    guard node.domain.isEmpty || node.domain == "ai.onnx" else {
      throw FormatError(.unsupported, place: .node(name), reason: "operator \(node.domain).\(node.opType) is not supported")
    }
    var call = ONNXCall(
      name: name, operatorName: node.opType, version: version,
      inputs: try node.input.map { $0.isEmpty ? nil : try value($0, for: name) }, outputCount: node.output.count,
      isOnlyUser: node.input.map { useCounts[$0] == 1 }, attributes: try ONNXAttributes(node.attribute, node: name))
    let results: [ONNXValue]
    if let constant = try ONNXFolder(importer: self).fold(&call, importer: self) {
      results = constant.map { .constant($0) }
    } else if let handler = Self.operators[node.opType] {
      results = try handler(&self, &call)
    } else {
      let supported = Set(Self.operators.keys).union(ONNXFolder.operatorsOnShapes).sorted().joined(separator: ", ")
      throw FormatError(
        .unsupported, place: .node(name),
        reason: "operator \(node.opType) is not supported (on tensors that depend on the input); supported: \(supported)")
    }
    try call.attributes.finish()
    for (output, result) in zip(node.output, results) where !output.isEmpty { values[output] = result }
  }

  /// Adds a network node for `call`; `part` tells the pieces of one operator apart.
  mutating func add(_ operation: Operation, _ call: ONNXCall, to inputs: [Int], part: String? = nil) throws -> Int {
    let node = try network.add(operation, name: part.map { "\(call.name)/\($0)" } ?? call.name, to: inputs)
    let shape = network.nodes[node].shape
    guard shape.count <= options.maximumTensorElements else {
      throw call.failure(.tooLarge, "a tensor of shape \(shape) exceeds the limit of \(options.maximumTensorElements) elements")
    }
    return node
  }

  /// The shape of a network node's tensor.
  func shape(_ node: Int) -> Shape { network.nodes[node].shape }

  /// The constant as the network holds it.
  func networkConstant(_ constant: ONNXConstant, _ call: ONNXCall) throws -> Operation.Constant {
    let values = constant.reals
    guard values.allSatisfy(\.isFinite) else { throw call.failure(.malformed, "a weight or constant is NaN or infinite") }
    guard constant.dimensions.allSatisfy({ $0 > 0 }) else { throw call.failure(.malformed, "a constant has no elements") }
    return Operation.Constant(shape: Shape(constant.dimensions), values: values)
  }

  /// A node that gives the same tensor for every input: a network's output can be a constant.
  private mutating func addConstantFunction(_ constant: ONNXConstant, name: String) throws -> Int {
    guard let input = network.inputs.first, let size = ONNXConstant.count([shape(input).count, constant.count], limit: 1 << 24) else {
      throw FormatError(.unsupported, place: .node(name), reason: "the output does not depend on the input")
    }
    let count = shape(input).count
    let flat = try network.add(.reshape([1, count]), name: "\(name)/flat", to: [input])
    let weight = Matrix<Double>(rows: constant.count, columns: count, elements: Array(repeating: 0, count: size))
    let dense = try network.add(.dense(weight: weight, bias: constant.reals), name: "\(name)/constant", to: [flat])
    return try network.add(.reshape(Shape.checked(constant.dimensions, node: name)), name: name, to: [dense])
  }
}
