import ConicPrograms
import LinearAlgebra
import Testing

@Suite struct ResidualsTests {
  /// Everything from dense matrices Fᵢ in blocks, by the formulas of (P) and (D), not by way of svec.
  @Test(arguments: 1...20) func againstDenseEvaluation(seed: Int) throws {
    var generator = SplitMix64(seed: UInt64(seed))
    let blocks: [Block] = [.symmetric(Int.random(in: 1...5, using: &generator)), .diagonal(3), .symmetric(2)]
    let m = Int.random(in: 1...4, using: &generator)
    func entries() -> [Entry] {
      (0..<8).map { _ in
        let block = Int.random(in: 0..<3, using: &generator)
        let row = Int.random(in: 0..<blocks[block].order, using: &generator)
        let column = block == 1 ? row : Int.random(in: 0..<blocks[block].order, using: &generator)
        return Entry(block: block, row: row, column: column, value: Double.random(in: -3...3, using: &generator))
      }
    }
    func dense(_ entries: [Entry]) -> [Matrix<Double>] {
      var result = blocks.map { Matrix<Double>(rows: $0.order, columns: $0.order) }
      for entry in entries {
        result[entry.block][entry.row, entry.column] += entry.value
        if entry.row != entry.column { result[entry.block][entry.column, entry.row] += entry.value }
      }
      return result
    }
    func symmetric() -> [Matrix<Double>] {
      blocks.map { block in
        var result = Matrix<Double>(rows: block.order, columns: block.order)
        for i in 0..<block.order {
          for j in 0...i where i == j || block == .symmetric(block.order) {
            result[i, j] = Double.random(in: -1...1, using: &generator)
            result[j, i] = result[i, j]
          }
        }
        return result
      }
    }
    func inner(_ a: [Matrix<Double>], _ b: [Matrix<Double>]) -> Double {
      zip(a, b).reduce(0) { $0 + zip($1.0.elements, $1.1.elements).reduce(0) { $0 + $1.0 * $1.1 } }
    }
    func vector(_ a: [Matrix<Double>]) -> [Double] {
      zip(a, blocks).flatMap { matrix, block -> [Double] in
        if case .diagonal(let order) = block { return (0..<order).map { matrix[$0, $0] } }
        return SymmetricVector.vector(matrix)
      }
    }
    func least(_ a: [Matrix<Double>]) throws -> Double { try a.map { try $0.symmetricEigenvalues()[0] }.min() ?? 0 }

    let c = (0..<m).map { _ in Double.random(in: -2...2, using: &generator) }
    let (constant, coefficients) = (entries(), (0..<m).map { _ in entries() })
    let program = try LinearMatrixInequality(blocks: blocks, objective: c, constant: constant, coefficients: coefficients).program()
    let f0 = dense(constant)
    let f = coefficients.map(dense)
    let x = (0..<m).map { _ in Double.random(in: -1...1, using: &generator) }
    let (s, y) = (symmetric(), symmetric())
    let residuals = try Residuals(program, ConicPoint(x: x, s: vector(s), z: vector(y)))

    func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) < 1e-12 * (1 + abs(b)) }
    #expect(close(residuals.primalObjective, zip(c, x).reduce(0) { $0 + $1.0 * $1.1 }))
    #expect(close(residuals.dualObjective, inner(f0, y)))
    var error = 0.0
    for k in blocks.indices {
      for e in s[k].elements.indices {
        var value = -f0[k].elements[e] - s[k].elements[e]
        for i in 0..<m { value += x[i] * f[i][k].elements[e] }
        error += value * value
      }
    }
    #expect(close(residuals.primal, error.squareRoot()))
    error = 0
    for i in 0..<m { error += (inner(f[i], y) - c[i]) * (inner(f[i], y) - c[i]) }
    #expect(close(residuals.dual, error.squareRoot()))
    #expect(close(residuals.primalCone, max(0, -(try least(s)))))
    #expect(close(residuals.dualCone, max(0, -(try least(y)))))
    #expect(close(residuals.complementarity, inner(s, y)))
    #expect(close(residuals.primalScale, 1 + f0.flatMap(\.elements).reduce(0) { max($0, abs($1)) }))
    #expect(close(residuals.dualScale, 1 + c.reduce(0) { max($0, abs($1)) }))
    let withoutCones = try Residuals(program, ConicPoint(x: x, s: vector(s), z: vector(y)), coneDistances: false)
    #expect(withoutCones.primalCone == 0 && withoutCones.dualCone == 0 && withoutCones.primal == residuals.primal)
  }

  /// min x₁ + x₂ with [[x₁, 1], [1, x₂]] ⪰ 0 (optimum 2), at a wrong point.
  @Test func dimacsByHand() throws {
    let problem = try LinearMatrixInequality(
      blocks: [.symmetric(2)], objective: [1, 1], constant: [Entry(block: 0, row: 0, column: 1, value: -1)],
      coefficients: [[Entry(block: 0, row: 0, column: 0, value: 1)], [Entry(block: 0, row: 1, column: 1, value: 1)]])
    let root2 = 2.0.squareRoot()
    // x = (2, 3); X should be [[2, 1], [1, 3]], but S = [[2, 1], [1, −1]]; Y = [[1, −2], [−2, 1.5]].
    let residuals = try Residuals(problem.program(), ConicPoint(x: [2, 3], s: [2, root2, -1], z: [1, -2 * root2, 1.5]))
    // Scales: max |F₀| = 1, max |c| = 1. ⟨F₀, Y⟩ = −2·(−2) = 4; c′x = 5; ⟨S, Y⟩ = 2 − 4 − 1.5.
    let expected = [
      0.5 / 2,  // |⟨F₂, Y⟩ − c₂|
      (((0.25 * 0.25) + 4).squareRoot() - 1.25) / 2,  // −λ_min(Y)
      4.0 / 2,  // |X − S|
      ((1.5 * 1.5 + 1).squareRoot() - 0.5) / 2,  // −λ_min(S)
      (5.0 - 4) / 10, -3.5 / 10,
    ]
    for (error, value) in zip(residuals.dimacs, expected) { #expect(abs(error - value) < 1e-14) }
    #expect(abs(residuals.worst - 2) < 1e-14)
    // And at the optimum nothing is wrong.
    let optimal = try Residuals(problem.program(), ConicPoint(x: [1, 1], s: [1, root2, 1], z: [1, -root2, 1]))
    #expect(optimal.worst < 1e-14)
  }

  @Test func whatIsNotFiniteIsInfinitelyWrong() throws {
    let program = try parse(SDPAFileTests.sample).inequality.program()
    var point = ConicPoint(zeroOf: program)
    point.x[0] = .nan
    #expect(try Residuals(program, point).worst == .infinity)
    point = ConicPoint(zeroOf: program)
    point.z[2] = .infinity
    #expect(try Residuals(program, point).worst == .infinity)
  }
}

@Suite struct InfeasibilityErrorTests {
  /// −x ≥ 1 and x ≥ 1 at once: z = (½, ½) with b′z = −1 shows that nothing is feasible.
  @Test func dualRays() throws {
    let program = try ConicProgram(
      objective: [3], coefficients: SparseColumns(rowCount: 2, columns: [[(0, -1.0), (1, 1.0)]]), constants: [-1, -1],
      cones: [.nonnegative(2)])
    #expect(InfeasibilityError.dualRay(program, [0.5, 0.5]) == 0)
    #expect(InfeasibilityError.dualRay(program, [0.75, 0.25]) == 0.5)
    // Vectors longer than 1 count with their length.
    #expect(abs(InfeasibilityError.dualRay(program, [1.5, -0.5]) - 2 * 2.5.squareRoot()) < 1e-14)
    #expect(InfeasibilityError.dualRay(program, [0.5, -0.75]) == 1.25)
    #expect(abs(InfeasibilityError.dualRay(program, [-0.75, -0.75]) - 0.75 * 1.125.squareRoot()) < 1e-14)
    #expect(InfeasibilityError.dualRay(program, [-0.75, -0.75], cones: false) == 0)
    #expect(InfeasibilityError.dualRay(program, [.nan, 1]) == .infinity)
    #expect(InfeasibilityError.dualRay(program, [.infinity, 1]) == .infinity)
  }

  /// min −x₁ with [[x₁, x₂], [x₂, x₁]] ⪰ 0 is unbounded along (1, 0), and not along (1, 2).
  @Test func primalRays() throws {
    let program = try LinearMatrixInequality(
      blocks: [.symmetric(2)], objective: [-1, 0], constant: [Entry(block: 0, row: 0, column: 0, value: 5)],
      coefficients: [
        [Entry(block: 0, row: 0, column: 0, value: 1), Entry(block: 0, row: 1, column: 1, value: 1)],
        [Entry(block: 0, row: 0, column: 1, value: 1)],
      ]
    ).program()
    #expect(InfeasibilityError.primalRay(program, [1, 0]) == 0)
    #expect(abs(InfeasibilityError.primalRay(program, [1, 2]) - 5.0.squareRoot()) < 1e-14)
    #expect(InfeasibilityError.primalRay(program, [1, .nan]) == .infinity)
  }

  @Test func equationsHaveFreeDuals() throws {
    // x = 1 and x = 2: z = (1, −1) has A′z = 0 and b′z = −1.
    let program = try ConicProgram(
      objective: [0], coefficients: SparseColumns(rowCount: 2, columns: [[(0, 1.0), (1, 1.0)]]), constants: [1, 2], cones: [.zero(2)])
    #expect(InfeasibilityError.dualRay(program, [1, -1]) == 0)
  }
}
