import Networks

/// What a proof has reached: the gain before some node, and the multipliers of the activation nodes behind it.
struct ProofState {
  /// The node that comes next, going backwards.
  var next: Int
  /// One list for each activation node, empty for those to come.
  var multipliers: [[Double]]
  var value: ValueFunction

  init(next: Int, multipliers: [[Double]], value: ValueFunction) {
    self.next = next
    self.multipliers = multipliers
    self.value = value
  }

  /// The lists to be stored.
  var lists: [[Double]] {
    let gain = value.gain
    let nodes = gain.nodes
    let head =
      [Double(next), Double(multipliers.count), Double(nodes.count)] + nodes.flatMap { [Double($0), Double(gain.counts[$0] ?? 0)] }
    let diagonal = nodes.map { gain.diagonal[$0]?.elements ?? [] }
    let couplings = Self.pairs(nodes).map { gain.coupling[$0]?.elements ?? [] }
    return [head] + multipliers + diagonal + couplings
  }

  /// Reads stored lists; `nil` when they do not fit the network.
  init?(_ lists: [[Double]], network: LoweredNetwork) {
    var rest = lists[...]
    guard let head = rest.popFirst(), head.count >= 3, head.allSatisfy({ $0 >= 0 && $0 < 0x1p40 && $0 == $0.rounded() }) else { return nil }
    let numbers = head.map { Int($0) }
    let (activations, live) = (network.activationNodes, numbers[2])
    guard numbers[0] < network.nodes.count, numbers[1] == activations.count, live <= network.nodes.count, numbers.count == 3 + 2 * live,
      rest.count == activations.count + live + live * (live - 1) / 2
    else { return nil }
    next = numbers[0]
    multipliers = []
    for index in activations {
      guard let list = rest.popFirst(), list.count == (index > next ? network.nodes[index].count : 0) else { return nil }
      multipliers.append(list)
    }
    var gain = GainBlocks()
    let nodes = (0..<live).map { numbers[3 + 2 * $0] }
    guard zip(nodes, nodes.dropFirst()).allSatisfy({ $0 < $1 }) else { return nil }
    for (position, node) in nodes.enumerated() {
      let count = numbers[4 + 2 * position]
      guard node <= next, network.nodes[node].count == count, let elements = rest.popFirst(),
        elements.count == PanelMatrix.count(count, count, .lower)
      else { return nil }
      gain.add(node, count: count)
      gain.diagonal[node] = PanelMatrix(rows: count, columns: count, shape: .lower, elements: elements)
    }
    for pair in Self.pairs(nodes) {
      guard let rows = gain.counts[pair.row], let columns = gain.counts[pair.column], let elements = rest.popFirst(),
        elements.count == rows * columns
      else { return nil }
      gain.coupling[pair] = PanelMatrix(rows: rows, columns: columns, shape: .full, elements: elements)
    }
    value = ValueFunction(gain: gain)
  }

  private static func pairs(_ nodes: [Int]) -> [GainBlocks.Pair] {
    nodes.flatMap { column in nodes.filter { $0 < column }.map { GainBlocks.Pair(row: $0, column: column) } }
  }
}
