import Networks

/// Which channels of every node something that reaches the output reads, and what is known of them: one pass forwards, one backwards.
struct ChannelLiveness {
  /// A sum after compaction.
  struct SumPlan {
    /// The inputs that are added, each with its channels that are not known.
    var terms: [(input: Int, channels: [Int])] = []
    /// What the known channels of all inputs add to each live channel.
    var constants: [Double]
  }

  /// How every node treats channels.
  let flows: [ChannelFlow]
  /// What is known of every node's channels.
  let values: [[ChannelValue]]
  /// The live channels of every node, ascending; nothing reads a node that has none.
  private(set) var live: [[Int]]
  /// How dense layers and convolutions read, where they are live.
  private(set) var mixings: [Int: MixingPlan] = [:]
  /// How sums are made, where they are live.
  private(set) var sums: [Int: SumPlan] = [:]

  /// Analyses a network.
  ///
  /// - Throws: ``CompressionError/emptyLayer(_:)`` when no output depends on an input.
  init(_ network: Network) throws(CompressionError) {
    flows = network.nodes.map { ChannelFlow($0, in: network) }
    values = Self.values(network, flows)
    live = []
    guard network.outputs.contains(where: { values[$0].contains(.varying) }) else { throw .emptyLayer(cut(network)) }

    var isLive = network.nodes.map { [Bool](repeating: false, count: $0.shape.channels) }
    for output in network.outputs { isLive[output] = isLive[output].map { _ in true } }
    for (index, node) in network.nodes.enumerated().reversed() {
      let channels = isLive[index].indices.filter { isLive[index][$0] }
      guard !channels.isEmpty else { continue }
      let anchors = node.inputs.map { isLive[$0].firstIndex(of: true) ?? 0 }
      for (input, reads) in zip(node.inputs, reads(of: index, node, channels: channels, anchors: anchors)) {
        for channel in reads { isLive[input][channel] = true }
      }
    }
    live = isLive.map { flags in flags.indices.filter { flags[$0] } }
  }

  /// The layer that lets nothing of the input through: the last that reads something that depends on it and yields nothing that does.
  private func cut(_ network: Network) -> String {
    var reaches = [Bool](repeating: false, count: network.nodes.count)
    for output in network.outputs { reaches[output] = true }
    for (index, node) in network.nodes.enumerated().reversed() where reaches[index] {
      if node.inputs.contains(where: { values[$0].contains(.varying) }), !values[index].contains(.varying) { return node.name }
      for input in node.inputs { reaches[input] = true }
    }
    return network.outputNames[0]
  }

  /// What is known of every channel of every node.
  private static func values(_ network: Network, _ flows: [ChannelFlow]) -> [[ChannelValue]] {
    var values: [[ChannelValue]] = []
    for (index, node) in network.nodes.enumerated() {
      let inputs = node.inputs.map { values[$0] }
      let shapes = node.inputs.map { network.nodes[$0].shape }
      let channels = 0..<node.shape.channels
      func merged(_ block: ArraySlice<ChannelValue>) -> ChannelValue {
        block.allSatisfy { $0 == block.first } ? block.first ?? .fixed : .joined(block)
      }
      switch flows[index] {
      case .input: values.append(channels.map { _ in .varying })
      case .pointwise:
        values.append(channels.map { channel in node.operation.value(of: channel, inputs.map { $0[channel] }, shapes: shapes) })
      case .sum(let signs):
        values.append(
          channels.map { channel in
            let terms = inputs.map { $0[channel] }
            let numbers = terms.compactMap(\.number)
            return numbers.count == terms.count ? .known(zip(signs, numbers).reduce(0) { $0 + $1.0 * $1.1 }) : .joined(terms)
          })
      case .mixing(let mixing): values.append(channels.map { mixing.value(of: $0, inputs[0]) })
      case .selection(let places, let constant): values.append(places.map { $0.map { inputs[0][$0] } ?? .known(constant) })
      case .blocks(let size):
        values.append(
          channels.flatMap { channel -> [ChannelValue] in
            guard channel.isMultiple(of: size) else { return [] }
            let block = inputs[0][channel..<channel + size]
            let numbers = block.compactMap(\.number).sorted()
            return numbers.count == size ? numbers.map { .known($0) } : block.map { _ in .joined(block) }
          })
      case .split(let count): values.append(channels.map { inputs[0][$0 / count] })
      case .merge(let count): values.append(channels.map { merged(inputs[0][$0 * count..<($0 + 1) * count]) })
      case .concatenation: values.append(Array(inputs.joined()))
      case .opaque: values.append(channels.map { _ in .joined(inputs.joined()) })
      }
    }
    return values
  }

  /// The channels of each input that a node reads for some channels of its own.
  private mutating func reads(of index: Int, _ node: Network.Node, channels: [Int], anchors: [Int]) -> [[Int]] {
    let inputs = node.inputs.map { values[$0] }
    switch flows[index] {
    case .input: return []
    case .pointwise: return inputs.map { _ in channels }
    case .sum(let signs):
      let plan = Self.plan(signs, channels: channels, inputs: inputs)
      sums[index] = plan
      var reads = [[Int]](repeating: [], count: inputs.count)
      for term in plan.terms { reads[term.input] = term.channels }
      return reads
    case .mixing(let mixing):
      guard let plan = MixingPlan(mixing, filters: channels, input: inputs[0], anchor: anchors[0]) else {
        return [Self.blocks(of: mixing.filtersOfGroup, of: channels, size: mixing.channelsOfGroup)]
      }
      mixings[index] = plan
      return [plan.columns.map(\.channel)]
    case .selection(let places, _):
      let reads = Set(channels.compactMap { places[$0] }).sorted()
      return [reads.isEmpty ? [anchors[0]] : reads]
    case .blocks(let size): return [Self.blocks(of: size, of: channels, size: size)]
    case .split(let count): return [Self.blocks(of: count, of: channels, size: 1)]
    case .merge(let count): return [Self.blocks(of: 1, of: channels, size: count)]
    case .concatenation:
      var start = 0
      return inputs.map { input in
        defer { start += input.count }
        return channels.filter { start..<start + input.count ~= $0 }.map { $0 - start }
      }
    case .opaque: return inputs.map { Array($0.indices) }
    }
  }

  /// All channels of the blocks, `size` channels long, that belong to the blocks of `length` which contain some of `channels`.
  static func blocks(of length: Int, of channels: [Int], size: Int) -> [Int] {
    Set(channels.map { $0 / length }).sorted().flatMap { $0 * size..<($0 + 1) * size }
  }

  /// A sum without what is known; one term stays in any case.
  private static func plan(_ signs: [Double], channels: [Int], inputs: [[ChannelValue]]) -> SumPlan {
    var plan = SumPlan(constants: channels.map { _ in 0 })
    for (input, values) in inputs.enumerated() {
      let own = channels.filter { values[$0].number == nil }
      let isKept = !own.isEmpty || (plan.terms.isEmpty && input == inputs.count - 1)
      if isKept { plan.terms.append((input, own.isEmpty ? channels : own)) }
      guard !(isKept && own.isEmpty) else { continue }
      for (place, channel) in channels.enumerated() {
        if let number = values[channel].number { plan.constants[place] += signs[input] * number }
      }
    }
    return plan
  }
}
