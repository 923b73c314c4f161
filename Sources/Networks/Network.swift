/// A feed-forward network as a directed acyclic graph of operations on tensors.
///
/// Nodes stand in topological order: a node's inputs have smaller indices. Every node yields one tensor, named by the node's index. Shapes
/// include whatever batch axis the model has (fixed at 1 when symbolic). Constants are folded: an operation holds its own parameters.
public struct Network: Sendable {
  /// One operation applied to earlier nodes.
  public struct Node: Sendable {
    /// The name in the model file, or one given by the reader; used in messages.
    public let name: String
    /// What the node computes.
    public let operation: Operation
    /// The indices of the nodes it takes its tensors from, in order.
    public let inputs: [Int]
    /// The shape of the tensor it yields.
    public let shape: Shape
  }

  /// The nodes in topological order.
  public private(set) var nodes: [Node] = []
  /// The indices of the input nodes, in the model's order.
  public private(set) var inputs: [Int] = []
  /// The indices of the nodes whose tensors the network gives, in the model's order.
  public private(set) var outputs: [Int] = []
  /// The model's names of its outputs, as many as `outputs`.
  public private(set) var outputNames: [String] = []

  /// An empty network, to be filled with ``addInput(name:shape:)`` and ``add(_:name:to:)``.
  public init() {}

  /// Adds an input of the given shape and returns its node index.
  @discardableResult
  public mutating func addInput(name: String, shape: Shape) -> Int {
    nodes.append(Node(name: name, operation: .input, inputs: [], shape: shape))
    inputs.append(nodes.count - 1)
    return nodes.count - 1
  }

  /// Adds an operation on earlier nodes and returns its node index.
  ///
  /// - Throws: ``NetworkError`` that names the node when the shapes do not fit.
  @discardableResult
  public mutating func add(_ operation: Operation, name: String, to inputs: [Int]) throws -> Int {
    for input in inputs where !nodes.indices.contains(input) {
      throw NetworkError.invalidInput(node: name, detail: "refers to node \(input), which does not exist yet")
    }
    let shape = try operation.outputShape(of: inputs.map { nodes[$0].shape }, node: name)
    nodes.append(Node(name: name, operation: operation, inputs: inputs, shape: shape))
    return nodes.count - 1
  }

  /// Declares which nodes are the network's outputs.
  ///
  /// - Throws: ``NetworkError/invalidInput(node:detail:)`` when an index does not exist or there is none.
  public mutating func setOutputs(_ outputs: [Int], names: [String]? = nil) throws {
    guard !outputs.isEmpty else { throw NetworkError.invalidInput(node: "outputs", detail: "a network needs at least one output") }
    for output in outputs where !nodes.indices.contains(output) {
      throw NetworkError.invalidInput(node: "outputs", detail: "refers to node \(output), which does not exist")
    }
    self.outputs = outputs
    outputNames = names ?? outputs.map { nodes[$0].name }
  }

  /// The number of elements of all inputs together: the length of the vector h₀.
  public var inputCount: Int { inputs.reduce(0) { $0 + nodes[$1].shape.count } }
  /// The number of elements of all outputs together.
  public var outputCount: Int { outputs.reduce(0) { $0 + nodes[$1].shape.count } }
}
