import Lipschitz
import Networks

/// How fast the lifted solver iterates.
enum LiftedBenchmarks {
  static let topic = Topic(
    id: "lifted", title: "Lifted solver: iterations per second",
    note: "Whole estimates; only the time between iterations without a proof counts. Float is the path of networks too large for a proof.",
    columns: ["network", "units", "precision", "rank", "iterations", "best 1/s", "median 1/s", "n"],
    cases: SeededNetwork.all.map { network in
      Topic.Case(name: network.name, isSlow: network.isSlow) { harness in
        let problem = try LipschitzProblem(network.build())
        let seconds = harness.options.isQuick ? 1.0 : network.isSlow ? 6 : 2
        return [
          try row(network.name, "Float", problem, try singlePrecision(problem, harness)),
          try row(network.name, "Double", problem, try doublePrecision(problem, seconds: seconds)),
        ]
      }
    })

  /// Seconds for one iteration, as found in several stretches of an estimate.
  private typealias Pace = (estimate: LipschitzEstimate, secondsEach: [Double])

  private static func row(_ name: String, _ precision: String, _ problem: LipschitzProblem, _ pace: Pace) throws -> [Cell] {
    guard !pace.secondsEach.isEmpty else { throw BenchmarkError("the estimate ended before its pace could be measured") }
    let timing = Timing(pace.secondsEach)
    return [
      .text(name), .count(problem.lowered.unitCount), .text(precision), pace.estimate.rank.map { .count($0) } ?? .missing,
      .count(pace.estimate.iterations), .rate(1 / timing.best), .rate(1 / timing.median), .count(timing.count),
    ]
  }

  private static func budget(seconds: Double) -> Budget {
    var budget = Budget()
    // A tolerance that is never met: the estimate runs until a limit stops it.
    budget.tolerance = -1
    budget.timeLimit = seconds
    return budget
  }

  /// Without memory for a proof the estimate is all iterations, and its history has the time of each.
  private static func singlePrecision(_ problem: LipschitzProblem, _ harness: Harness) throws -> Pace {
    var budget = budget(seconds: harness.options.isQuick ? 0.3 : 1)
    budget.memoryLimit = 0
    budget.iterationLimit = 10_000
    let estimate = try LiftedEstimator().estimate(problem, budget: budget)
    let times = estimate.history.map(\.seconds)
    return (estimate, zip(times.dropFirst(2), times.dropFirst(3)).map { $1 - $0 })
  }

  /// The estimate reports every tenth of a second and after each proof, and remembers the latter in its history: a stretch that ends with a
  /// report of the first kind is all iterations.
  private static func doublePrecision(_ problem: LipschitzProblem, seconds: Double) throws -> Pace {
    var reports: [LipschitzEstimate.Progress] = []
    let estimate = try LiftedEstimator().estimate(problem, budget: budget(seconds: seconds)) { reports.append($0) }
    let stretches = zip(reports, reports.dropFirst()).filter { $1.iteration > $0.iteration && !estimate.history.contains($1) }
    return (estimate, stretches.map { ($1.seconds - $0.seconds) / Double($1.iteration - $0.iteration) })
  }
}
