import ConicPrograms
import LinearAlgebra

/// Programs whose optimum is known by Moreau's decomposition: for random v, s = Π_K(v) and z = s − v are complementary; with random A and x,
/// b = Ax + s and c = −A′z make (x, s, z) optimal.
struct PlantedProgram {
  let program: ConicProgram
  let optimum: ConicPoint

  /// A program with these cones, a share of entries in A, and data of size `scale`.
  init(_ cones: [Cone], variables: Int, density: Double = 0.5, scale: Double = 1, seed: UInt64) throws {
    var random = SplitMix64(seed: seed)
    let ranges = ConeProjectorTests.ranges(cones)
    let rows = ranges.last?.upperBound ?? 0
    let v: [Double] = random.gaussianVector(rows, deviation: scale)
    let (s, z) = try ConeProjectorTests.split(cones, v)
    let columns = (0..<variables).map { _ in
      (0..<rows).compactMap { row in random.nextUniform() < density ? (row: row, value: random.nextGaussian()) : nil }
    }
    let a = SparseColumns(rowCount: rows, columns: columns)
    let x: [Double] = random.gaussianVector(variables, deviation: scale)
    let ax = a.multiplied(by: x)
    program = try ConicProgram(
      objective: a.transposedMultiplied(by: z).map { -$0 }, coefficients: a, constants: s.indices.map { ax[$0] + s[$0] }, cones: cones)
    optimum = ConicPoint(x: x, s: s, z: z)
  }

  static let mixed: [Cone] = [
    .zero(2), .nonnegative(6), .secondOrder(5), .secondOrder(1), .semidefinite(order: 6), .semidefinite(order: 1),
  ]
}

/// The residuals of a point by dense arithmetic, independent of the library's own computation.
struct DenseOracle {
  let worst: Double

  init(_ program: ConicProgram, _ point: ConicPoint) throws {
    var dense = [[Double]](repeating: [Double](repeating: 0, count: program.variableCount), count: program.rowCount)
    for j in 0..<program.variableCount {
      for k in program.coefficients.range(j) { dense[program.coefficients.rows[k]][j] = program.coefficients.values[k] }
    }
    var primal = 0.0
    for i in dense.indices {
      let ax = zip(dense[i], point.x).reduce(0) { $0 + $1.0 * $1.1 }
      primal += (ax + point.s[i] - program.constants[i]) * (ax + point.s[i] - program.constants[i])
    }
    var dual = 0.0
    for j in 0..<program.variableCount {
      let sum = dense.indices.reduce(program.objective[j]) { $0 + dense[$1][j] * point.z[$1] }
      dual += sum * sum
    }
    let value = zip(program.objective, point.x).reduce(0) { $0 + $1.0 * $1.1 }
    let other = -zip(program.constants, point.z).reduce(0) { $0 + $1.0 * $1.1 }
    let constant = 1 + program.constants.reduce(0) { max($0, $1.magnitude) }
    let objective = 1 + program.objective.reduce(0) { max($0, $1.magnitude) }
    var worst = max(primal.squareRoot() / constant, dual.squareRoot() / objective)
    worst = max(worst, (value - other).magnitude / (1 + value.magnitude + other.magnitude))
    for (cone, range) in zip(program.cones, program.ranges) {
      worst = max(worst, try cone.violation(point.s[range]) / constant, try cone.dualViolation(point.z[range]) / objective)
    }
    self.worst = worst
  }
}
