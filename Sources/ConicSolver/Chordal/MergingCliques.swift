/// A clique tree whose cliques are being merged: an unrooted forest that keeps the running intersection property.
struct MergingCliques {
  private let order: Int
  /// The cliques' vertices; empty when merged into another.
  private var cliques: [[Int]]
  /// Each clique's neighbours in the tree, with the number of vertices shared.
  private var edges: [[Int: Int]]
  /// How often each clique has changed.
  private var versions: [Int]

  /// Starts from a clique tree.
  init(_ tree: CliqueTree) {
    order = tree.order
    cliques = tree.cliques
    edges = tree.cliques.map { _ in [:] }
    versions = tree.cliques.map { _ in 0 }
    for (clique, parent) in tree.parents.enumerated() {
      guard let parent else { continue }
      edges[clique][parent] = tree.separators[clique].count
      edges[parent][clique] = tree.separators[clique].count
    }
  }

  /// The clique tree reached.
  var tree: CliqueTree {
    var (number, kept) = ([Int](repeating: -1, count: cliques.count), [[Int]]())
    for clique in cliques.indices where !cliques[clique].isEmpty {
      number[clique] = kept.count
      kept.append(cliques[clique])
    }
    let neighbours = cliques.indices.filter { !cliques[$0].isEmpty }.map { edges[$0].map { number[$0.key] } }
    return CliqueTree(order: order, cliques: kept, edges: neighbours)
  }

  // MARK: - Along the tree

  /// Merges children into their parents, bottom up, where that lowers the cost.
  ///
  /// The parent-child strategy of Sun, Andersen, Vandenberghe: "Decomposition in conic optimization with partially separable structure",
  /// SIAM J. Optim. 24 (2014), with the estimated cost for its thresholds.
  mutating func mergeChildren(of tree: CliqueTree) {
    for clique in tree.cliques.indices.reversed() {
      // Parents are merged after their children, so a clique's parent is still there under its own number.
      guard let parent = tree.parents[clique] else { continue }
      if saving(clique, parent) > 0 { contract(clique, into: parent) }
    }
  }

  // MARK: - In the reduced clique graph

  /// A pair of cliques whose merging lowers the cost.
  private struct Candidate {
    let saving: Double
    let first: Int
    let second: Int
    let versions: [Int]
  }

  /// The most cliques looked at in the search for a clique's partners.
  private static let reach = 64

  /// Merges the pair of greatest saving until no pair saves anything.
  ///
  /// Pairs are edges of the reduced clique graph, the union of all clique trees: Cᵢ and Cⱼ such that some separator on the path between
  /// them in one clique tree is Cᵢ ∩ Cⱼ itself. Exchanging that edge of the tree for (i, j) gives a clique tree again, so that the forest
  /// is a maximum spanning forest of the clique graph at every moment and contracting its edges keeps the running intersection property.
  mutating func mergeInCliqueGraph() {
    var heap = Heap<Candidate> { $0.saving > $1.saving || ($0.saving == $1.saving && ($0.first, $0.second) < ($1.first, $1.second)) }
    for clique in cliques.indices { insertPartners(of: clique, into: &heap) { clique < $0 } }
    while let candidate = heap.popFirst() {
      let (i, j) = (candidate.first, candidate.second)
      guard candidate.versions == [versions[i], versions[j]], makeAdjacent(i, j) else { continue }
      contract(j, into: i)
      insertPartners(of: i, into: &heap) { _ in true }
    }
  }

  /// Offers every clique that shares a separator of the path with `start` and whose merging with it saves something.
  private func insertPartners(of start: Int, into heap: inout Heap<Candidate>, where isWanted: (Int) -> Bool) {
    var stack: [(clique: Int, parent: Int, shared: [Int], narrowest: Int)] = []
    func extend(_ clique: Int, _ parent: Int, _ shared: [Int], _ narrowest: Int) {
      let neighbours = edges[clique]
      if neighbours.count > Self.reach {
        // The widest separators first; the others are beyond reach anyway.
        let nearest = neighbours.sorted { ($0.value, $1.key) > ($1.value, $0.key) }.prefix(Self.reach)
        for next in nearest.reversed() where next.key != parent { stack.append((next.key, clique, shared, min(narrowest, next.value))) }
      } else {
        for next in neighbours.sorted(by: { ($0.value, $1.key) < ($1.value, $0.key) }) where next.key != parent {
          stack.append((next.key, clique, shared, min(narrowest, next.value)))
        }
      }
    }
    extend(start, start, cliques[start], .max)
    var visits = 0
    while let (clique, parent, inherited, narrowest) = stack.popLast(), visits < Self.reach {
      visits += 1
      // By the running intersection property, what a clique shares with the start it shares with every clique between them.
      let shared = CliqueTree.intersection(inherited, cliques[clique])
      guard !shared.isEmpty else { continue }
      if narrowest == shared.count, isWanted(clique) {
        let union = cliques[start].count + cliques[clique].count - shared.count
        let saving = CliqueCost.saving(cliques[start].count, cliques[clique].count, union: union, shared: shared.count)
        if saving > 0 {
          heap.insert(Candidate(saving: saving, first: start, second: clique, versions: [versions[start], versions[clique]]))
        }
      }
      extend(clique, parent, shared, narrowest)
    }
  }

  /// Exchanges a tree edge between two cliques for one that joins them; false when they are not neighbours in any clique tree.
  private mutating func makeAdjacent(_ i: Int, _ j: Int) -> Bool {
    if edges[i][j] != nil { return true }
    let shared = CliqueTree.intersection(cliques[i], cliques[j])
    guard let path = path(from: i, to: j, containing: shared) else { return false }
    for (a, b) in zip(path, path.dropFirst()) where edges[a][b] == shared.count {
      edges[a][b] = nil
      edges[b][a] = nil
      edges[i][j] = shared.count
      edges[j][i] = shared.count
      return true
    }
    return false
  }

  /// The path in the tree between two cliques; all its cliques contain what the two share.
  private func path(from i: Int, to j: Int, containing shared: [Int]) -> [Int]? {
    var stack = [(clique: i, parent: i)]
    var origin: [Int: Int] = [:]
    while let (clique, parent) = stack.popLast() {
      origin[clique] = parent
      if clique == j {
        var path = [j]
        while let last = path.last, last != i, let previous = origin[last] { path.append(previous) }
        return path.reversed()
      }
      for (next, width) in edges[clique]
      where next != parent && width >= shared.count && CliqueTree.intersection(cliques[next], shared).count == shared.count {
        stack.append((next, clique))
      }
    }
    return nil
  }

  // MARK: - Both

  private func saving(_ i: Int, _ j: Int) -> Double {
    let shared = CliqueTree.intersection(cliques[i], cliques[j]).count
    let union = cliques[i].count + cliques[j].count - shared
    return CliqueCost.saving(cliques[i].count, cliques[j].count, union: union, shared: shared)
  }

  /// Unites neighbours of the tree.
  private mutating func contract(_ j: Int, into i: Int) {
    cliques[i] = (cliques[i] + CliqueTree.difference(cliques[j], cliques[i])).sorted()
    cliques[j] = []
    edges[j][i] = nil
    edges[i][j] = nil
    // What a neighbour shares with one of the two, by the running intersection property, is all it shares with their union.
    for (neighbour, width) in edges[j] {
      edges[neighbour][j] = nil
      edges[neighbour][i] = width
      edges[i][neighbour] = width
    }
    edges[j] = [:]
    versions[i] += 1
    versions[j] += 1
  }
}

/// A binary heap.
private struct Heap<Element> {
  private var elements: [Element] = []
  private let precedes: (Element, Element) -> Bool

  init(_ precedes: @escaping (Element, Element) -> Bool) { self.precedes = precedes }

  mutating func insert(_ element: Element) {
    elements.append(element)
    var k = elements.count - 1
    while k > 0, precedes(elements[k], elements[(k - 1) / 2]) {
      elements.swapAt(k, (k - 1) / 2)
      k = (k - 1) / 2
    }
  }

  mutating func popFirst() -> Element? {
    guard let first = elements.first, let last = elements.popLast() else { return nil }
    guard !elements.isEmpty else { return first }
    elements[0] = last
    var k = 0
    while true {
      var least = k
      for child in [2 * k + 1, 2 * k + 2] where child < elements.count && precedes(elements[child], elements[least]) { least = child }
      guard least != k else { return first }
      elements.swapAt(k, least)
      k = least
    }
  }
}
