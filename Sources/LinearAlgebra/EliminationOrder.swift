/// Orders in which to eliminate the vertices of a graph, the off-diagonal pattern of a symmetric matrix.
///
/// A graph is given by the neighbours of each vertex, without repetition and without the vertex itself.
public enum EliminationOrder {
  /// The reverse of a maximum cardinality search: an elimination order without any fill when the pattern is chordal.
  ///
  /// Tarjan, Yannakakis: "Simple linear-time algorithms to test chordality of graphs", SIAM J. Comput. 13 (1984).
  ///
  /// - Complexity: O(vertices + edges).
  public static func maximumCardinality(_ neighbours: [[Int]]) -> [Int] {
    var buckets = Buckets(keys: [Int](repeating: 0, count: neighbours.count))
    var order: [Int] = []
    order.reserveCapacity(neighbours.count)
    while let vertex = buckets.removeLargest() {
      order.append(vertex)
      for neighbour in neighbours[vertex] where buckets.contains(neighbour) {
        buckets.update(neighbour, key: buckets.keys[neighbour] + 1)
      }
    }
    return order.reversed()
  }

  /// An elimination order that takes a vertex of approximately least degree at each step.
  ///
  /// Works on the quotient graph: an eliminated vertex becomes an element that stands for the clique of its neighbours. Amestoy, Davis,
  /// Duff: "An approximate minimum degree ordering algorithm", SIAM J. Matrix Anal. Appl. 17 (1996), with aggressive absorption and
  /// without supervariables.
  ///
  /// - Complexity: O(Σ over eliminations of the entries adjacent to the new clique); the memory of the pattern.
  public static func minimumDegree(_ neighbours: [[Int]]) -> [Int] {
    let order = neighbours.count
    var variables = neighbours
    var elements = [[Int]](repeating: [], count: order)
    var members = [[Int]](repeating: [], count: order)
    var isLive = [Bool](repeating: false, count: order)
    var outside = [Int](repeating: -1, count: order)
    var mark = [Int](repeating: -1, count: order)
    var buckets = Buckets(keys: neighbours.map(\.count))
    var result: [Int] = []
    result.reserveCapacity(order)
    while let pivot = buckets.removeSmallest() {
      result.append(pivot)
      // The clique of the pivot's neighbours; the elements it came from are absorbed.
      mark[pivot] = pivot
      var clique: [Int] = []
      for i in variables[pivot] where mark[i] != pivot {
        mark[i] = pivot
        clique.append(i)
      }
      for element in elements[pivot] where isLive[element] {
        for i in members[element] where mark[i] != pivot {
          mark[i] = pivot
          clique.append(i)
        }
        isLive[element] = false
        members[element] = []
      }
      variables[pivot] = []
      elements[pivot] = []
      // outside[e] = |members(e) \ clique| for every element that meets the clique.
      var met: [Int] = []
      for i in clique {
        for element in elements[i] where isLive[element] {
          if outside[element] < 0 {
            outside[element] = members[element].count
            met.append(element)
          }
          outside[element] -= 1
        }
      }
      for element in met where outside[element] == 0 {
        isLive[element] = false
        members[element] = []
      }
      for i in clique {
        elements[i].removeAll { !isLive[$0] }
        variables[i].removeAll { mark[$0] == pivot }
        let degree = clique.count - 1 + variables[i].count + elements[i].reduce(0) { $0 + outside[$1] }
        elements[i].append(pivot)
        buckets.update(i, key: min(degree, order - result.count - 1))
      }
      for element in met { outside[element] = -1 }
      members[pivot] = clique
      isLive[pivot] = true
    }
    return result
  }

  /// Vertices by small integer keys; entries that have moved on are skipped when they come up.
  private struct Buckets {
    private(set) var keys: [Int]
    private var isPresent: [Bool]
    private var stacks: [[Int]]
    private var smallest = 0
    private var largest: Int

    init(keys: [Int]) {
      self.keys = keys
      isPresent = keys.map { _ in true }
      stacks = [[Int]](repeating: [], count: keys.count + 1)
      for vertex in keys.indices.reversed() { stacks[keys[vertex]].append(vertex) }
      largest = keys.count
    }

    func contains(_ vertex: Int) -> Bool { isPresent[vertex] }

    mutating func update(_ vertex: Int, key: Int) {
      guard key != keys[vertex] else { return }
      keys[vertex] = key
      stacks[key].append(vertex)
      smallest = min(smallest, key)
      largest = max(largest, key)
    }

    mutating func removeSmallest() -> Int? {
      while smallest < stacks.count {
        if let vertex = pop(smallest) { return vertex }
        smallest += 1
      }
      return nil
    }

    mutating func removeLargest() -> Int? {
      while largest >= 0 {
        if let vertex = pop(largest) { return vertex }
        largest -= 1
      }
      return nil
    }

    private mutating func pop(_ key: Int) -> Int? {
      while let vertex = stacks[key].popLast() {
        if isPresent[vertex], keys[vertex] == key {
          isPresent[vertex] = false
          return vertex
        }
      }
      return nil
    }
  }
}
