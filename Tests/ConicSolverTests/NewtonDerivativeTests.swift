import ConicPrograms
import LinearAlgebra
import Testing

@testable import ConicSolver

/// The augmented Lagrangian's derivatives against finite differences and against each other.
@Suite struct NewtonDerivativeTests {
  static let products: [[Cone]] = [
    [.zero(6)], [.nonnegative(9)], [.secondOrder(5), .secondOrder(4), .secondOrder(1)], [.semidefinite(order: 6)],
    [.semidefinite(order: 1), .semidefinite(order: 0), .semidefinite(order: 2)],
    [.zero(2), .nonnegative(3), .secondOrder(4), .semidefinite(order: 4), .semidefinite(order: 7), .nonnegative(2)],
  ]

  static func lagrangian(
    _ cones: [Cone], seed: UInt64, variables: Int = 5
  ) throws -> (AugmentedLagrangian, x: [Double], direction: [Double]) {
    let planted = try PlantedProgram(cones, variables: variables, density: 1, seed: seed)
    var random = SplitMix64(seed: seed &+ 1000)
    let lagrangian = AugmentedLagrangian(
      program: planted.program, z: random.gaussianVector(planted.program.rowCount), σ: 0.5 + random.nextUniform(), κ: 0.1,
      centre: random.gaussianVector(variables))
    return (lagrangian, random.gaussianVector(variables, deviation: 0.5), random.gaussianVector(variables))
  }

  static func moved(_ x: [Double], _ direction: [Double], by h: Double) -> [Double] { zip(x, direction).map { $0 + h * $1 } }

  @Test(arguments: products.indices, 0..<4 as Range<UInt64>)
  func gradientAndHessianAreDerivatives(index: Int, seed: UInt64) throws {
    let cones = Self.products[index]
    let (lagrangian, x, d) = try Self.lagrangian(cones, seed: seed)
    let h = 1e-6
    let (middle, left, right) = try (
      lagrangian.evaluate(x), lagrangian.evaluate(Self.moved(x, d, by: -h)), lagrangian.evaluate(Self.moved(x, d, by: h))
    )
    let slope = zip(middle.gradient, d).reduce(0) { $0 + $1.0 * $1.1 }
    #expect(abs((right.value - left.value) / (2 * h) - slope) <= 1e-6 * (1 + abs(slope) + middle.magnitude))
    let product = try lagrangian.multiplyHessian(at: middle, d)
    let size = product.reduce(1) { max($0, abs($1)) }
    for i in d.indices { #expect(abs((right.gradient[i] - left.gradient[i]) / (2 * h) - product[i]) <= 1e-5 * size) }
  }

  @Test(arguments: products.indices, 0..<4 as Range<UInt64>)
  func valuesAreThoseOfTheDefinition(index: Int, seed: UInt64) throws {
    let cones = Self.products[index]
    let (lagrangian, x, _) = try Self.lagrangian(cones, seed: seed)
    let value = try lagrangian.evaluate(x)
    let program = lagrangian.program
    let ax = program.coefficients.multiplied(by: x)
    for (cone, range) in zip(cones, program.ranges) {
      let v = range.map { lagrangian.z[$0] / lagrangian.σ + ax[$0] - program.constants[$0] }
      let projected = try PlantedProgram.dualProjection(cone, v)
      for (k, row) in range.enumerated() {
        #expect(abs(value.multipliers[row] - lagrangian.σ * projected[k]) <= 1e-11)
        #expect(abs(value.slacks[row] - (projected[k] - v[k])) <= 1e-11)
      }
    }
    #expect(abs(zip(value.slacks, value.multipliers).reduce(0) { $0 + $1.0 * $1.1 }) <= 1e-10 * (1 + value.magnitude))
  }

  @Test(arguments: products.indices, 0..<4 as Range<UInt64>)
  func explicitMatrixIsTheOperator(index: Int, seed: UInt64) throws {
    let cones = Self.products[index]
    // Few negative and few positive eigenvalues in turn.
    for shift in [1.0, -1] {
      var (lagrangian, x, _) = try Self.lagrangian(cones, seed: seed, variables: 7)
      for (cone, range) in zip(cones, lagrangian.program.ranges) {
        guard case .semidefinite(let order) = cone else { continue }
        for i in 0..<order { lagrangian.z[range.lowerBound + SymmetricVector.index(i, i)] += shift * lagrangian.σ * Double(order) }
      }
      let value = try lagrangian.evaluate(x)
      for case .spectral(let derivative) in value.derivatives where derivative.order > 5 {
        #expect(derivative.side == (shift > 0 ? .nonpositive : .positive))
      }
      var newton = NewtonMatrix(lagrangian.program)
      let matrix = try newton.matrix(value)
      for i in x.indices {
        let column = try lagrangian.multiplyHessian(at: value, x.indices.map { $0 == i ? 1 : 0 })
        for j in x.indices {
          let expected = lagrangian.σ * matrix[j, i] + (i == j ? lagrangian.κ : 0)
          #expect(abs(column[j] - expected) <= 1e-10 * (1 + abs(expected)))
        }
      }
    }
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func sparsePatternsChangeNothing(seed: UInt64) throws {
    let n = 40
    var random = SplitMix64(seed: seed)
    let range = 2..<2 + SymmetricVector.dimension(order: n)
    let a = SparseColumns(
      rowCount: range.upperBound,
      columns: (0..<20).map { i in
        [(0, 1.0), (2 + SymmetricVector.index(i, i), 1.0), (2 + SymmetricVector.index(i, 39 - i), random.nextGaussian())]
      })
    let pattern = try #require(AggregatePattern(order: n, range: range, of: a))
    #expect(pattern.rows.count == 40)
    var v: [Double] = random.gaussianVector(range.count)
    let h = Array(a.multiplied(by: random.gaussianVector(20))[range])
    for shift in [-5.0, 10] {
      for i in 0..<n { v[SymmetricVector.index(i, i)] += shift }
      var projection = [Double](repeating: 0, count: v.count)
      let derivative = try ProjectionDerivative.project(v, onDualOf: .semidefinite(order: n), to: &projection)
      var (dense, sparse) = (projection, projection)
      try derivative.apply(h, count: h.count, to: &dense)
      try derivative.apply(h, count: h.count, pattern: pattern, to: &sparse)
      for (i, j) in zip(pattern.rows, pattern.columns) {
        let k = SymmetricVector.index(i, j)
        #expect(abs(dense[k] - sparse[k]) <= 1e-12)
      }
    }
    // A dense pattern is left to whole matrices.
    let full = SparseColumns(rowCount: range.upperBound, columns: [range.map { ($0, 1.0) }])
    #expect(AggregatePattern(order: n, range: range, of: full) == nil)
  }

  /// Few positive eigenvalues of a large matrix and few variables: the matrix comes from resolvents, without the other eigenvectors.
  @Test(arguments: 0..<6 as Range<UInt64>)
  func resolventsReplaceEigenvectors(seed: UInt64) throws {
    let n = 24
    var random = SplitMix64(seed: seed)
    let columns = (0..<4).map { i in
      (0..<n).map { (row: SymmetricVector.index(5 * i, $0), value: random.nextGaussian()) }
    }
    let a = SparseColumns(rowCount: SymmetricVector.dimension(order: n), columns: columns)
    // Constants that leave v with the eigenvalues 3, 2e-3 and n − 2 negative ones, of which some are tiny.
    let basis = try (random.gaussianMatrix(rows: n, columns: n) as Matrix<Double>).qr().q
    var scaled = basis
    for k in 0..<n {
      let λ = k == 0 ? 3 : k == 1 ? 2e-3 : k < 6 ? -1e-9 : -random.nextUniform()
      for j in 0..<n { scaled[j, k] *= λ }
    }
    let v = SymmetricVector.vector(Matrix.product(scaled, basis, transposingRight: true))
    let program = try ConicProgram(
      objective: [1, 2, 3, 4], coefficients: a, constants: v.map { -$0 }, cones: [.semidefinite(order: n)])
    let lagrangian = AugmentedLagrangian(
      program: program, z: [Double](repeating: 0, count: v.count), σ: 2, κ: 0, centre: [Double](repeating: 0, count: 4))
    let value = try lagrangian.evaluate([0, 0, 0, 0])
    guard case .spectral(let spectrum) = value.derivatives[0] else {
      Issue.record("not the derivative of a semidefinite cone")
      return
    }
    let cover = StarCover(order: n, range: 0..<v.count, of: a)
    let resolved = try #require(try NewtonMatrix.resolved(spectrum, cover, slack: value.slacks[...]))
    let stacked = try NewtonMatrix.stacked(spectrum, cover)
    for k in resolved.elements.indices { #expect(abs(resolved.elements[k] - stacked.elements[k]) <= 1e-9) }
  }

  @Test func starsAddUpToTheMatrices() throws {
    var random = SplitMix64(seed: 5)
    let n = 7
    // Stars, diagonals, full and empty matrices.
    let patterns: [[(Int, Int)]] = [
      (0..<n).map { (3, $0) }, (0..<n).map { ($0, $0) }, (0..<n).flatMap { i in (0...i).map { (i, $0) } }, [], [(2, 5), (5, 5), (0, 1)],
    ]
    let offset = 4
    let a = SparseColumns(
      rowCount: offset + SymmetricVector.dimension(order: n) + 3,
      columns: patterns.map { pattern in
        pattern.map { (offset + SymmetricVector.index($0.0, $0.1), random.nextGaussian()) } + [(1, 1.0), (offset + 28, 2.0)]
      })
    let cover = StarCover(order: n, range: offset..<offset + SymmetricVector.dimension(order: n), of: a)
    #expect(cover.variables == [0, 1, 2, 4])
    #expect(cover.starts[1] == 1)
    for (place, variable) in cover.variables.enumerated() {
      var sum = Matrix<Double>(rows: n, columns: n)
      for star in cover.starts[place]..<cover.starts[place + 1] {
        for k in cover.entryStarts[star]..<cover.entryStarts[star + 1] {
          sum[cover.centres[star], cover.indices[k]] += cover.values[k]
          sum[cover.indices[k], cover.centres[star]] += cover.values[k]
        }
      }
      var unit = [Double](repeating: 0, count: patterns.count)
      unit[variable] = 1
      let expected = SymmetricVector.matrix(
        a.multiplied(by: unit)[offset..<offset + SymmetricVector.dimension(order: n)], order: n)
      for k in sum.elements.indices { #expect(abs(sum.elements[k] - expected.elements[k]) <= 1e-14) }
    }
  }
}
