/// A clique tree whose cliques are being merged: an unrooted forest that keeps the running intersection property.
struct MergingCliques {
  private let order: Int
  /// The cliques' vertices; empty when merged into another.
  private var cliques: [[Int]]
  private var edges: [Set<Int>]
  /// How often each clique has changed.
  private var versions: [Int]

  /// Starts from a clique tree.
  init(_ tree: CliqueTree) {
    order = tree.order
    cliques = tree.cliques
    edges = tree.cliques.map { _ in [] }
    versions = tree.cliques.map { _ in 0 }
    for (clique, parent) in tree.parents.enumerated() {
      guard let parent else { continue }
      edges[clique].insert(parent)
      edges[parent].insert(clique)
    }
  }

  /// The clique tree reached.
  var tree: CliqueTree {
    var (number, kept) = ([Int](repeating: -1, count: cliques.count), [[Int]]())
    for clique in cliques.indices where !cliques[clique].isEmpty {
      number[clique] = kept.count
      kept.append(cliques[clique])
    }
    let neighbours = cliques.indices.filter { !cliques[$0].isEmpty }.map { edges[$0].map { number[$0] } }
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
  private static let reach = 128

  /// Merges the pair of greatest saving until no pair saves anything.
  ///
  /// Pairs are edges of the reduced clique graph, the union of all clique trees: Cᵢ and Cⱼ such that some separator on the path between
  /// them in one clique tree is Cᵢ ∩ Cⱼ itself. Exchanging that edge of the tree for (i, j) gives a clique tree again, so that the forest is a maximum
  /// spanning forest of the clique graph at every moment and contracting its edges keeps the running intersection property.
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
    var stack = edges[start].sorted().map { (clique: $0, parent: start, shared: cliques[start], narrowest: Int.max) }
    var visits = 0
    while let (clique, parent, inherited, width) = stack.popLast(), visits < Self.reach {
      visits += 1
      // By the running intersection property, what a clique shares with the start it shares with every clique between them.
      let shared = CliqueTree.intersection(inherited, cliques[clique])
      guard !shared.isEmpty else { continue }
      let narrowest = min(width, CliqueTree.intersection(cliques[parent], cliques[clique]).count)
      if narrowest == shared.count, isWanted(clique) {
        let union = cliques[start].count + cliques[clique].count - shared.count
        let saving = CliqueCost.saving(cliques[start].count, cliques[clique].count, union: union, shared: shared.count)
        if saving > 0 {
          heap.insert(Candidate(saving: saving, first: start, second: clique, versions: [versions[start], versions[clique]]))
        }
      }
      for next in edges[clique].sorted() where next != parent { stack.append((next, clique, shared, narrowest)) }
    }
  }

  /// Exchanges a tree edge between two cliques for one that joins them; false when they are not neighbours in any clique tree.
  private mutating func makeAdjacent(_ i: Int, _ j: Int) -> Bool {
    if edges[i].contains(j) { return true }
    let shared = CliqueTree.intersection(cliques[i], cliques[j])
    guard let path = path(from: i, to: j, containing: shared) else { return false }
    for (a, b) in zip(path, path.dropFirst()) where CliqueTree.intersection(cliques[a], cliques[b]).count == shared.count {
      edges[a].remove(b)
      edges[b].remove(a)
      edges[i].insert(j)
      edges[j].insert(i)
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
      for next in edges[clique].sorted()
      where next != parent && CliqueTree.intersection(cliques[next], shared).count == shared.count {
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
    edges[j].remove(i)
    edges[i].remove(j)
    for neighbour in edges[j] {
      edges[neighbour].remove(j)
      edges[neighbour].insert(i)
      edges[i].insert(neighbour)
    }
    edges[j] = []
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
