import LinearAlgebra
import Networks

/// The part of a network that computes some coordinates of one of its tensors from another: exact rows and columns of its maps.
///
/// A *cut* is a node through which everything passes. Between two cuts the increments of the later tensor are a function of those of the
/// earlier one, and a set of coordinates of the later one, a *tile*, depends on a *window* of the earlier one. The window and the units in
/// between are found by walking index sets backwards through the sparsity of the maps, so any map with sparse rows and any branches in
/// between are covered. Entries are copied, never computed with, so that the tile computes exactly what the network does. Biases are left
/// out.
public struct TileNetwork: Sendable {
  /// The tile as a network of its own: its input is the window, its output the tile's coordinates, both in ascending order.
  public let network: LoweredNetwork
  /// The coordinates of the earlier tensor on which the tile depends, ascending.
  public let window: [Int]

  /// The part of `network` from node `start` to the coordinates `outputs` of node `end`.
  ///
  /// - Parameters:
  ///   - network: in normal form.
  ///   - start: the node that becomes the tile's input.
  ///   - end: the node that has the outputs.
  ///   - outputs: ascending, without repetitions, within the node's coordinates.
  /// - Throws: ``NotProved`` when the coordinates depend on a node before `start`: then it is no cut.
  /// - Precondition: 0 ≤ start < end < nodes.
  public init(of network: LoweredNetwork, from start: Int, to end: Int, outputs: [Int]) throws {
    var walk = Walk(network, from: start, to: end, outputs: outputs)
    try walk.goBack()
    window = walk.coordinates(of: start)
    self.network = walk.assembled()
  }
}

/// The state of the walk: which coordinates of each node between the cuts are needed, and the rows that were read on the way.
private struct Walk {
  private let nodes: [LoweredNetwork.Node]
  private let start: Int
  private let end: Int
  private var isNeeded: [[Bool]]
  private var needed: [[Int]]
  private var rows: [[SparseRows<Double>?]]

  init(_ network: LoweredNetwork, from start: Int, to end: Int, outputs: [Int]) {
    nodes = network.nodes
    (self.start, self.end) = (start, end)
    isNeeded = Array(repeating: [], count: end - start + 1)
    needed = Array(repeating: [], count: end - start + 1)
    rows = Array(repeating: [], count: end - start + 1)
    need(outputs, of: end)
  }

  private mutating func need(_ coordinates: [Int], of node: Int) {
    let place = node - start
    if isNeeded[place].isEmpty { isNeeded[place] = Array(repeating: false, count: nodes[node].count) }
    for i in coordinates { isNeeded[place][i] = true }
  }

  func coordinates(of node: Int) -> [Int] { needed[node - start] }

  mutating func goBack() throws {
    for index in stride(from: end, through: start, by: -1) {
      let place = index - start
      let own = isNeeded[place].indices.filter { isNeeded[place][$0] }
      needed[place] = own
      guard index > start, !own.isEmpty else { continue }
      switch nodes[index].kind {
      case .input: throw NotProved("'\(nodes[index].name)' is no part of a block")
      case .affine(let terms, _):
        for term in terms {
          try requireInside(term.source, index)
          let selected = term.map?.sparseRows(own)
          need(selected?.columns ?? own, of: term.source)
          rows[place].append(selected)
        }
      case .activation(let source, _):
        try requireInside(source, index)
        need(own, of: source)
      }
    }
  }

  private func requireInside(_ source: Int, _ index: Int) throws {
    guard source >= start else { throw NotProved("'\(nodes[start].name)' is no cut: '\(nodes[index].name)' reads an earlier node") }
  }

  // MARK: - The network

  func assembled() -> LoweredNetwork {
    var result = [LoweredNetwork.Node(name: nodes[start].name, kind: .input, count: coordinates(of: start).count)]
    var places = [0]
    for index in start + 1...end {
      let own = coordinates(of: index)
      places.append(result.count)
      guard !own.isEmpty else { continue }
      let kind: LoweredNetwork.Kind
      switch nodes[index].kind {
      case .input: kind = .affine(terms: [], bias: nil)
      case .affine(let terms, _):
        var kept: [LoweredNetwork.Term] = []
        for (term, selected) in zip(terms, rows[index - start]) {
          let source = coordinates(of: term.source)
          if source.isEmpty || selected?.columns.isEmpty == true { continue }
          let map = selected.map { renumbered($0, to: source) } ?? identity(own, of: source)
          kept.append(.init(source: places[term.source - start], map: map))
        }
        // Rows of zeros: one term that says so.
        if kept.isEmpty {
          let nothing = IndexMap<Double>(inputCount: result[0].count, indices: Array(repeating: -1, count: own.count))
          kept.append(.init(source: 0, map: nothing))
        }
        kind = .affine(terms: kept, bias: nil)
      case .activation(let source, let units):
        // Every needed unit needs its own pre-activation, and others may read more of that node.
        let all = coordinates(of: source)
        var from = places[source - start]
        if all != own {
          result.append(
            .init(
              name: nodes[index].name, kind: .affine(terms: [.init(source: from, map: identity(own, of: all))], bias: nil),
              count: own.count))
          from = result.count - 1
          places[index - start] = result.count
        }
        kind = .activation(source: from, units: units.picking(own))
      }
      result.append(.init(name: nodes[index].name, kind: kind, count: own.count))
    }
    if case .affine? = result.last?.kind { return LoweredNetwork(nodes: result) }
    let term = LoweredNetwork.Term(source: result.count - 1, map: nil)
    result.append(.init(name: nodes[end].name, kind: .affine(terms: [term], bias: nil), count: result[result.count - 1].count))
    return LoweredNetwork(nodes: result)
  }

  private func identity(_ own: [Int], of source: [Int]) -> (any LinearMap<Double>)? {
    if own == source { return nil }
    var next = 0
    let indices = own.map { i -> Int in
      while source[next] < i { next += 1 }
      return next
    }
    return IndexMap(inputCount: source.count, indices: indices)
  }

  /// The same rows over the needed columns only; dense when most entries are there.
  private func renumbered(_ selected: SparseRows<Double>, to source: [Int]) -> any LinearMap<Double> {
    var positions = [Int](repeating: -1, count: selected.columnCount)
    for (position, i) in source.enumerated() { positions[i] = position }
    var result = selected
    result.columnCount = source.count
    for k in result.columns.indices { result.columns[k] = positions[result.columns[k]] }
    let map = SparseMap(result)
    guard result.radii.isEmpty, 2 * result.columns.count > map.outputCount * map.inputCount, result.hasDistinctColumns else { return map }
    return DenseMap(weight: map.denseMatrix())
  }
}

extension SparseRows<Double> {
  /// Whether no row names a column twice: entries for the same place would have to be added.
  fileprivate var hasDistinctColumns: Bool {
    var last = [Int](repeating: -1, count: columnCount)
    for row in 0..<starts.count - 1 {
      for k in starts[row]..<starts[row + 1] {
        if last[columns[k]] == row { return false }
        last[columns[k]] = row
      }
    }
    return true
  }
}

extension LoweredNetwork.Units {
  fileprivate func picking(_ units: [Int]) -> Self {
    switch self {
    case .uniform: self
    case .leakyReLU(let slopes): .leakyReLU(slopes: units.map { slopes[$0] })
    }
  }
}
