import LinearAlgebra

/// A model to be trained: layers on a directed acyclic graph, from one input to one output.
///
/// Nodes stand in topological order; node 0 is the input. The parameters of all layers lie behind each other in ``ModelState/parameters``.
public struct Model<Element: Scalar>: Sendable {
  /// A layer and where its inputs come from.
  public struct Node: Sendable {
    /// The layer; `nil` for the input.
    public let layer: (any Layer<Element>)?
    /// The nodes of its inputs.
    public let inputs: [Int]
    /// The shape of its output.
    public let shape: FeatureShape
    /// Its parameters within ``ModelState/parameters``.
    public let parameters: Range<Int>
    /// Its statistics within ``ModelState/statistics``.
    public let statistics: Range<Int>
  }

  /// The nodes, the input first.
  public private(set) var nodes: [Node]
  /// All parameters in their order in memory, with their full names such as `stage1.block1.conv1.weight`.
  public private(set) var parameters: [PlacedParameter] = []
  /// All statistics, likewise.
  public private(set) var statistics: [PlacedParameter] = []

  /// A parameter and its place.
  public struct PlacedParameter: Hashable, Sendable {
    /// The layer's name and the parameter's.
    public let name: String
    /// The node of its layer.
    public let node: Int
    /// Its shape, role and beginning.
    public let declaration: ParameterDeclaration
    /// Its place in the flat memory.
    public let range: Range<Int>
  }

  /// A model with nothing but an input.
  public init(input: FeatureShape) {
    nodes = [Node(layer: nil, inputs: [], shape: input, parameters: 0..<0, statistics: 0..<0)]
  }

  /// Adds a layer.
  ///
  /// - Parameters:
  ///   - layer: the layer.
  ///   - inputs: the nodes of its inputs; the last node when there are none.
  /// - Returns: the layer's node.
  /// - Throws: ``TrainingError/shape(layer:detail:)``.
  @discardableResult
  public mutating func add(_ layer: any Layer<Element>, to inputs: [Int] = []) throws(TrainingError) -> Int {
    let inputs = inputs.isEmpty ? [nodes.count - 1] : inputs
    for input in inputs where !nodes.indices.contains(input) {
      throw .shape(layer: layer.name, detail: "its input \(input) does not exist yet")
    }
    guard !nodes.contains(where: { $0.layer?.name == layer.name }) else {
      throw .shape(layer: layer.name, detail: "there is another layer of that name")
    }
    let shape = try layer.outputShape(of: inputs.map { nodes[$0].shape })
    let node = nodes.count
    let own = Self.place(layer.parameters, of: layer.name, node: node, after: &parameters)
    let statistics = Self.place(layer.statistics, of: layer.name, node: node, after: &self.statistics)
    nodes.append(Node(layer: layer, inputs: inputs, shape: shape, parameters: own, statistics: statistics))
    return node
  }

  private static func place(
    _ declarations: [ParameterDeclaration], of layer: String, node: Int, after placed: inout [PlacedParameter]
  ) -> Range<Int> {
    let start = placed.last?.range.upperBound ?? 0
    var end = start
    for declaration in declarations {
      placed.append(
        PlacedParameter(
          name: "\(layer).\(declaration.name)", node: node, declaration: declaration, range: end..<end + declaration.count))
      end += declaration.count
    }
    return start..<end
  }

  /// The shape of one input.
  public var inputShape: FeatureShape { nodes[0].shape }
  /// The shape of one output.
  public var outputShape: FeatureShape { nodes[nodes.count - 1].shape }
  /// The number of numbers that are trained.
  public var parameterCount: Int { parameters.last?.range.upperBound ?? 0 }
  /// The number of statistics.
  public var statisticsCount: Int { statistics.last?.range.upperBound ?? 0 }

  /// The first values of parameters and statistics.
  ///
  /// - Throws: as ``Initialiser/values(shape:random:)``.
  public func initialState(seed: UInt64) throws -> ModelState<Element> {
    let random = RandomStream(seed: seed).stream(.initialisation)
    var state = ModelState<Element>(parameters: [], statistics: [])
    for (index, parameter) in parameters.enumerated() {
      let declaration = parameter.declaration
      state.parameters += try declaration.initialiser.values(shape: declaration.shape, random: random.stream(index))
    }
    for (index, statistic) in statistics.enumerated() {
      let declaration = statistic.declaration
      state.statistics += try declaration.initialiser.values(shape: declaration.shape, random: random.stream(-1 - index))
    }
    return state
  }
}
