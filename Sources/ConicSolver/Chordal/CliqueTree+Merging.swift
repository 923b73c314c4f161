extension CliqueTree {
  /// The cheapest of the tree itself, merged along its edges, and merged in the reduced clique graph.
  ///
  /// Each connected component of the pattern is decided on its own.
  func merged() -> CliqueTree {
    guard cliques.count > 1 else { return self }
    var children = MergingCliques(self)
    children.mergeChildren(of: self)
    var graph = MergingCliques(self)
    graph.mergeInCliqueGraph()
    return graph.tree.cheapest(children.tree).cheapest(self)
  }

  /// The cheaper of two trees for each connected component.
  private func cheapest(_ other: CliqueTree) -> CliqueTree {
    // Trees of one component have the same least vertex.
    func byLeastVertex(_ tree: CliqueTree) -> [Int: Range<Int>] {
      Dictionary(uniqueKeysWithValues: tree.trees.map { range in (range.reduce(Int.max) { min($0, tree.cliques[$1][0]) }, range) })
    }
    let (mine, others) = (byLeastVertex(self), byLeastVertex(other))
    var choices: [(tree: CliqueTree, range: Range<Int>)] = []
    for vertex in mine.keys.sorted() {
      guard let first = mine[vertex], let second = others[vertex] else { continue }
      choices.append(cost(first) <= other.cost(second) ? (self, first) : (other, second))
    }
    return CliqueTree(order: order, choices: choices)
  }

  /// The tree with the components that satisfy a condition made one clique each.
  func uniting(where isUnited: (Range<Int>) -> Bool) -> CliqueTree {
    CliqueTree(
      order: order,
      choices: trees.map { range in
        guard range.count > 1, isUnited(range) else { return (self, range) }
        let vertices = range.flatMap { residuals[$0] }.sorted()
        return (CliqueTree(order: order, cliques: [vertices], edges: [[]]), 0..<1)
      })
  }

  /// The forest of these trees.
  private init(order: Int, choices: [(tree: CliqueTree, range: Range<Int>)]) {
    var (cliques, edges) = ([[Int]](), [[Int]]())
    for (tree, range) in choices {
      let offset = cliques.count - range.lowerBound
      for clique in range {
        cliques.append(tree.cliques[clique])
        edges.append([])
        guard let parent = tree.parents[clique] else { continue }
        edges[clique + offset].append(parent + offset)
        edges[parent + offset].append(clique + offset)
      }
    }
    self.init(order: order, cliques: cliques, edges: edges)
  }
}
