import LinearAlgebra
import Testing

@testable import ConicSolver

@Suite struct ChordalCliqueTests {
  @Test(arguments: 0..<120) func cliquesAreMaximalAndFormATree(number: Int) {
    let pattern = ChordalSamples.pattern(number)
    let tree = CliqueTree(pattern)
    #expect(tree.isValid(for: pattern))
    #expect(tree.isMaximal)
    #expect(tree.overlapCount == tree.copies.reduce(0) { $0 + max(0, $1 - 1) })
    // All but the second kind are chordal, and chordal patterns get no fill.
    if number % 4 != 1 {
      let filled = SparsityPattern(order: pattern.order, edges: tree.cliques.flatMap { c in c.flatMap { i in c.map { (i, $0) } } })
      #expect(filled == pattern)
    }
  }

  @Test(arguments: 0..<120) func mergingNeverCostsMoreAndKeepsTheTree(number: Int) {
    let pattern = ChordalSamples.pattern(number)
    let tree = CliqueTree(pattern)
    var (children, graph) = (MergingCliques(tree), MergingCliques(tree))
    children.mergeChildren(of: tree)
    graph.mergeInCliqueGraph()
    let merged = tree.merged()
    for candidate in [children.tree, graph.tree, merged] {
      #expect(candidate.isValid(for: pattern))
      #expect(candidate.isMaximal)
      #expect(candidate.cost <= tree.cost * (1 + 1e-12))
      #expect(candidate.trees.count == tree.trees.count)
    }
    #expect(merged.cost <= min(children.tree.cost, graph.tree.cost) * (1 + 1e-12))
  }

  /// Cliques of 40 that differ from one another by one vertex, all around a common separator: siblings are merged though none of the pairs
  /// is an edge of the tree as first built.
  @Test func siblingsMerge() {
    let head = 40
    let pattern = SparsityPattern(order: head + 6, edges: (0..<head + 6).flatMap { j in (0..<min(head, j)).map { ($0, j) } })
    let tree = CliqueTree(pattern)
    #expect(tree.cliques.count == 6)
    var graph = MergingCliques(tree)
    graph.mergeInCliqueGraph()
    #expect(graph.tree.cliques.count == 1)
  }

  /// Two cliques that are neighbours only through a large one, with which neither is worth merging: a tree edge is exchanged.
  @Test func cliquesMergeAcrossALargeOne() {
    let core = Array(0..<40)
    let large = core + [40] + Array(50..<640)
    let (left, right) = (core + [40, 41], core + [42])
    let rest = (43..<50).map { [$0] }
    let tree = CliqueTree(order: 640, cliques: [left, large, right] + rest, edges: [[1], [0, 2], [1]] + rest.map { _ in [] })
    let pattern = SparsityPattern(
      order: 640, edges: [left, large, right].flatMap { clique in clique.flatMap { i in clique.lazy.filter { $0 > i }.map { (i, $0) } } })
    #expect(tree.isValid(for: pattern))
    var graph = MergingCliques(tree)
    graph.mergeInCliqueGraph()
    #expect(graph.tree.cliques.contains(core + [40, 41, 42]))
    #expect(graph.tree.cliques.contains(large))
    #expect(graph.tree.isValid(for: pattern))
  }

  @Test(arguments: 0..<6) func largeRandomTreesStayTrees(number: Int) {
    var generator = SplitMix64(seed: UInt64(number) + 70)
    let pattern = ChordalSamples.chordal(order: 150, largest: 40 + 10 * number, using: &generator)
    let tree = CliqueTree(pattern)
    #expect(tree.isValid(for: pattern) && tree.isMaximal)
    var graph = MergingCliques(tree)
    graph.mergeInCliqueGraph()
    #expect(graph.tree.isValid(for: pattern) && graph.tree.isMaximal)
    #expect(graph.tree.cost <= tree.cost)
  }

  @Test func largeCliquesWithSmallOverlapStay() {
    let pattern = ChordalSamples.layers([100, 10, 100, 10, 100])
    let tree = CliqueTree(pattern)
    #expect(tree.cliques.map(\.count).sorted() == [110, 110, 110, 110])
    #expect(tree.merged().cliques.count >= 3)
    #expect(tree.merged().cost < 0.5 * CliqueCost.projection(320))
  }

  @Test func componentsStayApart() {
    let pattern = SparsityPattern(order: 7, edges: [(0, 3), (3, 5), (1, 6)])
    let merged = CliqueTree(pattern).merged()
    #expect(merged.trees.count == 4)
    #expect(merged.uniting { _ in true }.cliques.sorted { $0[0] < $1[0] } == [[0, 3, 5], [1, 6], [2], [4]])
  }

  @Test func cyclesGetTheLeastFill() {
    for n in 4..<30 {
      let cycle = SparsityPattern(order: n, edges: (0..<n).map { ($0, ($0 + 1) % n) })
      #expect(SymbolicFactor(cycle, order: EliminationOrder.minimumDegree(cycle.neighbours)).entryCount == n + n - 3)
      #expect(CliqueTree(cycle).cliques.allSatisfy { $0.count == 3 })
    }
  }

  @Test func ordersArePermutationsAndMinimumDegreeReducesFill() {
    let side = 20
    var edges: [(Int, Int)] = []
    for i in 0..<side {
      for j in 0..<side {
        if i + 1 < side { edges.append((i * side + j, (i + 1) * side + j)) }
        if j + 1 < side { edges.append((i * side + j, i * side + j + 1)) }
      }
    }
    let grid = SparsityPattern(order: side * side, edges: edges)
    let order = EliminationOrder.minimumDegree(grid.neighbours)
    #expect(order.sorted() == Array(0..<side * side))
    #expect(EliminationOrder.maximumCardinality(grid.neighbours).sorted() == Array(0..<side * side))
    let natural = SymbolicFactor(grid, order: Array(0..<side * side))
    #expect(2 * SymbolicFactor(grid, order: order).entryCount < natural.entryCount)
  }
}
