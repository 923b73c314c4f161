import ConicPrograms
import LinearAlgebra
import Testing

@testable import ConicSolver

/// Splitting semidefinite matrices over cliques and completing partial ones.
@Suite struct ChordalMatrixTests {
  private func trees(_ number: Int) -> [CliqueTree] {
    let tree = CliqueTree(ChordalSamples.pattern(number))
    return [tree, tree.merged()]
  }

  @Test(arguments: 0..<60, [0, 1, 3]) func completionIsSemidefiniteAndKeepsTheEntries(number: Int, rank: Int) throws {
    for tree in trees(number) {
      var generator = SplitMix64(seed: UInt64(number * 10 + rank))
      let order = tree.order
      let matrix = ChordalSamples.semidefinite(order: order, rank: rank == 0 ? order + 2 : rank, using: &generator)
      let copies = tree.copies
      let known = zip(SymmetricVector.vector(matrix), copies).map { $1 > 0 ? $0 : 0 }
      var completed = known[...]
      try tree.complete(&completed)
      #expect(zip(known, copies).enumerated().allSatisfy { $1.1 == 0 || completed[$0] == $1.0 })
      let least = try SymmetricVector.matrix(completed, order: order).symmetricEigenvalues()[0]
      #expect(least > -1e-10 * matrix.elements.reduce(0) { max($0, $1) })
      guard rank == 0, tree.trees.count == 1 else { continue }
      // The completion of greatest determinant is the one whose inverse has the pattern.
      let (values, vectors) = try (
        SymmetricVector.matrix(completed, order: order).symmetricEigen().values,
        SymmetricVector.matrix(completed, order: order).symmetricEigen().vectors
      )
      guard values[0] > 1e-4 else { continue }
      for (place, count) in copies.enumerated() where count == 0 {
        let (i, j) = SymmetricVector.entry(at: place)
        let inverse = (0..<order).reduce(0) { $0 + vectors[$1, i] * vectors[$1, j] / values[$1] }
        #expect(inverse.magnitude < 1e-6 / values[0])
      }
    }
  }

  /// What the averages of overlaps that do not agree look like: the violation must not grow on the way down the tree.
  @Test(arguments: 0..<40, [1e-9, 1e-5, 1e-2]) func indefiniteCliquesAreCompletedWithTheirOwnViolation(number: Int, noise: Double) throws {
    for tree in trees(number) {
      var generator = SplitMix64(seed: UInt64(number))
      let matrix = ChordalSamples.semidefinite(order: tree.order, rank: 2, using: &generator)
      let copies = tree.copies
      var vector = zip(SymmetricVector.vector(matrix), copies).map { $1 > 0 ? $0 + noise * generator.nextGaussian() : 0 }[...]
      var violation = 0.0
      for clique in tree.cliques.indices {
        var part: [Double] = []
        tree.forEachEntry(of: clique) { part.append(vector[$1]) }
        violation = max(violation, try Cone.semidefinite(order: tree.cliques[clique].count).violation(part[...]))
      }
      try tree.complete(&vector)
      #expect(try Cone.semidefinite(order: tree.order).violation(vector) <= violation * (1 + 1e-6) + 1e-9)
    }
  }

  @Test func completionIsHomogeneous() throws {
    let tree = CliqueTree(ChordalSamples.layers([4, 5, 3, 6]))
    var generator = SplitMix64(seed: 3)
    let matrix = ChordalSamples.semidefinite(order: tree.order, rank: 4, using: &generator)
    let known = zip(SymmetricVector.vector(matrix), tree.copies).map { $1 > 0 ? $0 : 0 }
    var reference = known[...]
    try tree.complete(&reference)
    for factor in [0x1p-60, 0x1p40] {
      var scaled = known.map { $0 * factor }[...]
      try tree.complete(&scaled)
      #expect(difference(Array(scaled), reference.map { $0 * factor }) <= 1e-12 * factor)
    }
    var zero = [Double](repeating: 0, count: known.count)[...]
    try tree.complete(&zero)
    #expect(zero.allSatisfy { $0 == 0 })
    var broken = known[...]
    broken[0] = .nan
    #expect(throws: LinearAlgebraError.self) { try tree.complete(&broken) }
  }

  @Test(arguments: 0..<60, [0, 1, 3]) func splittingIsExactAndSemidefinite(number: Int, rank: Int) throws {
    for tree in trees(number) {
      var generator = SplitMix64(seed: UInt64(number * 10 + rank))
      var whole = [Double](repeating: 0, count: SymmetricVector.dimension(order: tree.order))
      for clique in tree.cliques.indices {
        let size = tree.cliques[clique].count
        let part = SymmetricVector.vector(ChordalSamples.semidefinite(order: size, rank: rank == 0 ? size : rank, using: &generator))
        tree.forEachEntry(of: clique) { whole[$1] += part[$0] }
      }
      var parts = tree.cliques.map { [Double](repeating: .nan, count: SymmetricVector.dimension(order: $0.count)) }
      #expect(try tree.split(whole[...]) { parts[$0][$1] = $2 })
      var sum = [Double](repeating: 0, count: whole.count)
      let scale = whole.reduce(1) { max($0, $1.magnitude) }
      for (clique, part) in parts.enumerated() {
        tree.forEachEntry(of: clique) { sum[$1] += part[$0] }
        #expect(try Cone.semidefinite(order: tree.cliques[clique].count).violation(part[...]) < 1e-9 * scale)
      }
      #expect(difference(sum, whole) < 1e-12 * scale)
    }
  }

  @Test func whatIsNotSemidefiniteIsDividedEqually() throws {
    let tree = CliqueTree(ChordalSamples.layers([1, 2, 1]))
    let whole = (0..<SymmetricVector.dimension(order: 4)).map { tree.copies[$0] > 0 ? -1.0 - Double($0) : 0 }
    var sum = [Double](repeating: 0, count: whole.count)
    #expect(try !tree.split(whole[...]) { clique, place, value in tree.forEachEntry(of: clique) { if $0 == place { sum[$1] += value } } })
    #expect(difference(sum, whole) < 1e-14)
  }

  @Test(arguments: 1..<40) func consensusBasisIsOrthonormalAndSumsToZero(copies: Int) {
    let vectors = ConsensusBasis.vectors(copies).map { vector -> [Double] in
      var dense = [Double](repeating: 0, count: copies)
      for k in vector.left { dense[k] = vector.leftValue }
      for k in vector.right { dense[k] = vector.rightValue }
      return dense
    }
    #expect(vectors.count == copies - 1)
    for (i, u) in vectors.enumerated() {
      #expect(abs(u.reduce(0, +)) < 1e-14)
      for (j, v) in vectors.enumerated() {
        #expect(abs(zip(u, v).reduce(0) { $0 + $1.0 * $1.1 } - (i == j ? 1 : 0)) < 1e-14)
      }
    }
  }
}
