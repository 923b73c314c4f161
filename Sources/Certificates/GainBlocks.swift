import LinearAlgebra

/// A symmetric matrix over the increments of some nodes, one block for each pair of them.
///
/// Diagonal blocks are held by their lower block triangles, the others once, so that the whole takes half the memory of a full matrix, and
/// blocks come and go one by one.
struct GainBlocks: Sendable {
  /// Two nodes: rows belong to the earlier in the graph, columns to the later.
  struct Pair: Hashable, Sendable {
    let row: Int
    let column: Int
  }

  /// The number of coordinates of each node.
  private(set) var counts: [Int: Int] = [:]
  /// Q_nn.
  var diagonal: [Int: PanelMatrix] = [:]
  /// Q_mn for m < n.
  var coupling: [Pair: PanelMatrix] = [:]

  /// The nodes in ascending order.
  var nodes: [Int] { counts.keys.sorted() }

  /// The number of coordinates.
  var order: Int { counts.values.reduce(0, +) }

  /// Bytes of all blocks.
  var bytes: Int { diagonal.values.reduce(0) { $0 + $1.bytes } + coupling.values.reduce(0) { $0 + $1.bytes } }

  /// Registers a node, whose blocks the caller provides.
  mutating func add(_ node: Int, count: Int) { counts[node] = count }

  /// Takes a node and its blocks out.
  ///
  /// - Returns: Q_nn, and Q_on for all other nodes o; n must be the last.
  mutating func remove(_ node: Int) -> (diagonal: PanelMatrix, couplings: [Int: PanelMatrix])? {
    guard let own = diagonal.removeValue(forKey: node) else { return nil }
    counts[node] = nil
    var others: [Int: PanelMatrix] = [:]
    for other in counts.keys { others[other] = coupling.removeValue(forKey: Pair(row: other, column: node)) }
    return (own, others)
  }

  /// Whether every entry is within the limit; false when there is a NaN.
  func isInRange(limit: Double) -> Bool {
    diagonal.values.allSatisfy { NumberRange.holds($0.elements, limit: limit) }
      && coupling.values.allSatisfy { NumberRange.holds($0.elements, limit: limit) }
  }

  /// Q_nn's diagonal entries.
  func diagonalEntries(_ node: Int) -> [Double] {
    guard let own = diagonal[node] else { return [] }
    return (0..<own.rows).map { own[$0, $0] }
  }

  /// |Q| w, node by node.
  func absoluteProduct(_ w: [Int: [Double]]) -> [Int: [Double]] {
    var result: [Int: [Double]] = [:]
    for (node, own) in diagonal { result[node] = own.absoluteProduct(w[node] ?? []) }
    func add(_ values: [Double], to node: Int) {
      for i in values.indices { result[node]?[i] += values[i] }
    }
    for (pair, block) in coupling {
      add(block.absoluteProduct(w[pair.column] ?? []), to: pair.row)
      add(block.absoluteAdjoint(w[pair.row] ?? []), to: pair.column)
    }
    return result
  }

  /// Whether a coordinate's row holds nothing but zeros.
  func hasZeroRow(_ node: Int, _ i: Int) -> Bool {
    guard diagonal[node]?.hasZeroRow(symmetric: i) ?? true else { return false }
    return coupling.allSatisfy { pair, block in
      pair.row == node ? block.hasZeroRow(i) : pair.column == node ? block.hasZeroColumn(i) : true
    }
  }

  /// The whole matrix, nodes in ascending order.
  var whole: Matrix<Double> {
    var result = Matrix<Double>(rows: order, columns: order)
    var offsets: [Int: Int] = [:]
    var offset = 0
    for node in nodes {
      offsets[node] = offset
      offset += counts[node] ?? 0
    }
    for (node, own) in diagonal { own.copyWhole(to: &result, row: offsets[node] ?? 0, column: offsets[node] ?? 0) }
    for (pair, block) in coupling {
      let (row, column) = (offsets[pair.row] ?? 0, offsets[pair.column] ?? 0)
      block.copyWhole(to: &result, row: row, column: column)
      for i in 0..<block.rows { for j in 0..<block.columns { result[column + j, row + i] = block[i, j] } }
    }
    return result
  }
}
