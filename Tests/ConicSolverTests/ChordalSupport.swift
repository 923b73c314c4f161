import ConicPrograms
import LinearAlgebra

@testable import ConicSolver

/// Random patterns of several kinds, and matrices that have them.
enum ChordalSamples {
  /// A random chordal graph: each vertex joins part of a random clique of those before it.
  static func chordal(order: Int, largest: Int, using generator: inout SplitMix64) -> SparsityPattern {
    var cliques: [[Int]] = []
    var edges: [(Int, Int)] = []
    let labels = Array(0..<order).shuffled(using: &generator)
    for v in 0..<order {
      var clique = cliques.randomElement(using: &generator) ?? []
      clique.shuffle(using: &generator)
      clique.removeLast(max(0, clique.count - Int.random(in: 0..<largest, using: &generator)))
      for u in clique { edges.append((labels[u], labels[v])) }
      cliques.append(clique + [v])
    }
    return SparsityPattern(order: order, edges: edges)
  }

  /// Each pair with this probability.
  static func random(order: Int, density: Double, using generator: inout SplitMix64) -> SparsityPattern {
    var edges: [(Int, Int)] = []
    for j in 0..<order {
      for i in 0..<j where generator.nextUniform() < density { edges.append((i, j)) }
    }
    return SparsityPattern(order: order, edges: edges)
  }

  /// Neighbouring layers are fully connected.
  static func layers(_ widths: [Int]) -> SparsityPattern {
    var (edges, start, previous) = ([(Int, Int)](), 0, 0..<0)
    for width in widths {
      let layer = start..<start + width
      for j in layer {
        for i in previous.lowerBound..<j { edges.append((i, j)) }
      }
      (previous, start) = (layer, layer.upperBound)
    }
    return SparsityPattern(order: start, edges: edges)
  }

  /// A mixture, by number.
  static func pattern(_ number: Int) -> SparsityPattern {
    var generator = SplitMix64(seed: UInt64(number) &* 7919 &+ 5)
    let order = Int.random(in: 2...28, using: &generator)
    switch number % 4 {
    case 0: return chordal(order: order, largest: 6, using: &generator)
    case 1: return random(order: order, density: 0.05 + 0.25 * generator.nextUniform(), using: &generator)
    case 2: return layers((0..<Int.random(in: 1...6, using: &generator)).map { _ in Int.random(in: 1...6, using: &generator) })
    default:
      // An arrow with a broad head: cliques that all share one separator.
      let head = Int.random(in: 1...min(6, order), using: &generator)
      return SparsityPattern(order: order, edges: (0..<order).flatMap { j in (0..<min(head, j)).map { ($0, j) } })
    }
  }

  /// G G′ with Gaussian G of this many columns.
  static func semidefinite(order: Int, rank: Int, using generator: inout SplitMix64) -> Matrix<Double> {
    let factor: Matrix<Double> = generator.gaussianMatrix(rows: order, columns: rank)
    return factor.gram(transposing: true)
  }
}

extension CliqueTree {
  /// Whether this is a set of cliques that covers a pattern, in a forest with the running intersection property, told from the definitions.
  func isValid(for pattern: SparsityPattern) -> Bool {
    let sets = cliques.map(Set.init)
    let covers = pattern.neighbours.enumerated().allSatisfy { i, list in
      list.allSatisfy { j in sets.contains { $0.contains(i) && $0.contains(j) } }
    }
    // In a forest, the cliques with vertex v form one subtree if and only if they are one more than the tree edges that hold v.
    let subtrees = (0..<order).allSatisfy { v in
      let held = sets.indices.filter { sets[$0].contains(v) }
      let joined = held.filter { clique in parents[clique].map { sets[$0].contains(v) } ?? false }
      return held.count == joined.count + 1
    }
    let consistent = cliques.indices.allSatisfy { k in
      let parent = parents[k].map { sets[$0] } ?? []
      return Set(separators[k]) == sets[k].intersection(parent) && Set(residuals[k]) == sets[k].subtracting(parent)
        && cliques[k] == cliques[k].sorted() && !residuals[k].isEmpty && (parents[k] ?? -1) < k
    }
    return covers && subtrees && consistent && residuals.flatMap { $0 }.sorted() == Array(0..<order)
  }

  /// Whether no clique holds another.
  var isMaximal: Bool {
    let sets = cliques.map(Set.init)
    return sets.indices.allSatisfy { i in sets.indices.allSatisfy { i == $0 || !sets[i].isSubset(of: sets[$0]) } }
  }

  /// For each place of the svec of the matrix the number of cliques with that entry.
  var copies: [Int] {
    var result = [Int](repeating: 0, count: SymmetricVector.dimension(order: order))
    for clique in cliques.indices { forEachEntry(of: clique) { result[$1] += 1 } }
    return result
  }
}

func difference(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { max($0, ($1.0 - $1.1).magnitude) } }
