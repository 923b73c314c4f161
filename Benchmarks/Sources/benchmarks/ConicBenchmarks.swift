import ConicPrograms
import ConicSolver
import LinearAlgebra
import Lipschitz
import Networks

/// The engines of the conic solver on the same programs.
enum ConicBenchmarks {
  static let topic = Topic(
    id: "conic", title: "Conic solver: engines on the same program",
    note: """
      Whole solves to the tolerance in all six DIMACS errors, recomputed in the program's data; first-order iterations stop after 10 s. \
      LipSDP: the inequality of a random network, one multiplier for each unit.
      """,
    columns: ["program", "order", "variables", "method", "tolerance", "status", "iterations", "worst error", "seconds", "/ automatic"],
    cases: [
      lipSDP("LipSDP 10-20-20-5", [10, 20, 20, 5]), lipSDP("LipSDP 20, 9x20, 5", [20] + Array(repeating: 20, count: 9) + [5]),
      lipSDP("LipSDP 100-100-100-10", [100, 100, 100, 10], isSlow: true), cut("max cut, order 100", 100),
      cut("max cut, order 300", 300, isSlow: true),
    ])

  private static func lipSDP(_ name: String, _ widths: [Int], isSlow: Bool = false) -> Topic.Case {
    Topic.Case(name: name, isSlow: isSlow) { harness in
      let problem = try LipschitzProblem(NetworkBuilders.multilayerPerceptron(widths: widths, seed: 1))
      return try rows(name, LipschitzInequality(problem, mode: .neuron).inequality, harness)
    }
  }

  /// min Σ xᵢ with Diag(x) − L/4 ⪰ 0 for the Laplacian of a random graph with eight edges at a vertex.
  private static func cut(_ name: String, _ order: Int, isSlow: Bool = false) -> Topic.Case {
    Topic.Case(name: name, isSlow: isSlow) { harness in
      var random = SplitMix64(seed: 1)
      var degrees = [Double](repeating: 0, count: order)
      var constant: [LinearMatrixInequality.Entry] = []
      for i in 0..<order {
        for j in 0..<i where random.nextUniform() < 8 / Double(order) {
          constant.append(.init(block: 0, row: j, column: i, value: -0.25))
          degrees[i] += 1
          degrees[j] += 1
        }
      }
      for i in 0..<order { constant.append(.init(block: 0, row: i, column: i, value: degrees[i] / 4)) }
      let inequality = try LinearMatrixInequality(
        blocks: [.symmetric(order)], objective: Array(repeating: 1, count: order), constant: constant,
        coefficients: (0..<order).map { [.init(block: 0, row: $0, column: $0, value: 1)] })
      return try rows(name, inequality, harness)
    }
  }

  private static func rows(_ name: String, _ inequality: LinearMatrixInequality, _ harness: Harness) throws -> [[Cell]] {
    let program = try inequality.program()
    let order = inequality.blocks.reduce(0) { $0 + $1.order }
    var reference: Timing?
    return try [
      (ConicSettings.Method.automatic, 1e-7), (.interiorPoint, 1e-7), (.newton, 1e-7), (.firstOrder, 1e-4), (.firstOrder, 1e-7),
    ].map { method, tolerance in
      var settings = ConicSettings()
      (settings.method, settings.tolerance, settings.timeLimit) = (method, tolerance, 10)
      let solver = try ConicProgramSolver(program, settings: settings)
      var solution = try solver.solve()
      // Slow solves are not repeated.
      let timing =
        solution.info.seconds > 2
        ? Timing([solution.info.seconds]) : try harness.measure(harness.options.isQuick ? 2 : 5) { solution = try solver.solve() }
      if method == .automatic {
        guard solution.status == .solved else { throw BenchmarkError("\(name) was not solved: \(solution.status)") }
        reference = timing
      }
      return [
        .text(name), .count(order), .count(program.variableCount), .text(method.rawValue), .small(tolerance),
        .text(solution.status.rawValue), .count(solution.info.iterations), .small(solution.residuals?.worst ?? .nan),
        .seconds(timing.best), reference.map { .ratio(timing.best / $0.best) } ?? .missing,
      ]
    }
  }
}
