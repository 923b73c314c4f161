import ConicPrograms
import LinearAlgebra
import Testing

@testable import ConicSolver

@Suite struct EquilibrationTests {
  /// Points go there and back, residual vectors and objectives correspond, cones are kept.
  @Test(arguments: [0, 1, 10], [1e-15, 1e-6, 1, 1e6, 1e15]) func correspondsPointByPoint(passes: Int, scale: Double) throws {
    let planted = try PlantedProgram(PlantedProgram.mixed, variables: 6, scale: scale, seed: 3)
    let a = planted.program.coefficients
    // Columns and rows of very different size, and a zero column.
    let columns = (0..<6).map { j in
      j == 4 ? [] : a.range(j).map { (row: a.rows[$0], value: a.values[$0] * (a.rows[$0] % 3 == 0 ? 1e-3 : 1) * (j == 2 ? scale : 1)) }
    }
    let program = try ConicProgram(
      objective: planted.program.objective, coefficients: SparseColumns(rowCount: a.rowCount, columns: columns),
      constants: planted.program.constants, cones: planted.program.cones)
    let equilibration = try Equilibration(program, passes: passes)
    var random = SplitMix64(seed: 11)
    let point = ConicPoint(
      x: random.gaussianVector(6), s: random.gaussianVector(a.rowCount), z: random.gaussianVector(a.rowCount))
    let there = equilibration.adapt(point)
    let back = equilibration.restore(there)
    for (p, q) in zip(point.x + point.s + point.z, back.x + back.s + back.z) { #expect((p - q).magnitude <= 1e-14 * p.magnitude) }
    let scaled = equilibration.program
    let (ax, ahat) = (program.coefficients.multiplied(by: point.x), scaled.coefficients.multiplied(by: there.x))
    let size = ax.reduce(1e-300) { max($0, $1.magnitude) }
    for i in ax.indices {
      let expected = ax[i] * equilibration.rowScales[i] * equilibration.constantScale
      #expect((ahat[i] - expected).magnitude <= 1e-12 * size * equilibration.rowScales[i] * equilibration.constantScale)
    }
    let value = FirstOrderEngineTests.value(program, point.x)
    let inner = FirstOrderEngineTests.value(scaled, there.x) / (equilibration.constantScale * equilibration.objectiveScale)
    #expect((value - inner).magnitude <= 1e-12 * (zip(program.objective, point.x).reduce(0) { $0 + ($1.0 * $1.1).magnitude }))
    for (cone, range) in zip(program.cones, program.ranges) {
      switch cone {
      case .secondOrder, .semidefinite: #expect(Set(equilibration.rowScales[range]).count <= 1)
      default: break
      }
    }
    #expect((equilibration.rowScales + equilibration.columnScales).allSatisfy { $0 >= 1e-4 && $0 <= 1e4 })
    if passes == 0 { #expect(scaled == program) }
  }

  /// What it is for: badly scaled rows and columns become comparable.
  @Test func columnsBecomeUnitVectors() throws {
    let planted = try PlantedProgram([.nonnegative(20), .semidefinite(order: 6)], variables: 5, seed: 12)
    let a = planted.program.coefficients
    let columns = (0..<5).map { j in
      a.range(j).map { (row: a.rows[$0], value: a.values[$0] * [1e-3, 1, 1e2, 1e-1, 1e3][j] * ($0 % 2 == 0 ? 10 : 1)) }
    }
    let program = try ConicProgram(
      objective: planted.program.objective, coefficients: SparseColumns(rowCount: a.rowCount, columns: columns),
      constants: planted.program.constants, cones: planted.program.cones)
    let scaled = try Equilibration(program, passes: 10).program.coefficients
    for j in 0..<5 {
      #expect((ConeProjectorTests.norm(scaled.range(j).map { scaled.values[$0] }) - 1).magnitude <= 1e-12)
    }
  }
}
