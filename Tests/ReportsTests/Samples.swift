import Certificates
import Foundation
import Lipschitz
import Networks

@testable import Reports

/// Reports of small networks, real and invented.
enum Samples {
  static let machine = Machine(cores: 2, threads: 2, blas: "OpenBLAS 0.3.29 Haswell", processor: "a <processor> & more")
  /// What a name must not do to a page.
  static let hostile = "a<script>alert(1)</script>&\"'|`*_[x](https://evil.example)\u{7}\u{202E}\n,=1+1"

  /// A report of estimates that were never computed.
  static func report(_ estimates: [LipschitzEstimate], path: String = "net.onnx", output: OutputSelection = .all) throws -> BoundReport {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [3, 5, 4, 2], seed: 1)
    let problem = try LipschitzProblem(network, output: output)
    var report = BoundReport(
      model: ModelFacts(path: path, sha256: String(repeating: "0f", count: 32), lowered: problem.lowered, network: network),
      inputNorm: .l2, output: output, outcomes: estimates.map { MethodOutcome(estimate: $0, peakMemory: 1 << 24) }, tolerance: 1e-3,
      seed: 7,
      machine: machine)
    report.date = Date(timeIntervalSince1970: 0)
    return report
  }

  /// An estimate that was never computed.
  static func estimate(
    _ method: String, upper: Double? = nil, lower: Double? = nil, isCertified: Bool = true, note: String? = nil
  ) -> LipschitzEstimate {
    var estimate = LipschitzEstimate(method: method)
    (estimate.upper, estimate.lower, estimate.isCertified, estimate.note) = (upper, lower, isCertified && upper != nil, note)
    (estimate.seconds, estimate.iterations) = (0.25, 12)
    return estimate
  }

  /// Every method really run on a small network.
  static func computed(norm: InputNorm = .l2) throws -> BoundReport {
    let network = try NetworkBuilders.multilayerPerceptron(widths: [6, 12, 12, 4], seed: 3)
    let problem = try LipschitzProblem(network, inputNorm: norm)
    let outcomes = Estimators.all().map { estimator in
      // Not every method applies to every norm; then the estimate says so.
      MethodOutcome(estimate: estimator.outcome(problem), peakMemory: 1 << 24)
    }
    var report = BoundReport(
      model: ModelFacts(path: "folder/net.onnx", sha256: String(repeating: "ab", count: 32), lowered: problem.lowered, network: network),
      inputNorm: norm, output: .all, outcomes: outcomes, tolerance: 1e-3, seed: 0, machine: machine)
    report.linearMaps = LinearMapFact.facts(of: problem.selected)
    report.activity = ActivityFact.facts(of: problem.lowered, seed: 1)
    let upper = report.bestWithCertificate?.upper ?? 0
    report.certificate = CertificateFacts(path: "x/certificate.json", method: "lifted", bound: upper, isChecked: true, seconds: 0.1)
    return report
  }
}
