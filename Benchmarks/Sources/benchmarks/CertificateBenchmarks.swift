import Certificates
import Lipschitz
import Networks

/// How long a certificate takes, and its check.
enum CertificateBenchmarks {
  static let topic = Topic(
    id: "certificate", title: "Seconds to a certificate",
    note: "A whole estimate from the network to its certificate, then the independent check of that certificate.",
    columns: [
      "network", "tolerance", "bound", "gap", "iterations", "estimate", "median", "n", "check", "its median", "its n", "stopped by",
    ],
    cases: SeededNetwork.all.flatMap { network in
      (network.isChain ? [1e-3, 1e-6] : [1e-3]).map { tolerance in
        Topic.Case(name: "\(network.name) to \(tolerance)", isSlow: network.isSlow) { harness in
          let run = try CertifiedRun(LipschitzProblem(network.build()), tolerance: tolerance, harness)
          return [
            [
              .text(network.name), .small(tolerance), .value(run.bound), .small(run.estimate.gap ?? .nan), .count(run.estimate.iterations),
              .seconds(run.estimateTime.best), .seconds(run.estimateTime.median), .count(run.estimateTime.count),
              .seconds(run.checkTime.best), .seconds(run.checkTime.median), .count(run.checkTime.count),
              .text(run.estimate.stopReason.rawValue),
            ]
          ]
        }
      }
    })
}

/// An estimate and the check of its certificate, timed.
struct CertifiedRun {
  /// The last of the estimates; all are the same.
  let estimate: LipschitzEstimate
  /// The certified bound.
  let bound: Double
  let estimateTime: Timing
  let checkTime: Timing

  /// - Throws: when there is no certificate, or the checker refuses it.
  init(_ problem: LipschitzProblem, tolerance: Double, _ harness: Harness) throws {
    var budget = Budget()
    budget.tolerance = tolerance
    budget.timeLimit = 30
    var estimate = LipschitzEstimate(method: "lifted")
    estimateTime = try harness.measure(5) { estimate = try LiftedEstimator().estimate(problem, budget: budget) }
    guard let certificate = estimate.certificate, let upper = estimate.upper else {
      throw BenchmarkError(estimate.note ?? "no certificate")
    }
    checkTime = try harness.measure(5) { try CertificateChecker.check(certificate, of: problem.lowered) }
    bound = upper
    self.estimate = estimate
  }
}
