import ConicPrograms
import LinearAlgebra
import Testing

@testable import ConicSolver

@Suite struct SolverTests {
  static let mixed: [Cone] = [
    .nonnegative(4), .semidefinite(order: 5), .zero(2), .secondOrder(4), .semidefinite(order: 1), .secondOrder(1),
  ]

  @Test(arguments: [1e-6, 1e-3, 1, 1e3, 1e6], [UInt64(1), 2, 3]) func plantedOptima(scale: Double, seed: UInt64) throws {
    let planted = try PlantedProgram(PlantedProgram.mixed, variables: 8, scale: scale, seed: seed)
    let solution = try ConicProgramSolver(planted.program).solve()
    try verify(solution, of: planted.program)
    #expect(solution.status == .solved)
    let optimum = dot(planted.program.objective, planted.optimum.x)
    #expect(abs(solution.objective - optimum) <= 1e-6 * (1 + abs(optimum)), "\(solution.objective) instead of \(optimum)")
  }

  @Test(arguments: ConicSettings.Method.allCases) func everyMethodSolvesThePlantedProgram(method: ConicSettings.Method) throws {
    var settings = ConicSettings()
    settings.method = method
    settings.tolerance = 1e-6
    let planted = try PlantedProgram(PlantedProgram.mixed, variables: 8, seed: 11)
    let solution = try ConicProgramSolver(planted.program, settings: settings).solve()
    try verify(solution, of: planted.program, settings: settings)
    #expect(solution.status == .solved, "\(method): \(solution.info)")
  }

  @Test func reachesEightDigits() throws {
    var settings = ConicSettings()
    settings.tolerance = 1e-8
    for seed in UInt64(1)...4 {
      let planted = try PlantedProgram([.semidefinite(order: 8), .nonnegative(3)], variables: 10, seed: seed)
      let solution = try ConicProgramSolver(planted.program, settings: settings).solve()
      try verify(solution, of: planted.program, settings: settings)
      #expect(solution.status == .solved)
    }
  }

  /// min δx + y/ε with [[x, −1], [−1, y]] ⪰ 0: xy ≥ 1, so 2√(δ/ε).
  @Test(arguments: [(1.0, 1.0), (0.5, 2.0), (1e-2, 1e-2)]) func hyperbola(ε: Double, δ: Double) throws {
    let program = try LinearMatrixInequality(
      blocks: [.symmetric(2)], objective: [δ, 1 / ε], constant: [.init(block: 0, row: 0, column: 1, value: 1)],
      coefficients: [[.init(block: 0, row: 0, column: 0, value: 1)], [.init(block: 0, row: 1, column: 1, value: 1)]]
    ).program()
    let solution = try ConicProgramSolver(program).solve()
    try verify(solution, of: program)
    let optimum = 2 * (δ / ε).squareRoot()
    #expect(solution.status == .solved && abs(solution.objective - optimum) < 1e-6 * (1 + optimum))
  }

  /// VSDP's example (Jansson, section 5 of its documentation): min x₁₂-free ⟨C, X⟩ over 3 × 3 matrices, in the dual orientation of an
  /// inequality. Its value is −1 + δ/ε for ε, δ > 0; no X is feasible for ε ≤ 0, and the multipliers have none for δ < 0.
  @Test func parametricExample() throws {
    func program(_ ε: Double, _ δ: Double) throws -> ConicProgram {
      func entry(_ i: Int, _ j: Int, _ value: Double) -> LinearMatrixInequality.Entry { .init(block: 0, row: i, column: j, value: value) }
      // max b′y with C − Σ yᵢ Aᵢ ⪰ 0 as min −b′y with Σ yᵢ (−Aᵢ) − (−C) ⪰ 0.
      return try LinearMatrixInequality(
        blocks: [.symmetric(3)], objective: [-1, -ε, 0, 0],
        constant: [entry(0, 1, -0.5), entry(1, 1, -δ), entry(2, 2, -δ), entry(0, 0, 0)],
        coefficients: [[entry(0, 1, 0.5)], [entry(0, 0, -1)], [entry(0, 2, -0.5)], [entry(1, 2, -0.5)]]
      ).program()
    }
    // C = [[0, ½, 0], [½, δ, 0], [0, 0, δ]], −½x₁₂·2 = 1, x₁₁ = ε: x₁₂ = −1, x₂₂ ≥ 1/ε, so ⟨C, X⟩ = −1 + δ/ε.
    for (ε, δ) in [(0.5, 0.25), (1e-1, 1e-1), (2, 1)] {
      let data = try program(ε, δ)
      let solution = try ConicProgramSolver(data).solve()
      try verify(solution, of: data)
      #expect(solution.status == .solved && abs(-solution.objective - (-1 + δ / ε)) < 1e-6 * (2 + δ / ε), "\(solution.objective)")
    }
    // ε < 0: no X at all, so the multipliers have an improving ray.
    let unbounded = try program(-0.5, 0.5)
    let ray = try ConicProgramSolver(unbounded).solve()
    try verify(ray, of: unbounded)
    #expect(ray.status == .dualInfeasible)
    // δ < 0: x₃₃ costs δ and is free, so no multipliers are feasible.
    let infeasible = try program(0.5, -0.5)
    let none = try ConicProgramSolver(infeasible).solve()
    try verify(none, of: infeasible)
    #expect(none.status == .primalInfeasible)
  }

  @Test func infeasibleProgramsHaveCertificates() throws {
    // x ≥ 1 and −x ≥ 0 as one matrix.
    let infeasible = try LinearMatrixInequality(
      blocks: [.symmetric(2)], objective: [1],
      constant: [.init(block: 0, row: 0, column: 0, value: 1)],
      coefficients: [[.init(block: 0, row: 0, column: 0, value: 1), .init(block: 0, row: 1, column: 1, value: -1)]]
    ).program()
    // min −x with x ≥ 0.
    let unbounded = try LinearMatrixInequality(
      blocks: [.symmetric(1)], objective: [-1], constant: [], coefficients: [[.init(block: 0, row: 0, column: 0, value: 1)]]
    ).program()
    for method in ConicSettings.Method.allCases {
      var settings = ConicSettings()
      settings.method = method
      let first = try ConicProgramSolver(infeasible, settings: settings).solve()
      try verify(first, of: infeasible, settings: settings)
      #expect(first.status == .primalInfeasible, "\(method)")
      let second = try ConicProgramSolver(unbounded, settings: settings).solve()
      try verify(second, of: unbounded, settings: settings)
      #expect(second.status == .dualInfeasible, "\(method)")
    }
  }

  /// [[0, 1], [1, x]] ⪰ 0 has no solution, but no certificate either: vectors that nearly are one get longer and longer.
  @Test(arguments: ConicSettings.Method.allCases) func weaklyInfeasibleProgramsAreNotCertified(method: ConicSettings.Method) throws {
    let program = try LinearMatrixInequality(
      blocks: [.symmetric(2)], objective: [1],
      constant: [.init(block: 0, row: 0, column: 1, value: -1)],
      coefficients: [[.init(block: 0, row: 1, column: 1, value: 1)]]
    ).program()
    var settings = ConicSettings()
    settings.method = method
    settings.maximumIterations = 2000
    let solution = try ConicProgramSolver(program, settings: settings).solve()
    try verify(solution, of: program, settings: settings)
    #expect(solution.status != .primalInfeasible && solution.status != .dualInfeasible && solution.status != .solved)
  }

  /// c = (10¹⁶, 1, −10¹⁶, −1) and x = (1, 1, 1, 1): c′x is zero, but a floating-point sum of it need not be.
  @Test func roundingNoiseIsNoRay() throws {
    let free = try ConicProgram(
      objective: [1e16, 1, -1e16, -1], coefficients: SparseColumns(rowCount: 1, columns: [[], [], [], []]), constants: [1],
      cones: [.nonnegative(1)])
    let monitor = Monitor(program: free)
    #expect(try !monitor.considerPrimalRay([1, 1, 1, 1]) && monitor.verdict == nil)
    #expect(try monitor.considerPrimalRay([-1, 0, 0, 0]) && monitor.verdict == .dualInfeasible)
  }

  @Test func degenerateShapes() throws {
    let none = SparseColumns(rowCount: 0, columns: [])
    // No rows and no variables.
    let empty = try ConicProgram(objective: [], coefficients: none, constants: [], cones: [])
    // A cone of order 0, one of order 1, no variables: feasible, and infeasible.
    let still = SparseColumns(rowCount: 1, columns: [])
    let feasible = try ConicProgram(
      objective: [], coefficients: still, constants: [2], cones: [.semidefinite(order: 0), .semidefinite(order: 1), .secondOrder(0)])
    let impossible = try ConicProgram(objective: [], coefficients: still, constants: [-2], cones: [.semidefinite(order: 1)])
    // A variable that touches nothing: removable without cost, a ray with one.
    let idle = SparseColumns(rowCount: 1, columns: [[(0, -1)], []])
    let removable = try ConicProgram(objective: [1, 0], coefficients: idle, constants: [-1], cones: [.nonnegative(1)])
    let ray = try ConicProgram(objective: [1, -1], coefficients: idle, constants: [-1], cones: [.nonnegative(1)])
    let idlest = try ConicProgram(
      objective: [1, -1], coefficients: SparseColumns(rowCount: 1, columns: [[], []]), constants: [1], cones: [.semidefinite(order: 1)])
    // The same constraint twice.
    let twice = SparseColumns(rowCount: 3, columns: [[(0, -1), (1, -1)], [(0, -1), (1, -1), (2, -1)]])
    let duplicated = try ConicProgram(objective: [1, 2], coefficients: twice, constants: [-3, -3, 0], cones: [.nonnegative(3)])
    for (program, expected, value) in [
      (empty, ConicStatus.solved, 0.0), (feasible, .solved, 0), (impossible, .primalInfeasible, 0), (removable, .solved, 1),
      (ray, .dualInfeasible, 0), (idlest, .dualInfeasible, 0), (duplicated, .solved, 3),
    ] {
      let solution = try ConicProgramSolver(program).solve()
      try verify(solution, of: program)
      #expect(solution.status == expected)
      if expected == .solved { #expect(abs(solution.objective - value) < 1e-6) }
    }
  }

  @Test func equalRunsGiveEqualBits() throws {
    let planted = try PlantedProgram(PlantedProgram.mixed, variables: 8, seed: 5)
    for method in ConicSettings.Method.allCases {
      var settings = ConicSettings()
      settings.method = method
      let first = try ConicProgramSolver(planted.program, settings: settings).solve()
      let second = try ConicProgramSolver(planted.program, settings: settings).solve()
      #expect(first.point == second.point && first.status == second.status, "\(method)")
    }
  }

  @Test func theOptimumAsStartIsRecognisedAtOnce() throws {
    let planted = try PlantedProgram(PlantedProgram.mixed, variables: 8, seed: 6)
    let solution = try ConicProgramSolver(planted.program).solve(from: planted.optimum)
    try verify(solution, of: planted.program)
    #expect(solution.status == .solved && solution.history.count <= 2)
  }

  @Test func limitsAndInterruption() throws {
    let planted = try PlantedProgram([.semidefinite(order: 10)], variables: 12, seed: 7)
    var settings = ConicSettings()
    settings.method = .firstOrder
    settings.tolerance = 1e-14
    settings.maximumIterations = 30
    let limited = try ConicProgramSolver(planted.program, settings: settings).solve()
    #expect(limited.status == .iterationLimit)
    try verify(limited, of: planted.program, settings: settings)
    settings.maximumIterations = 1_000_000
    settings.timeLimit = 0.05
    let timed = try ConicProgramSolver(planted.program, settings: settings).solve()
    #expect(timed.status == .timeLimit && timed.info.seconds < 5)
    settings.timeLimit = .infinity
    let stopped = try ConicProgramSolver(planted.program, settings: settings).solve { $0.iteration < 50 }
    #expect(stopped.status == .interrupted)
    try verify(stopped, of: planted.program, settings: settings)
  }
}
