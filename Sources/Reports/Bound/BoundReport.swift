import Certificates
import Foundation
import Lipschitz

/// What `bound` found: the one model behind the text, JSON, HTML, Markdown and CSV.
public struct BoundReport: Report, Sendable {
  /// Significant digits of bounds shown to people.
  static let digits = 6

  /// The model.
  public var model: ModelFacts
  /// The norm of the inputs.
  public var inputNorm: InputNorm
  /// The outputs considered.
  public var output: OutputSelection
  /// The inputs considered.
  public var region: Region
  /// The methods' results, in the order of tables.
  public var outcomes: [MethodOutcome]
  /// The relative gap at which methods stopped.
  public var tolerance: Double
  /// The seed of every random choice.
  public var seed: UInt64
  /// Seconds for all methods together, or for each, or `nil`.
  public var timeLimit: Double?
  /// Whether the time limit is that of each method.
  public var hasTimeLimitForEach = false
  /// The machine.
  public var machine: Machine
  /// The software's version.
  public var version = Version.current
  /// When the report was made.
  public var date = Date()
  /// The certificate file, when one was written.
  public var certificate: CertificateFacts?
  /// The network's linear maps; needed for the files of a report only.
  public var linearMaps: [LinearMapFact] = []
  /// What partitions of several factors cost and gave, where they were asked for.
  public var partitions: PartitionStudy?
  /// What the units did on a sample of inputs; needed for the files of a report only.
  public var activity: [ActivityFact] = []

  /// A report without certificate file and linear maps.
  public init(
    model: ModelFacts, inputNorm: InputNorm, output: OutputSelection, region: Region = .global, outcomes: [MethodOutcome],
    tolerance: Double,
    seed: UInt64, timeLimit: Double? = nil, machine: Machine = .current
  ) {
    (self.model, self.inputNorm, self.output, self.outcomes) = (model, inputNorm, output, outcomes)
    self.region = region
    (self.tolerance, self.seed, self.timeLimit, self.machine) = (tolerance, seed, timeLimit, machine)
  }

  var estimates: [LipschitzEstimate] { outcomes.map(\.estimate) }

  /// The certificate, when this run has none.
  public var staleFiles: [String] { certificate == nil ? [Self.certificateName] : [] }

  /// The estimate with the least certified bound.
  public var best: LipschitzEstimate? {
    estimates.filter { $0.isCertified && $0.upper != nil }.min { $0.upper ?? .infinity < $1.upper ?? .infinity }
  }

  /// The estimate whose certificate is, or would be, written: the least certified bound among those with one.
  public var bestWithCertificate: LipschitzEstimate? {
    estimates.filter { $0.isCertified && $0.certificate != nil }.min { $0.upper ?? .infinity < $1.upper ?? .infinity }
  }

  /// The multipliers of the best certificate that has some, with its method.
  var multipliers: (method: String, facts: [MultiplierFact])? {
    let candidates = estimates.filter { $0.isCertified && $0.certificate?.nodes.isEmpty == false }
    let best = candidates.min { $0.upper ?? .infinity < $1.upper ?? .infinity }
    return best.flatMap { best in best.certificate.map { (best.method, MultiplierFact.facts(of: $0)) } }
  }

  /// The gain that is really attained somewhere, or `nil`.
  public var attained: Double? { estimates.first { $0.method == "attained" }?.lower.flatMap { $0 > 0 ? $0 : nil } }

  /// Why nothing was certified, shortly.
  public var reasons: String {
    estimates.filter { $0.method != "attained" }.map { "\($0.method): \($0.note ?? $0.stopReason.words)" }.joined(separator: "; ")
  }
}
