import LinearAlgebra

extension Network {
  /// The network in normal form; see ``LoweredNetwork/init(_:)``.
  ///
  /// - Throws: ``NetworkError`` that names the node which cannot be lowered.
  public func lowered() throws -> LoweredNetwork { try LoweredNetwork(self) }
}

extension LoweredNetwork {
  /// Brings a network into normal form: affine nodes and scalar units only.
  ///
  /// Every map is exact or carries radii. Index maps and reshapes are composed, because that is exact; other affine operations stay nodes of
  /// their own. Maxima, minima, max pools and group sorts become pairs max = (a + b + |a − b|) / 2, min = (a + b − |a − b|) / 2, in which
  /// equal pairs share one set of units. An activation's source may be any node, also the input. Nodes that do not reach the output are
  /// left out.
  ///
  /// - Throws: ``NetworkError`` that names the node which cannot be lowered.
  public init(_ network: Network) throws {
    guard !network.outputs.isEmpty else { throw NetworkError.invalidInput(node: "outputs", detail: "the network has no output") }
    var needed = Set(network.outputs)
    for index in network.nodes.indices.reversed() where needed.contains(index) { needed.formUnion(network.nodes[index].inputs) }
    var lowering = Lowering(inputCount: network.inputCount)
    var values: [Int: Lowering.Value] = [:]
    var offset = 0
    for input in network.inputs {
      let count = network.nodes[input].shape.count
      let isWhole = count == network.inputCount
      values[input] = Lowering.Value(source: 0, indices: isWhole ? nil : Array(offset..<offset + count), count: count)
      offset += count
    }
    for (index, node) in network.nodes.enumerated() where needed.contains(index) && values[index] == nil {
      let inputs = try node.inputs.map { input in
        guard let value = values[input] else { throw NetworkError.invalidInput(node: node.name, detail: "reads a node without a value") }
        return value
      }
      values[index] = try lowering.lower(node, inputs: inputs, shapes: node.inputs.map { network.nodes[$0].shape })
    }
    let results = network.outputs.compactMap { values[$0] }
    lowering.finish(results)
    self.init(nodes: lowering.nodes)
  }
}

/// The state of a lowering: the nodes so far.
struct Lowering {
  /// A tensor of the network: the elements `indices` (−1 for zero) of a lowered node's vector, or all of them in order.
  ///
  /// Keeping the index map aside is what composes index maps exactly.
  struct Value: Hashable {
    var source: Int
    var indices: [Int]?
    var count: Int
  }

  var nodes: [LoweredNetwork.Node]
  /// The |a − b| node of every pair met so far, under its operands in a fixed order.
  var pairs: [[Value]: Int] = [:]

  init(inputCount: Int) {
    nodes = [LoweredNetwork.Node(name: "input", kind: .input, count: inputCount)]
  }

  mutating func append(_ name: String, _ kind: LoweredNetwork.Kind, count: Int) -> Value {
    nodes.append(LoweredNetwork.Node(name: name, kind: kind, count: count))
    return Value(source: nodes.count - 1, indices: nil, count: count)
  }

  /// The term that takes a value.
  func term(_ value: Value) -> LoweredNetwork.Term {
    let map = value.indices.map { IndexMap<Double>(inputCount: nodes[value.source].count, indices: $0) }
    return LoweredNetwork.Term(source: value.source, map: map)
  }

  /// A value that is a whole node.
  mutating func whole(_ value: Value, name: String) -> Value {
    value.indices == nil ? value : append(name, .affine(terms: [term(value)], bias: nil), count: value.count)
  }

  mutating func lower(_ node: Network.Node, inputs: [Value], shapes: [Shape]) throws -> Value {
    if case .batchNormalization(let normalization) = node.operation {
      return try normalize(inputs[0], normalization, shape: shapes[0], name: node.name)
    }
    if let form = try node.operation.affineForm(inputs: shapes, output: node.shape, node: node.name) {
      return affine(form, inputs, count: node.shape.count, name: node.name)
    }
    switch node.operation {
    case .activation(let activation): return activate(inputs[0], .uniform(activation), name: node.name)
    case .parametricReLU(let slopes):
      let values = slopes.shape.broadcastIndices(to: node.shape).map { slopes.values[$0] }
      return activate(inputs[0], .leakyReLU(slopes: values), name: node.name)
    case .maximum: return extremum(inputs[0], inputs[1], sign: 1, name: node.name)
    case .minimum: return extremum(inputs[0], inputs[1], sign: -1, name: node.name)
    case .maxPool(let pooling): return tournament(inputs[0], try pooling.windows(input: shapes[0], node: node.name), name: node.name)
    case .groupSort(let size, let axis):
      return sort(inputs[0], Operation.sortedGroups(of: shapes[0], size: size, axis: axis), size: size, name: node.name)
    default: throw NetworkError.unsupported(node: node.name, detail: "lowering")
    }
  }

  /// A normalisation in two steps, so that every bias is exact: the mean is taken off, then the factor and the shift are applied.
  private mutating func normalize(
    _ input: Value, _ normalization: Operation.BatchNormalization, shape: Shape, name: String
  ) throws -> Value {
    let (before, map, after) = try normalization.exactForm(shape, node: name)
    var centered = input
    if let before { centered = append(name + "/mean", .affine(terms: [term(input)], bias: before), count: input.count) }
    let source = whole(centered, name: name + "/input")
    return append(name, .affine(terms: [.init(source: source.source, map: map)], bias: after), count: input.count)
  }

  private mutating func activate(_ input: Value, _ units: LoweredNetwork.Units, name: String) -> Value {
    let source = whole(input, name: name + "/input")
    return append(name, .activation(source: source.source, units: units), count: input.count)
  }

  /// Adds the nodes of an affine form; an index map alone becomes no node.
  private mutating func affine(_ form: AffineForm, _ inputs: [Value], count: Int, name: String) -> Value {
    var terms: [LoweredNetwork.Term] = []
    for (input, chain) in zip(inputs, form.chains) {
      var value = input
      var pending: (any LinearMap<Double>)?
      for map in chain {
        if let done = pending {
          value = append(name, .affine(terms: [.init(source: value.source, map: done)], bias: nil), count: value.count)
        }
        pending = nil
        if let index = map as? IndexMap<Double> {
          value = Value(source: value.source, indices: Self.compose(index.indices, after: value.indices), count: index.indices.count)
        } else {
          value = whole(value, name: name + "/input")
          value.count = map.outputCount
          pending = map
        }
      }
      if inputs.count == 1, pending == nil, form.bias == nil { return value }
      terms.append(pending.map { .init(source: value.source, map: $0) } ?? term(value))
    }
    return append(name, .affine(terms: terms, bias: form.bias), count: count)
  }

  static func compose(_ outer: [Int], after inner: [Int]?) -> [Int] {
    guard let inner else { return outer }
    return outer.map { $0 < 0 ? -1 : inner[$0] }
  }

  /// Makes the results the last node, one after the other.
  mutating func finish(_ results: [Value]) {
    let total = results.reduce(0) { $0 + $1.count }
    var offset = 0
    var terms: [LoweredNetwork.Term] = []
    for result in results {
      if results.count == 1 {
        terms.append(term(result))
      } else {
        var indices = Array(repeating: -1, count: total)
        for place in 0..<result.count { indices[offset + place] = result.indices?[place] ?? place }
        terms.append(.init(source: result.source, map: IndexMap(inputCount: nodes[result.source].count, indices: indices)))
      }
      offset += result.count
    }
    _ = append("output", .affine(terms: terms, bias: nil), count: total)
    nodes = LoweredNetwork.withExactCompositions(nodes)
  }
}
