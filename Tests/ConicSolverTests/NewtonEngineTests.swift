import ConicPrograms
import LinearAlgebra
import TestSupport
import Testing

@testable import ConicSolver

@Suite struct NewtonEngineTests {
  static let cones: [[Cone]] = [
    [.zero(3), .nonnegative(12)], [.secondOrder(6), .secondOrder(5)], [.semidefinite(order: 8)],
    [.zero(2), .nonnegative(5), .secondOrder(5), .semidefinite(order: 5), .semidefinite(order: 3)],
  ]

  static func solve(
    _ program: ConicProgram, from start: ConicPoint, tolerance: Double
  ) throws -> (point: ConicPoint, residuals: Residuals, verdict: Monitor.Verdict?, history: [ConicProgress]) {
    var settings = ConicSettings()
    settings.tolerance = tolerance
    settings.timeLimit = 20
    let monitor = Monitor(program: program, settings: settings)
    _ = try NewtonEngine().run(program, from: start, monitor: monitor)
    let best = try #require(monitor.best)
    return (best.point, try Residuals(program, best.point), monitor.verdict, monitor.history)
  }

  @Test(arguments: cones.indices, [1e-3, 1.0, 1e3])
  func plantedOptimaAreReached(index: Int, scale: Double) throws {
    for seed in 0..<3 as Range<UInt64> {
      let planted = try PlantedProgram(
        Self.cones[index], variables: 6, density: 1, scale: scale, matrixScale: scale, seed: 10 * seed + UInt64(index))
      let (_, residuals, verdict, history) = try Self.solve(planted.program, from: ConicPoint(zeroOf: planted.program), tolerance: 1e-8)
      #expect(verdict == .converged)
      #expect(residuals.worst <= 1e-8)
      let optimum = zip(planted.program.objective, planted.optimum.x).reduce(0) { $0 + $1.0 * $1.1 }
      #expect(abs(residuals.primalObjective - optimum) <= 1e-6 * (1 + abs(optimum)))
      #expect(history.allSatisfy { $0.phase == .newton })
    }
  }

  @Test func everyPointShownLiesInTheCones() throws {
    let planted = try PlantedProgram(Self.cones[3], variables: 6, density: 1, seed: 77)
    var settings = ConicSettings()
    settings.tolerance = 1e-12
    let monitor = Monitor(program: planted.program, settings: settings)
    let last = try NewtonEngine().run(planted.program, from: ConicPoint(zeroOf: planted.program), monitor: monitor)
    for point in [last, try #require(monitor.best).point] {
      let residuals = try Residuals(planted.program, point)
      let size = (point.s + point.z).reduce(1) { max($0, abs($1)) }
      // z = σ Π(v) is in K* up to the rounding of σv, which may be greater than z.
      #expect(residuals.primalCone <= 1e-14 * size)
      #expect(residuals.dualCone <= 1e-12 * size)
    }
  }

  @Test func manyVariablesTakeTheMatrixFreePath() throws {
    // Sparse columns and a small cone: products are far cheaper than the matrix.
    var random = SplitMix64(seed: 3)
    let n = 24
    let dimension = SymmetricVector.dimension(order: n)
    let variables = 200
    let a = SparseColumns(rowCount: dimension, columns: (0..<variables).map { [(row: $0, value: 1 + random.nextUniform())] })
    let v: [Double] = random.gaussianVector(dimension)
    let z = try PlantedProgram.dualProjection(.semidefinite(order: n), v)
    let s = zip(z, v).map { $0 - $1 }
    let x: [Double] = random.gaussianVector(variables)
    let program = try ConicProgram(
      objective: a.transposedMultiplied(by: z).map { -$0 }, coefficients: a, constants: zip(a.multiplied(by: x), s).map { $0 + $1 },
      cones: [.semidefinite(order: n)])
    var settings = ConicSettings()
    settings.tolerance = 1e-7
    let monitor = Monitor(program: program, settings: settings)
    var counts = NewtonEngine.Counts()
    _ = try NewtonEngine { counts = $0 }.run(program, from: ConicPoint(zeroOf: program), monitor: monitor)
    #expect(monitor.verdict == .converged)
    #expect(counts.directions.products > counts.directions.factorisations)
  }

  @Test func threadsChangeNothing() throws {
    let planted = try PlantedProgram(
      [.semidefinite(order: 12), .semidefinite(order: 9), .nonnegative(4)], variables: 8, density: 1, seed: 9)
    let threads = Threads.count
    defer { Threads.count = threads }
    Threads.count = 1
    let one = try Self.solve(planted.program, from: ConicPoint(zeroOf: planted.program), tolerance: 1e-9)
    Threads.count = 2
    let two = try Self.solve(planted.program, from: ConicPoint(zeroOf: planted.program), tolerance: 1e-9)
    #expect(one.point == two.point)
  }

  /// x ≥ 1 and x ≤ −1: no point is feasible, the multipliers run away.
  @Test func infeasibleProgramsAreHandedBack() throws {
    let program = try ConicProgram(
      objective: [1], coefficients: SparseColumns(rowCount: 2, columns: [[(0, -1), (1, 1)]]), constants: [-1, -1], cones: [.nonnegative(2)])
    let (_, residuals, verdict, _) = try Self.solve(program, from: ConicPoint(zeroOf: program), tolerance: 1e-8)
    #expect(verdict == nil)
    #expect(residuals.worst > 1e-3)
  }

  /// min −x with no constraint that matters: no dual vector is feasible, x runs away.
  @Test func unboundedProgramsAreHandedBack() throws {
    let program = try ConicProgram(
      objective: [-1, 0], coefficients: SparseColumns(rowCount: 3, columns: [[(0, -1)], [(1, 1)]]), constants: [0, 1, 1],
      cones: [.semidefinite(order: 2)])
    let (_, residuals, verdict, _) = try Self.solve(program, from: ConicPoint(zeroOf: program), tolerance: 1e-8)
    #expect(verdict == nil)
    #expect(residuals.worst > 1e-3)
  }

  /// min x₁ with [[x₁, 1], [1, x₂]] ⪰ 0: the infimum 0 is not attained, Newton's method stalls and says so by returning.
  @Test func programsWithoutSolutionAreHandedBack() throws {
    let root2 = 2.0.squareRoot()
    let program = try ConicProgram(
      objective: [1, 0], coefficients: SparseColumns(rowCount: 3, columns: [[(0, -1)], [(2, -1)]]), constants: [0, root2, 0],
      cones: [.semidefinite(order: 2)])
    let (_, residuals, verdict, _) = try Self.solve(program, from: ConicPoint(zeroOf: program), tolerance: 1e-14)
    #expect(verdict == nil)
    #expect(residuals.worst < 1)
  }

  @Test func emptyAndTrivialProgramsAreNoSpecialCase() throws {
    // No constraint binds: F = 0, no rows, no variables.
    let programs = [
      try ConicProgram(objective: [0], coefficients: SparseColumns(rowCount: 1, columns: [[]]), constants: [1], cones: [.nonnegative(1)]),
      try ConicProgram(objective: [], coefficients: SparseColumns(rowCount: 1, columns: []), constants: [1], cones: [.nonnegative(1)]),
      try ConicProgram(objective: [0], coefficients: SparseColumns(rowCount: 0, columns: [[]]), constants: [], cones: []),
      try ConicProgram(
        objective: [1], coefficients: SparseColumns(rowCount: 1, columns: [[(0, -1)]]), constants: [-2], cones: [.semidefinite(order: 1)]),
    ]
    for program in programs {
      let (_, residuals, verdict, _) = try Self.solve(program, from: ConicPoint(zeroOf: program), tolerance: 1e-8)
      #expect(verdict == .converged)
      #expect(residuals.worst <= 1e-8)
    }
  }

  @Test func timeIsKept() throws {
    let planted = try PlantedProgram([.semidefinite(order: 30)], variables: 40, density: 1, seed: 4)
    var settings = ConicSettings()
    settings.timeLimit = 0
    let monitor = Monitor(program: planted.program, settings: settings)
    _ = try NewtonEngine().run(planted.program, from: ConicPoint(zeroOf: planted.program), monitor: monitor)
    #expect(monitor.verdict == .timeLimit)
    #expect(monitor.history.count == 1)
  }

  /// A scaled start must come back as the same point.
  @Test func unitScalingIsUndone() throws {
    let planted = try PlantedProgram(Self.cones[3], variables: 6, density: 1, scale: 30, matrixScale: 30, seed: 8)
    let scaling = try UnitScaling(planted.program)
    let back = scaling.restore(scaling.adapt(planted.optimum))
    for (a, b) in [(back.x, planted.optimum.x), (back.s, planted.optimum.s), (back.z, planted.optimum.z)] {
      for (u, v) in zip(a, b) { #expect(abs(u - v) <= 1e-12 * (1 + abs(v))) }
    }
    let residuals = try Residuals(scaling.program, scaling.adapt(planted.optimum))
    #expect(residuals.worst <= 1e-12)
  }

  /// Known optima of LipSDP and SDPLIB instances, after a short first-order phase.
  @Test(
    .enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence)),
    arguments: [
      ("lipsdp-lmi/lip-n050-2x20", 5.00542714322), ("lipsdp-lmi/lip-n100-2x40", 5.89053183511), ("sdplib/truss1", -8.99999631529),
      ("sdplib/theta1", 23.0), ("sdplib/mcp100", 226.157351483), ("sdplib/control1", 17.7846267175), ("sdplib/qap5", -436.0),
    ])
  func instancesAreSolvedAfterAShortStart(name: String, optimum: Double) throws {
    let program = try SDPAFile.read(path: SharedData.path(name + ".dat-s")).inequality.program()
    let equilibration = try Equilibration(program, passes: 10)
    let settings = ConicSettings()
    let monitor = Monitor(program: program, settings: settings)
    monitor.begin([equilibration]) { $0.iteration >= 50 }
    let inner = equilibration.program
    let start = try FirstOrderEngine(settings).run(inner, from: ConicPoint(zeroOf: inner), monitor: monitor)
    monitor.begin([equilibration])
    _ = try NewtonEngine().run(inner, from: start, monitor: monitor)
    #expect(monitor.verdict == .converged)
    let residuals = try Residuals(program, try #require(monitor.best).point)
    #expect(residuals.worst <= 1e-7)
    #expect(abs(residuals.primalObjective - optimum) <= 1e-6 * (1 + abs(optimum)))
    #expect(abs(residuals.dualObjective - optimum) <= 1e-6 * (1 + abs(optimum)))
  }
}
