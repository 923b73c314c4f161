import ConicPrograms
import LinearAlgebra
import Testing

@testable import ConicSolver

/// Certificates of infeasibility, recomputed from the program's own data.
@Suite struct InfeasibilityTests {
  /// A program with z* in the interior of K*, A′z* = 0 and b′z* < 0: no (x, s) is feasible.
  static func primalInfeasible(_ cones: [Cone], variables: Int, seed: UInt64) throws -> ConicProgram {
    let planted = try PlantedProgram(cones, variables: variables, density: 0.7, seed: seed)
    var random = SplitMix64(seed: seed + 100)
    let z = try interior(cones, &random)
    let square = z.reduce(0) { $0 + $1 * $1 }
    let a = planted.program.coefficients
    // Columns without their parts along z.
    let columns = (0..<variables).map { j in
      var column = [Double](repeating: 0, count: z.count)
      for k in a.range(j) { column[a.rows[k]] = a.values[k] }
      let part = zip(column, z).reduce(0) { $0 + $1.0 * $1.1 } / square
      return column.indices.map { (row: $0, value: column[$0] - part * z[$0]) }
    }
    let b: [Double] = random.gaussianVector(z.count)
    let part = (zip(b, z).reduce(0) { $0 + $1.0 * $1.1 } + 1) / square
    return try ConicProgram(
      objective: planted.program.objective, coefficients: SparseColumns(rowCount: z.count, columns: columns),
      constants: b.indices.map { b[$0] - part * z[$0] }, cones: cones)
  }

  /// A program with −Ax* in the interior of K and c′x* < 0 for a known x*: no dual vector is feasible.
  static func dualInfeasible(_ cones: [Cone], variables: Int, seed: UInt64) throws -> ConicProgram {
    let planted = try PlantedProgram(cones, variables: variables, density: 0.7, seed: seed)
    var random = SplitMix64(seed: seed + 200)
    var s = try interior(cones, &random)
    for (cone, range) in zip(cones, planted.program.ranges) { if case .zero = cone { for k in range { s[k] = 0 } } }
    let x: [Double] = random.gaussianVector(variables)
    let square = x.reduce(0) { $0 + $1 * $1 }
    let a = planted.program.coefficients
    let defect = a.multiplied(by: x).indices.map { -s[$0] - a.multiplied(by: x)[$0] }
    let columns = (0..<variables).map { j in
      var column = [Double](repeating: 0, count: s.count)
      for k in a.range(j) { column[a.rows[k]] = a.values[k] }
      return column.indices.map { (row: $0, value: column[$0] + defect[$0] * x[j] / square) }
    }
    let c: [Double] = random.gaussianVector(variables)
    let part = (zip(c, x).reduce(0) { $0 + $1.0 * $1.1 } + 1) / square
    return try ConicProgram(
      objective: c.indices.map { c[$0] - part * x[$0] }, coefficients: SparseColumns(rowCount: s.count, columns: columns),
      constants: planted.program.constants, cones: cones)
  }

  private static func interior(_ cones: [Cone], _ random: inout SplitMix64) throws -> [Double] {
    let count = cones.reduce(0) { $0 + $1.dimension }
    var (z, _) = try ConeProjectorTests.split(cones, random.gaussianVector(count))
    for (cone, range) in zip(cones, ConeProjectorTests.ranges(cones)) {
      switch cone {
      case .zero: for k in range { z[k] = random.nextGaussian() }
      case .nonnegative: for k in range { z[k] += 0.3 }
      case .secondOrder: if let first = range.first { z[first] += 0.3 }
      case .semidefinite(let order): for i in 0..<order { z[range.lowerBound + SymmetricVector.index(i, i)] += 0.3 }
      }
    }
    return z
  }

  @Test(arguments: [UInt64(1), 2, 3, 4]) func certifiesInfeasiblePrograms(seed: UInt64) throws {
    let cones = PlantedProgram.mixed
    let primal = try Self.primalInfeasible(cones, variables: 7, seed: seed)
    let (first, engine) = try FirstOrderEngineTests.solve(primal)
    #expect(first.verdict == .primalInfeasible)
    #expect(engine.counters.iterations <= 500)
    let z = try #require(first.certificate).z
    #expect((zip(primal.constants, z).reduce(0) { $0 + $1.0 * $1.1 } + 1).magnitude <= 1e-9)
    #expect(ConeProjectorTests.norm(primal.coefficients.transposedMultiplied(by: z)) <= 1e-8)
    for (cone, range) in zip(primal.cones, primal.ranges) { #expect(try cone.dualViolation(z[range]) <= 1e-8) }

    let dual = try Self.dualInfeasible(cones, variables: 7, seed: seed)
    let (second, other) = try FirstOrderEngineTests.solve(dual)
    #expect(second.verdict == .dualInfeasible)
    #expect(other.counters.iterations <= 500)
    let x = try #require(second.certificate).x
    #expect((zip(dual.objective, x).reduce(0) { $0 + $1.0 * $1.1 } + 1).magnitude <= 1e-9)
    let s = dual.coefficients.multiplied(by: x).map { -$0 }
    for (cone, range) in zip(dual.cones, dual.ranges) { #expect(try cone.violation(s[range]) <= 1e-8) }
  }

  /// x₁ [0 0; 0 1] + [0 1; 1 0] ⪰ 0 has no solution, but every tolerance has one: no certificate exists.
  @Test func weaklyInfeasibleProgramsAreNotCertified() throws {
    let inequality = try LinearMatrixInequality(
      blocks: [.symmetric(2)], objective: [1], constant: [.init(block: 0, row: 0, column: 1, value: -1)],
      coefficients: [[.init(block: 0, row: 1, column: 1, value: 1)]])
    var settings = FirstOrderEngineTests.settings
    settings.maximumIterations = 3000
    let (monitor, _) = try FirstOrderEngineTests.solve(inequality.program(), settings: settings)
    #expect(monitor.certificate == nil)
    #expect(monitor.verdict == .iterationLimit)
    // Nor its dual: the ray direction is only approached.
    let other = try LinearMatrixInequality(
      blocks: [.symmetric(2)], objective: [0, 2], constant: [],
      coefficients: [[.init(block: 0, row: 0, column: 0, value: 1)], [.init(block: 0, row: 0, column: 1, value: 1)]])
    let (second, _) = try FirstOrderEngineTests.solve(other.program(), settings: settings)
    #expect(second.certificate == nil)
  }

  /// Vandenberghe's and Jansson's parametric example: feasible for positive parameters, with value −1 + δ/ε for its primal matrix form.
  @Test func planesThatMissTheConeAreCertified() throws {
    // x ≥ 1 and x ≤ 0.
    let program = try ConicProgram(
      objective: [1], coefficients: SparseColumns(rowCount: 2, columns: [[(0, -1), (1, 1)]]), constants: [-1, 0],
      cones: [.nonnegative(2)])
    #expect(try FirstOrderEngineTests.solve(program).monitor.verdict == .primalInfeasible)
    // x = 1 and x = 2.
    let equations = try ConicProgram(
      objective: [1], coefficients: SparseColumns(rowCount: 2, columns: [[(0, 1), (1, 1)]]), constants: [1, 2], cones: [.zero(2)])
    #expect(try FirstOrderEngineTests.solve(equations).monitor.verdict == .primalInfeasible)
    // min −x with x ≥ 0.
    let open = try ConicProgram(
      objective: [-1], coefficients: SparseColumns(rowCount: 1, columns: [[(0, -1)]]), constants: [0], cones: [.nonnegative(1)])
    #expect(try FirstOrderEngineTests.solve(open).monitor.verdict == .dualInfeasible)
  }
}
