import LinearAlgebra
import Networks

/// Builds the smaller network from what is live of a network.
struct CompactNetworkBuilder {
  /// A tensor of the new network that holds some channels of one of the old.
  private struct Place {
    var node: Int
    /// The old channels, ascending, in the new one's order.
    var channels: [Int]
  }

  private struct Selection: Hashable {
    var source: Int
    var channels: [Int]
  }

  private let network: Network
  private let liveness: ChannelLiveness
  private var result = Network()
  private var places: [Int: Place] = [:]
  /// Gathers that were inserted, so that readers of the same channels share one.
  private var selections: [Selection: Int] = [:]

  init(_ network: Network, _ liveness: ChannelLiveness) {
    self.network = network
    self.liveness = liveness
  }

  /// The smaller network.
  mutating func build() throws -> Network {
    for (index, node) in network.nodes.enumerated() {
      if case .input = node.operation {
        places[index] = Place(node: result.addInput(name: node.name, shape: node.shape), channels: Array(0..<node.shape.channels))
      } else if !liveness.live[index].isEmpty {
        places[index] = try place(index, node, liveness.live[index])
      }
    }
    let outputs = try network.outputs.map { try selected($0, Array(0..<network.nodes[$0].shape.channels)) }
    try result.setOutputs(outputs, names: network.outputNames)
    return result
  }

  private mutating func place(_ index: Int, _ node: Network.Node, _ live: [Int]) throws -> Place {
    let shape = node.shape
    func added(_ operation: Operation, _ inputs: [Int], _ channels: [Int]) throws -> Place {
      Place(node: try result.add(operation, name: node.name, to: inputs), channels: channels)
    }
    func reshaped(_ channels: [Int]) -> Operation { .reshape(Shape([shape[0], channels.count] + shape.dimensions.dropFirst(2))) }
    switch liveness.flows[index] {
    case .input, .opaque:
      let inputs = try node.inputs.map { try selected($0, Array(0..<network.nodes[$0].shape.channels)) }
      return try added(node.operation, inputs, Array(0..<shape.channels))
    case .pointwise:
      let rank = network.nodes[node.inputs[0]].shape.rank
      return try added(node.operation.restricted(to: live, rank: rank), try node.inputs.map { try selected($0, live) }, live)
    case .sum(let signs): return Place(node: try sum(index, node, signs, live), channels: live)
    case .mixing(let mixing):
      guard let plan = liveness.mixings[index] else { return try grouped(node, mixing, live) }
      let input = try selected(node.inputs[0], plan.columns.map(\.channel))
      return try added(plan.applied(to: node.operation, mixing, filters: live), [input], live)
    case .selection(let sources, let constant):
      let node = try spread(node.inputs[0], live.map { sources[$0] }, constant: constant, name: node.name)
      return Place(node: node, channels: live)
    case .blocks(let size):
      let whole = ChannelLiveness.blocks(of: size, of: live, size: size)
      return try added(node.operation, [try selected(node.inputs[0], whole)], whole)
    case .split(let count):
      let reads = ChannelLiveness.blocks(of: count, of: live, size: 1)
      let channels = ChannelLiveness.blocks(of: count, of: live, size: count)
      return try added(reshaped(channels), [try selected(node.inputs[0], reads)], channels)
    case .merge(let count):
      let reads = ChannelLiveness.blocks(of: 1, of: live, size: count)
      return try added(reshaped(live), [try selected(node.inputs[0], reads)], live)
    case .concatenation:
      var (start, inputs) = (0, [Int]())
      for input in node.inputs {
        let range = start..<start + network.nodes[input].shape.channels
        let part = live.filter { range ~= $0 }.map { $0 - start }
        if !part.isEmpty { inputs.append(try selected(input, part)) }
        start = range.upperBound
      }
      return inputs.count == 1 ? Place(node: inputs[0], channels: live) : try added(node.operation, inputs, live)
    }
  }

  /// A convolution in groups: those with a live filter.
  private mutating func grouped(_ node: Network.Node, _ mixing: ChannelMixing, _ live: [Int]) throws -> Place {
    let filters = ChannelLiveness.blocks(of: mixing.filtersOfGroup, of: live, size: mixing.filtersOfGroup)
    let reads = ChannelLiveness.blocks(of: mixing.filtersOfGroup, of: live, size: mixing.channelsOfGroup)
    let input = try selected(node.inputs[0], reads)
    guard case .convolution(let convolution) = node.operation else { throw CompressionError.unsupported(node: node.name, detail: "groups") }
    let columns = mixing.weight.columns
    let weight = Matrix(
      rows: filters.count, columns: columns,
      elements: filters.flatMap { mixing.weight.elements[$0 * columns..<($0 + 1) * columns] })
    let part = convolution.with(
      weight, mixing.bias.map { bias in filters.map { bias[$0] } }, groups: filters.count / mixing.filtersOfGroup)
    return Place(node: try result.add(.convolution(part), name: node.name, to: [input]), channels: filters)
  }

  /// A sum of what is not known, then the constants.
  private mutating func sum(_ index: Int, _ node: Network.Node, _ signs: [Double], _ live: [Int]) throws -> Int {
    guard let plan = liveness.sums[index] else { throw CompressionError.unsupported(node: node.name, detail: "a sum without a plan") }
    let hasConstants = plan.constants.contains { $0 != 0 }
    var inputs: [Int] = []
    for term in plan.terms {
      let own = Set(term.channels)
      inputs.append(
        try spread(
          node.inputs[term.input], live.map { own.contains($0) ? $0 : nil }, constant: 0, name: "\(node.name).term\(term.input)"))
    }
    let kept = plan.terms.map { signs[$0.input] }
    let isSingle = kept == [1]
    let total =
      try isSingle ? inputs[0] : result.add(.sum(signs: kept), name: hasConstants ? "\(node.name).terms" : node.name, to: inputs)
    guard hasConstants else { return total }
    let lengths = [1, live.count] + [Int](repeating: 1, count: node.shape.rank - 2)
    return try result.add(
      .addConstant(Operation.Constant(shape: Shape(lengths), values: plan.constants), sign: 1), name: node.name, to: [total])
  }

  /// The new node that holds exactly these channels of an old one.
  private mutating func selected(_ source: Int, _ channels: [Int]) throws -> Int {
    if places[source]?.channels == channels, let place = places[source] { return place.node }
    let key = Selection(source: source, channels: channels)
    if let node = selections[key] { return node }
    let node = try spread(source, channels, constant: 0, name: "\(network.nodes[source].name).channels\(selections.count + 1)")
    selections[key] = node
    return node
  }

  /// The listed channels of an old node, with a constant where there is none.
  private mutating func spread(_ source: Int, _ channels: [Int?], constant: Double, name: String) throws -> Int {
    guard let place = places[source] else { throw CompressionError.unsupported(node: name, detail: "its input comes after it") }
    let positions = Dictionary(uniqueKeysWithValues: place.channels.enumerated().map { ($1, $0) })
    let count = place.channels.count
    let indices = try channels.map { channel in
      guard let channel else { return count }
      guard let position = positions[channel] else { throw CompressionError.unsupported(node: name, detail: "channel \(channel) is gone") }
      return position
    }
    var node = place.node
    if indices.contains(count) {
      let none = [Int](repeating: 0, count: result.nodes[node].shape.rank)
      let one = none.indices.map { $0 == 1 ? 1 : 0 }
      node = try result.add(.pad(before: none, after: one, value: constant), name: "\(name).padded", to: [node])
    }
    if indices == Array(0..<result.nodes[node].shape.channels) { return node }
    return try result.add(.gather(axis: 1, indices: indices, keepsAxis: true), name: name, to: [node])
  }
}
