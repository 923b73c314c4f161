import ConicPrograms

/// The aggregate sparsity pattern of a semidefinite cone: the entries that b or some column of A can make other than zero.
///
/// The diagonal always belongs to it. As a graph: the vertices are the rows of the matrix, the edges its off-diagonal entries.
struct SparsityPattern: Sendable, Equatable {
  /// Each vertex's neighbours, ascending.
  let neighbours: [[Int]]

  /// The order of the matrix.
  var order: Int { neighbours.count }
  /// The number of entries above the diagonal.
  var edgeCount: Int { neighbours.reduce(0) { $0 + $1.count } / 2 }

  /// The pattern with these off-diagonal entries, each listed once or more, in either triangle.
  ///
  /// - Precondition: the entries lie in the matrix.
  init(order: Int, edges: some Sequence<(Int, Int)>) {
    var lists = [[Int]](repeating: [], count: order)
    for (i, j) in edges where i != j {
      lists[i].append(j)
      lists[j].append(i)
    }
    neighbours = lists.map { list in
      var sorted = list.sorted()
      var kept = 0
      for (k, vertex) in sorted.enumerated() where k == 0 || vertex != sorted[kept - 1] {
        sorted[kept] = vertex
        kept += 1
      }
      sorted.removeLast(sorted.count - kept)
      return sorted
    }
  }

  /// The pattern of the semidefinite cone whose rows are flagged when they are not all zero in [A b].
  init(order: Int, flags: ArraySlice<Bool>) {
    var edges: [(Int, Int)] = []
    var k = flags.startIndex
    for j in 0..<order {
      for i in 0..<j where flags[k + i] { edges.append((i, j)) }
      k += j + 1
    }
    self.init(order: order, edges: edges)
  }
}

extension ConicProgram {
  /// For each row whether b or an entry of A in it is not zero.
  var rowsInUse: [Bool] {
    var flags = constants.map { $0 != 0 }
    for (row, value) in zip(coefficients.rows, coefficients.values) where value != 0 { flags[row] = true }
    return flags
  }
}
