/// The pattern of the Cholesky factor of a matrix with a sparsity pattern, for an elimination order.
struct SymbolicFactor: Sendable {
  /// The vertex eliminated at each step.
  let order: [Int]
  /// For each step the later steps with an entry in its column.
  let columns: [[Int]]
  /// The elimination tree: the least of each column's entries, nil for the roots.
  let parents: [Int?]

  /// The number of entries below the diagonal.
  var entryCount: Int { columns.reduce(0) { $0 + $1.count } }

  /// Eliminates the vertices in this order.
  ///
  /// - Precondition: `order` is a permutation of the pattern's vertices.
  /// - Complexity: O(entries of the factor).
  init(_ pattern: SparsityPattern, order: [Int]) {
    let count = order.count
    var position = [Int](repeating: 0, count: count)
    for (step, vertex) in order.enumerated() { position[vertex] = step }
    var columns = [[Int]](repeating: [], count: count)
    var parents = [Int?](repeating: nil, count: count)
    var children = [[Int]](repeating: [], count: count)
    var mark = [Int](repeating: -1, count: count)
    for step in 0..<count {
      mark[step] = step
      var column: [Int] = []
      var least = count
      func add(_ row: Int) {
        guard row > step, mark[row] != step else { return }
        mark[row] = step
        column.append(row)
        least = min(least, row)
      }
      for vertex in pattern.neighbours[order[step]] { add(position[vertex]) }
      for child in children[step] {
        for row in columns[child] { add(row) }
      }
      columns[step] = column
      if least < count {
        parents[step] = least
        children[least].append(step)
      }
    }
    self.order = order
    self.columns = columns
    self.parents = parents
  }
}
