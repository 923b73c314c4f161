import ConicPrograms
import LinearAlgebra
import Testing

@testable import ConicSolver

@Suite struct ChordalDecompositionTests {
  /// A program with a known optimum: S Z = 0 on the cliques of a pattern, the other cones by Moreau's decomposition.
  struct Planted {
    var program: ConicProgram
    var point: ConicPoint

    init(_ pattern: SparsityPattern, variableCount: Int, seed: UInt64) throws {
      var generator = SplitMix64(seed: seed)
      let (order, rank) = (pattern.order, 2)
      let tree = CliqueTree(pattern)
      let cones: [Cone] = [.nonnegative(3), .semidefinite(order: order), .zero(2), .semidefinite(order: 3)]
      let factor: Matrix<Double> = generator.gaussianMatrix(rows: order, columns: rank)
      let z = SymmetricVector.vector(factor.gram(transposing: true))
      var s = [Double](repeating: 0, count: z.count)
      for (clique, vertices) in tree.cliques.enumerated() where vertices.count > rank {
        // The projector on what is orthogonal to the clique's rows of the factor.
        let rows = Matrix(rows: vertices.count, columns: rank, elements: vertices.flatMap { factor.row($0) })
        let eigen = try rows.gram(transposing: true).symmetricEigen()
        var part = Matrix<Double>(rows: vertices.count, columns: vertices.count)
        for k in 0..<vertices.count - rank {
          let weight = generator.nextUniform()
          for i in vertices.indices {
            for j in vertices.indices { part[i, j] += weight * eigen.vectors[k, i] * eigen.vectors[k, j] }
          }
        }
        let vector = SymmetricVector.vector(part)
        tree.forEachEntry(of: clique) { s[$1] += vector[$0] }
      }
      let rowCount = cones.reduce(0) { $0 + $1.dimension }
      var isFree = [Bool](repeating: true, count: 3)
      for j in 0..<order {
        for i in 0...j { isFree.append(i == j || pattern.neighbours[j].contains(i)) }
      }
      isFree += [Bool](repeating: true, count: 8)
      let columns = (0..<variableCount).map { _ in
        (0..<rowCount).filter { isFree[$0] && generator.nextUniform() < 0.5 }.map { (row: $0, value: generator.nextGaussian()) }
      }
      let a = SparseColumns(rowCount: rowCount, columns: columns)
      let last = SymmetricVector.vector(ChordalSamples.semidefinite(order: 3, rank: 3, using: &generator))
      point = ConicPoint(
        x: generator.gaussianVector(variableCount), s: [1, 0, 0] + s + [0, 0] + last,
        z: [0, 2, 0.5] + z + generator.gaussianVector(2) + last.map { _ in 0 })
      // S is a sum of cliques' parts of a chordal extension; where that fills in, b takes the entry and the pattern grows with it.
      program = try ConicProgram(
        objective: a.transposedMultiplied(by: point.z).map { -$0 }, coefficients: a,
        constants: zip(a.multiplied(by: point.x), point.s).map { $0 + $1 }, cones: cones)
    }
  }

  private var always: ConicSettings {
    var settings = ConicSettings()
    settings.decomposition = .always
    return settings
  }

  /// The decompositions into maximal cliques and, where more than one is left, into merged ones.
  private func decompositions(_ program: ConicProgram) throws -> [ChordalDecomposition] {
    guard case .semidefinite(let order) = program.cones[1] else { return [] }
    let maximal = CliqueTree(SparsityPattern(order: order, flags: program.rowsInUse[program.ranges[1]]))
    var choice = DecompositionChoice(program, settings: ConicSettings())
    choice.trees = [nil, (maximal, maximal.cliques.count), nil, nil]
    return try [ChordalDecomposition(program, choice), ChordalDecomposition(program, settings: always)].compactMap { $0 }
  }

  @Test(arguments: 0..<60) func plantedOptimumThereAndBack(number: Int) throws {
    let pattern = ChordalSamples.pattern(number)
    let planted = try Planted(pattern, variableCount: 7, seed: UInt64(number))
    #expect(try Residuals(planted.program, planted.point).worst < 1e-10)
    for decomposition in try decompositions(planted.program) { try check(planted, decomposition) }
  }

  private func check(_ planted: Planted, _ decomposition: ChordalDecomposition) throws {
    let inner = try decomposition.adapt(planted.point)
    let residuals = try Residuals(decomposition.program, inner)
    #expect(residuals.worst < 1e-9)
    #expect(abs(residuals.primalObjective - (try Residuals(planted.program, planted.point)).primalObjective) < 1e-9)
    let back = try decomposition.restore(inner)
    #expect(back.x == planted.point.x)
    #expect(difference(back.s, planted.point.s) < 1e-11)
    // Outside the pattern z is another completion, which changes neither A′z nor b′z.
    let flags = planted.program.rowsInUse
    #expect(zip(back.z, planted.point.z).enumerated().allSatisfy { !flags[$0] || abs($1.0 - $1.1) < 1e-12 })
    #expect(try Residuals(planted.program, back).worst < 1e-8)
    // A completed dual comes back as it is.
    let twice = try decomposition.restore(decomposition.adapt(back))
    #expect(difference(twice.z, back.z) < 1e-9)
  }

  /// For arbitrary points of the decomposed program, feasible or not: the way back is linear in (x, s), its residual is the sum over
  /// copies, objectives are kept, and A′z + c is that of the averages.
  @Test(arguments: 0..<24) func residualsOfArbitraryPointsCarryOver(number: Int) throws {
    let planted = try Planted(ChordalSamples.pattern(number), variableCount: 5, seed: UInt64(number))
    let decomposition = try #require(try decompositions(planted.program).first)
    let inner = decomposition.program
    var generator = SplitMix64(seed: 99)
    let point = ConicPoint(
      x: generator.gaussianVector(inner.variableCount), s: generator.gaussianVector(inner.rowCount),
      z: generator.gaussianVector(inner.rowCount))
    let back = try decomposition.restore(point)
    #expect(abs(dot(inner.objective, point.x) - dot(planted.program.objective, back.x)) < 1e-12)
    #expect(abs(dot(inner.constants, point.z) - dot(planted.program.constants, back.z)) < 1e-9)
    let innerDual = inner.coefficients.transposedMultiplied(by: point.z)
    let dual = planted.program.coefficients.transposedMultiplied(by: back.z)
    #expect(difference(Array(innerDual[..<dual.count]), dual) < 1e-9)
    let scaled = ConicPoint(x: point.x.map { 4 * $0 }, s: point.s.map { 4 * $0 }, z: point.z.map { 4 * $0 })
    let large = try decomposition.restore(scaled)
    #expect(difference(large.x + large.s + large.z, (back.x + back.s + back.z).map { 4 * $0 }) < 1e-9)
    let residual = zip(zip(inner.coefficients.multiplied(by: point.x), point.s), inner.constants).map { $0.0 + $0.1 - $1 }
    let outer = zip(zip(planted.program.coefficients.multiplied(by: back.x), back.s), planted.program.constants).map { $0.0 + $0.1 - $1 }
    #expect(abs(residual.reduce(0, +) - outer.reduce(0, +)) < 1e-9)
  }

  /// Overlap columns are orthogonal to the data's and to each other: the Gram matrix keeps its pattern.
  @Test(arguments: [2, 3, 7, 11]) func overlapColumnsAreOrthonormal(number: Int) throws {
    let planted = try Planted(ChordalSamples.pattern(number), variableCount: 4, seed: 1)
    let decomposition = try #require(try decompositions(planted.program).first)
    let a = decomposition.program.coefficients
    func column(_ j: Int) -> [Double] {
      a.multiplied(by: (0..<a.columnCount).map { $0 == j ? 1 : 0 })
    }
    for j in 4..<a.columnCount {
      let products = a.transposedMultiplied(by: column(j))
      #expect(products.enumerated().allSatisfy { abs($1 - ($0 == j ? 1 : 0)) < 1e-13 })
    }
    #expect(decomposition.overlapCount == decomposition.parts.reduce(0) { $0 + $1.tree.overlapCount })
  }

  @Test func settingsDecide() throws {
    // Ten layers of 12: cliques of 24, 9 · 78 overlap variables against 3 of the program.
    let planted = try Planted(ChordalSamples.layers([Int](repeating: 12, count: 10)), variableCount: 3, seed: 4)
    var settings = ConicSettings()
    settings.decomposition = .none
    #expect(try ChordalDecomposition(planted.program, settings: settings) == nil)
    settings.decomposition = .automatic
    #expect(try ChordalDecomposition(planted.program, settings: settings) == nil)
    settings.method = .firstOrder
    #expect(try ChordalDecomposition(planted.program, settings: settings) != nil)
    #expect(try ChordalDecomposition(planted.program, settings: always) != nil)
  }

  /// A block-diagonal matrix declared as one cone falls into its blocks at no price, scalars included.
  @Test func blocksAndDiagonalRowsSeparate() throws {
    let inequality = try LinearMatrixInequality(
      blocks: [.symmetric(6)], objective: [1, 1],
      constant: [.init(block: 0, row: 5, column: 5, value: -1)],
      coefficients: [
        [.init(block: 0, row: 0, column: 2, value: 1), .init(block: 0, row: 1, column: 1, value: 1)],
        [.init(block: 0, row: 3, column: 4, value: 2)],
      ])
    let decomposition = try #require(try ChordalDecomposition(inequality.program(), settings: ConicSettings()))
    #expect(decomposition.program.cones.map(\.size).sorted() == [2, 2, 2])
    #expect(decomposition.program.cones.contains(.nonnegative(2)))
    #expect(decomposition.overlapCount == 0)
  }
}
