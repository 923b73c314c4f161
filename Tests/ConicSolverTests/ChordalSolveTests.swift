import ConicPrograms
import LinearAlgebra
import Testing

@testable import ConicSolver

/// The first-order engine on a program and on its decomposition.
@Suite struct ChordalSolveTests {
  /// A weighted maximal cut on a sparse graph: min Σ xᵢ with diag(x) − C ⪰ 0.
  private func maximalCut(_ pattern: SparsityPattern, seed: UInt64) throws -> ConicProgram {
    var generator = SplitMix64(seed: seed)
    let order = pattern.order
    var constant: [LinearMatrixInequality.Entry] = []
    for j in 0..<order {
      for i in pattern.neighbours[j] where i < j {
        let weight = generator.nextUniform()
        constant.append(.init(block: 0, row: i, column: j, value: -weight))
        constant.append(.init(block: 0, row: i, column: i, value: weight))
        constant.append(.init(block: 0, row: j, column: j, value: weight))
      }
    }
    return try LinearMatrixInequality(
      blocks: [.symmetric(order)], objective: [Double](repeating: 1, count: order), constant: constant,
      coefficients: (0..<order).map { [.init(block: 0, row: $0, column: $0, value: 1)] }
    ).program()
  }

  private func solve(
    _ program: ConicProgram, _ reformulations: [any Reformulation], tolerance: Double = 1e-6, from start: ConicPoint? = nil
  ) throws -> (point: ConicPoint, residuals: Residuals, iterations: Int) {
    var settings = ConicSettings()
    settings.tolerance = tolerance
    settings.maximumIterations = 20_000
    let inner = reformulations.last?.program ?? program
    let monitor = Monitor(program: program, reformulations: reformulations, settings: settings)
    let point = try start.map { start in try reformulations.reduce(start) { try $1.adapt($0) } }
    _ = try FirstOrderEngine(settings).run(inner, from: point ?? ConicPoint(zeroOf: inner), monitor: monitor)
    let best = try #require(monitor.best)
    #expect(monitor.verdict == .converged)
    return try (best.point, Residuals(program, best.point), monitor.history.last?.iteration ?? 0)
  }

  /// A maximal cut on layers of vertices, and its decomposition on all maximal cliques.
  private func layered(_ number: Int) throws -> (program: ConicProgram, choice: DecompositionChoice) {
    let pattern = ChordalSamples.layers((0..<5).map { 2 + ($0 + number) % 3 })
    let program = try maximalCut(pattern, seed: UInt64(number))
    let tree = CliqueTree(pattern)
    var choice = DecompositionChoice(program, settings: ConicSettings())
    choice.trees = [(tree, tree.cliques.count)]
    return (program, choice)
  }

  @Test(arguments: 0..<6) func decompositionDoesNotChangeTheValue(number: Int) throws {
    let (program, choice) = try layered(number)
    let decomposition = try ChordalDecomposition(program, choice)
    #expect(decomposition.overlapCount > 0)
    let (whole, parts) = try (solve(program, []).residuals, solve(program, [decomposition]).residuals)
    for residuals in [whole, parts] { #expect(residuals.worst <= 1e-6) }
    #expect(abs(whole.primalObjective - parts.primalObjective) < 1e-4 * abs(whole.primalObjective))
    #expect(abs(whole.dualObjective - parts.dualObjective) < 1e-4 * abs(whole.dualObjective))
    let scaling = try Equilibration(program, passes: 10)
    let scaled = try solve(program, [scaling, ChordalDecomposition(scaling.program, choice)]).residuals
    #expect(scaled.worst <= 1e-6)
    #expect(abs(whole.primalObjective - scaled.primalObjective) < 1e-4 * abs(whole.primalObjective))
  }

  @Test(arguments: 0..<4) func warmStartsGoThroughTheDecomposition(number: Int) throws {
    let (program, choice) = try layered(number)
    let decomposition = try ChordalDecomposition(program, choice)
    let cold = try solve(program, [decomposition])
    let warm = try solve(program, [decomposition], from: solve(program, [], tolerance: 1e-9).point)
    #expect(cold.iterations >= 50)
    #expect(warm.iterations <= 50)
  }
}
