import ConicPrograms
import LinearAlgebra
import Testing

@testable import ConicSolver

/// The first-order engine against optima and certificates that are known, with everything recomputed from the program's own data.
@Suite struct FirstOrderEngineTests {
  static func solve(
    _ program: ConicProgram, from start: ConicPoint? = nil, settings: ConicSettings = Self.settings
  ) throws -> (monitor: Monitor, engine: FirstOrderEngine) {
    let equilibration = try Equilibration(program, passes: settings.scalingPasses)
    let monitor = Monitor(program: program, reformulations: [equilibration], settings: settings)
    let engine = FirstOrderEngine(settings)
    _ = try engine.run(equilibration.program, from: equilibration.adapt(start ?? ConicPoint(zeroOf: program)), monitor: monitor)
    return (monitor, engine)
  }

  static var settings: ConicSettings {
    var settings = ConicSettings()
    settings.tolerance = 1e-6
    settings.maximumIterations = 5000
    return settings
  }

  static func value(_ program: ConicProgram, _ x: [Double]) -> Double { zip(program.objective, x).reduce(0) { $0 + $1.0 * $1.1 } }

  @Test(arguments: [1e-6, 1, 1e6], [UInt64(1), 2, 3]) func findsPlantedOptima(scale: Double, seed: UInt64) throws {
    let planted = try PlantedProgram(PlantedProgram.mixed, variables: 9, scale: scale, seed: seed)
    let (monitor, _) = try Self.solve(planted.program)
    #expect(monitor.verdict == .converged)
    let best = try #require(monitor.best)
    #expect(try DenseOracle(planted.program, best.point).worst <= 1e-6 * (1 + 1e-6))
    let expected = Self.value(planted.program, planted.optimum.x)
    let found = Self.value(planted.program, best.point.x)
    // At tolerance ε the value is within ε (scale of the gap) + ε (scale of the data) (length of the optimum).
    let length = ConeProjectorTests.norm(planted.optimum.x) + ConeProjectorTests.norm(planted.optimum.z)
    let scales = Residuals.scales(of: planted.program)
    #expect((found - expected).magnitude <= 3e-6 * (1 + 2 * expected.magnitude + length * (scales.primal + scales.dual)))
  }

  /// Equations only, inequalities only, one cone of each kind alone, and order 1 everywhere.
  @Test(arguments: [
    [Cone.zero(4)], [.nonnegative(12)], [.secondOrder(8)], [.semidefinite(order: 7)], [.semidefinite(order: 1), .secondOrder(1), .zero(1)],
    [.semidefinite(order: 0), .secondOrder(0), .nonnegative(6)],
    [.semidefinite(order: 5), .semidefinite(order: 4), .semidefinite(order: 2)],
  ]) func findsPlantedOptimaInEachCone(cones: [Cone]) throws {
    let rows = cones.reduce(0) { $0 + $1.dimension }
    let planted = try PlantedProgram(cones, variables: max(1, rows / 3), density: 0.8, seed: UInt64(rows))
    let (monitor, _) = try Self.solve(planted.program)
    #expect(monitor.verdict == .converged)
    let best = try #require(monitor.best)
    #expect(try DenseOracle(planted.program, best.point).worst <= 1e-6 * (1 + 1e-6))
  }

  @Test func everyPointShownLiesInTheCones() throws {
    let planted = try PlantedProgram(PlantedProgram.mixed, variables: 9, seed: 4)
    let settings = Self.settings
    let equilibration = try Equilibration(planted.program, passes: 10)
    let splitting = try SplittingOperator(equilibration.program, penalty: 1)
    var w = splitting.argument(of: ConicPoint(zeroOf: planted.program))
    var step = w
    var acceleration = AndersonIteration(
      count: w.count, measured: planted.program.rowCount, memory: 5, relaxation: settings.relaxation)
    for _ in 0..<40 {
      try splitting.step(at: w, into: &step)
      let point = equilibration.restore(splitting.point)
      let residuals = try Residuals(planted.program, point)
      #expect(residuals.primalCone <= 1e-13 * (1 + ConeProjectorTests.norm(point.s)))
      #expect(residuals.dualCone <= 1e-13 * (1 + ConeProjectorTests.norm(point.z)))
      #expect(
        residuals.complementarity.magnitude <= 1e-12 * (1 + ConeProjectorTests.norm(point.s)) * (1 + ConeProjectorTests.norm(point.z)))
      acceleration.advance(&w, step: step)
    }
  }

  @Test func zeroAndRepeatedColumnsAreHarmless() throws {
    let planted = try PlantedProgram([.semidefinite(order: 5)], variables: 4, density: 0.9, seed: 6)
    let a = planted.program.coefficients
    var columns = (0..<4).map { j in a.range(j).map { (row: a.rows[$0], value: a.values[$0]) } }
    columns += [columns[1], [], columns[0].map { ($0.row, 2 * $0.value) }]
    let c = planted.program.objective
    let program = try ConicProgram(
      objective: c + [c[1], 0, 2 * c[0]], coefficients: SparseColumns(rowCount: a.rowCount, columns: columns),
      constants: planted.program.constants, cones: planted.program.cones)
    let (monitor, _) = try Self.solve(program)
    #expect(monitor.verdict == .converged)
    let best = try #require(monitor.best)
    #expect(try DenseOracle(program, best.point).worst <= 1e-6 * (1 + 1e-6))
    // With an objective on the zero column the program is unbounded.
    let unbounded = try ConicProgram(
      objective: c + [c[1], 1, 2 * c[0]], coefficients: program.coefficients, constants: program.constants, cones: program.cones)
    let (other, _) = try Self.solve(unbounded)
    #expect(other.verdict == .dualInfeasible)
    let ray = try #require(other.certificate)
    #expect(Self.value(unbounded, ray.x) < 0)
  }

  @Test func theWarmStartFromTheOptimumEndsWithinTwoChecks() throws {
    let planted = try PlantedProgram(PlantedProgram.mixed, variables: 9, seed: 7)
    let (monitor, engine) = try Self.solve(planted.program, from: planted.optimum)
    #expect(monitor.verdict == .converged)
    #expect(engine.counters.iterations <= 2)
    // And from the point another run has ended at.
    let (first, _) = try Self.solve(planted.program)
    let best = try #require(first.best)
    let (second, again) = try Self.solve(planted.program, from: best.point)
    #expect(second.verdict == .converged)
    #expect(again.counters.iterations <= 2)
  }

  @Test func equalRunsAreBitIdenticalOnAnyNumberOfThreads() throws {
    let planted = try PlantedProgram(
      [.semidefinite(order: 12), .semidefinite(order: 9), .nonnegative(8), .semidefinite(order: 11)], variables: 25, seed: 9)
    let before = Threads.count
    defer { Threads.count = before }
    var points: [ConicPoint] = []
    for threads in [1, 1, 2] {
      Threads.count = threads
      points.append(try #require(try Self.solve(planted.program).monitor.best).point)
    }
    #expect(points[0] == points[1])
    #expect(points[0] == points[2])
  }

  @Test func stopsAtTheIterationLimit() throws {
    let planted = try PlantedProgram(PlantedProgram.mixed, variables: 9, seed: 10)
    var settings = Self.settings
    settings.tolerance = 1e-15
    settings.maximumIterations = 7
    let (monitor, engine) = try Self.solve(planted.program, settings: settings)
    #expect(monitor.verdict == .iterationLimit)
    #expect(engine.counters.iterations == 7)
    settings.timeLimit = 0
    #expect(try Self.solve(planted.program, settings: settings).monitor.verdict == .timeLimit)
  }
}
