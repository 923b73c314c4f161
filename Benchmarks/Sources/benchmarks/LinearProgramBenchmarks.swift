import LinearAlgebra
import LinearProgramming

/// Linear programs by each method of GLPK, with and without the safe bound.
enum LinearProgramBenchmarks {
  static let topic = Topic(
    id: "linear", title: "Linear programs: methods, and what a safe bound costs",
    note:
      "Random dense programs, min c'x with Ax >= b and 0 <= x <= 10; whole solves with residuals recomputed. Gap: safe bound to optimum.",
    columns: ["rows", "columns", "method", "safe bound", "best", "median", "n", "/ dual", "relative gap"],
    cases: [(50, 100, false), (200, 400, true)].map { rowCount, columnCount, isSlow in
      Topic.Case(name: "\(rowCount)x\(columnCount)", isSlow: isSlow) { harness in try rows(rowCount, columnCount, harness) }
    })

  private static func program(_ rowCount: Int, _ columnCount: Int) throws -> LinearProgram {
    var random = SplitMix64(seed: 1)
    var program = LinearProgram()
    for _ in 0..<columnCount { try program.addColumn(lower: 0, upper: 10, cost: 1 + random.nextUniform()) }
    for _ in 0..<rowCount {
      let entries = (0..<columnCount).map { (column: $0, value: random.nextUniform()) }
      try program.addRow(lower: Double(columnCount) / 4, entries)
    }
    return program
  }

  private static func rows(_ rowCount: Int, _ columnCount: Int, _ harness: Harness) throws -> [[Cell]] {
    let program = try program(rowCount, columnCount)
    var reference: Timing?
    var optimum: Double?
    return try [
      (LinearSettings.Method.dual, false), (.dual, true), (.primal, true), (.interior, true),
    ].map { method, isSafe in
      let settings = try LinearSettings(method: method, computesSafeBound: isSafe)
      var solution = try program.solve(settings: settings)
      let timing = try harness.measure(harness.options.isQuick ? 3 : 10) { solution = try program.solve(settings: settings) }
      guard let value = solution.objective, (value / (optimum ?? value) - 1).magnitude < 1e-6 else {
        throw BenchmarkError("\(method) finds \(String(describing: solution.objective)) instead of \(optimum ?? .nan)")
      }
      (optimum, reference) = (optimum ?? value, reference ?? timing)
      return [
        .count(rowCount), .count(columnCount), .text(method.rawValue), .text(isSafe ? "yes" : "no"), .seconds(timing.best),
        .seconds(timing.median), .count(timing.count), .ratio(timing.best / (reference ?? timing).best),
        solution.safeBound.map { .small((value - $0.value) / value.magnitude) } ?? .missing,
      ]
    }
  }
}
