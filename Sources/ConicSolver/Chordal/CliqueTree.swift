import ConicPrograms
import LinearAlgebra

/// Cliques that cover a chordal pattern, in a forest with the running intersection property: the cliques of any vertex form a subtree.
///
/// Vandenberghe, Andersen: "Chordal graphs and semidefinite optimization", Found. Trends Optim. 1 (2015), sections 3 and 4.
struct CliqueTree: Sendable, Equatable {
  /// The number of vertices.
  let order: Int
  /// The cliques' vertices, ascending, parents before their children and each tree in one piece.
  let cliques: [[Int]]
  /// Each clique's parent, nil for the roots.
  let parents: [Int?]
  /// Each clique's vertices shared with its parent, ascending.
  let separators: [[Int]]
  /// Each clique's vertices that are not in its parent, ascending; every vertex is in one of these lists.
  let residuals: [[Int]]

  /// The forest of cliques joined by these edges, rooted at the largest clique of each tree.
  ///
  /// - Precondition: the edges form a forest with the running intersection property.
  init(order: Int, cliques: [[Int]], edges: [[Int]]) {
    var visited = [Bool](repeating: false, count: cliques.count)
    var (ordered, parents) = ([[Int]](), [Int?]())
    for start in cliques.indices.sorted(by: { (cliques[$0].count, $1) > (cliques[$1].count, $0) }) where !visited[start] {
      var stack: [(clique: Int, parent: Int?)] = [(start, nil)]
      visited[start] = true
      while let (clique, parent) = stack.popLast() {
        let position = ordered.count
        ordered.append(cliques[clique])
        parents.append(parent)
        for next in edges[clique].sorted().reversed() where !visited[next] {
          visited[next] = true
          stack.append((next, position))
        }
      }
    }
    self.order = order
    self.cliques = ordered
    self.parents = parents
    separators = zip(ordered, parents).map { clique, parent in parent.map { Self.intersection(clique, ordered[$0]) } ?? [] }
    residuals = zip(ordered, separators).map { Self.difference($0, $1) }
  }

  /// The maximal cliques of a pattern's chordal extension: no fill at all for a chordal pattern, the fill of a minimum degree order
  /// otherwise.
  init(_ pattern: SparsityPattern) {
    let cardinality = SymbolicFactor(pattern, order: EliminationOrder.maximumCardinality(pattern.neighbours))
    guard cardinality.entryCount > pattern.edgeCount else {
      self.init(cardinality)
      return
    }
    let degree = SymbolicFactor(pattern, order: EliminationOrder.minimumDegree(pattern.neighbours))
    self.init(degree.entryCount < cardinality.entryCount ? degree : cardinality)
  }

  /// The maximal cliques of the pattern of a Cholesky factor.
  ///
  /// Column v with the rows below is a maximal clique unless it is a child's column without its first entry. Clique trees are read off
  /// the elimination tree: Pothen, Sun: "Compact clique tree data structures in sparse matrix factorizations" (1990).
  init(_ factor: SymbolicFactor) {
    let order = factor.columns.count
    var owner = [Int](repeating: -1, count: order)
    var absorbed = [Int](repeating: -1, count: order)
    var (cliques, last) = ([[Int]](), [Int]())
    for v in 0..<order {
      // Its supernode is that of the child whose column has exactly one row more, if there is one.
      if absorbed[v] >= 0 {
        owner[v] = absorbed[v]
        last[owner[v]] = v
      } else {
        owner[v] = cliques.count
        last.append(v)
        cliques.append(([v] + factor.columns[v]).map { factor.order[$0] }.sorted())
      }
      if let parent = factor.parents[v], absorbed[parent] < 0, factor.columns[v].count == factor.columns[parent].count + 1 {
        absorbed[parent] = owner[v]
      }
    }
    var edges = [[Int]](repeating: [], count: cliques.count)
    for (clique, v) in last.enumerated() {
      guard let parent = factor.parents[v] else { continue }
      edges[clique].append(owner[parent])
      edges[owner[parent]].append(clique)
    }
    self.init(order: order, cliques: cliques, edges: edges)
  }

  /// The number of matrix entries that are in several cliques, each counted once less than it has cliques.
  var overlapCount: Int { separators.reduce(0) { $0 + SymmetricVector.dimension(order: $1.count) } }

  /// The positions of the cliques of each tree.
  var trees: [Range<Int>] {
    let starts = parents.indices.filter { parents[$0] == nil } + [cliques.count]
    return zip(starts, starts.dropFirst()).map { $0..<$1 }
  }

  /// The elements of both ascending lists.
  static func intersection(_ a: [Int], _ b: [Int]) -> [Int] {
    var (i, j, result) = (0, 0, [Int]())
    while i < a.count, j < b.count {
      if a[i] == b[j] { result.append(a[i]) }
      (i, j) = (a[i] <= b[j] ? i + 1 : i, b[j] <= a[i] ? j + 1 : j)
    }
    return result
  }

  /// The elements of the first ascending list that are not in the second.
  static func difference(_ a: [Int], _ b: [Int]) -> [Int] {
    var (j, result) = (0, [Int]())
    for element in a {
      while j < b.count, b[j] < element { j += 1 }
      if j == b.count || b[j] != element { result.append(element) }
    }
    return result
  }
}
