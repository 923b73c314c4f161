import CommandLineSupport
import Foundation
import Lipschitz
import Robustness
import Training

/// What training came to: accuracies, natural and attacked, of one network or of several variants with several seeds each, and whether the
/// claims of a study hold.
public struct TrainingReport: Report, Sendable {
  /// A network and what is known of it.
  public struct Run: Sendable {
    /// How it was trained, and how accurate it is.
    public var record: TrainedRecord
    /// Its certified bounds and radii; `nil` when it was not certified.
    public var measurement: ModelMeasurement?

    /// Collects the parts.
    public init(_ record: TrainedRecord, measurement: ModelMeasurement? = nil) {
      (self.record, self.measurement) = (record, measurement)
    }
  }

  /// Runs that differ in their seeds only.
  public struct Variant: Sendable {
    /// Its name in the study.
    public var name: String
    /// What it is, in a line.
    public var title: String
    /// One for each seed.
    public var runs: [Run]

    /// Collects the parts.
    public init(name: String, title: String, runs: [Run] = []) { (self.name, self.title, self.runs) = (name, title, runs) }

    /// The records of all runs.
    public var records: [TrainedRecord] { runs.map(\.record) }

    /// Mean and, for more seeds than one, standard deviation, of shares in percent; `nil` when no run has the measure.
    func statistics(_ measure: StudyMeasure, noisy: Bool = false) -> (mean: Double, deviation: Double?)? {
      let values = runs.compactMap { measure.value(of: $0, noisy: noisy) }
      guard !values.isEmpty else { return nil }
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : nil)
    }
  }

  /// A statement about variants that the numbers decide.
  public struct Claim: Sendable, Equatable {
    /// What is compared.
    public enum Side: Sendable, Equatable {
      /// The mean of a variant, by its name.
      case variant(String)
      /// A number.
      case number(Double)

      /// The variant's name or the number.
      var words: String {
        switch self {
        case .variant(let name): name
        case .number(let number): "\(number)"
        }
      }
    }

    /// Its id, such as `T1`.
    public var id: String
    /// What is claimed, in words.
    public var statement: String
    /// The sides, the best first: each is claimed to be better than the next.
    public var order: [Side]
    /// What is compared.
    public var measure: StudyMeasure
    /// Whether networks with noise are measured with it.
    public var isNoisy: Bool
    /// That by which each must be better than the next at least; negative where a small loss is allowed. In points for shares.
    public var margin: Double

    /// Collects the parts.
    public init(id: String, statement: String, order: [Side], measure: StudyMeasure, isNoisy: Bool = false, margin: Double = 0) {
      (self.id, self.statement, self.order) = (id, statement, order)
      (self.measure, self.isNoisy, self.margin) = (measure, isNoisy, margin)
    }
  }

  /// The heading.
  public var title: String
  /// What it is about.
  public var summary: String
  /// The variants.
  public var variants: [Variant]
  /// The claims.
  public var claims: [Claim]
  /// The machine.
  public var machine = Machine.current
  /// The software's version.
  public var version = Version.current

  /// A study's report.
  public init(title: String, summary: String, variants: [Variant], claims: [Claim]) {
    (self.title, self.summary, self.variants, self.claims) = (title, summary, variants, claims)
  }

  /// The report on one run.
  public init(_ record: TrainedRecord, summary: String = "") {
    self.init(
      title: record.title, summary: summary, variants: [Variant(name: record.data, title: record.title, runs: [Run(record)])], claims: [])
  }

  var records: [TrainedRecord] { variants.flatMap(\.records) }

  /// The accuracies that there are: natural first, then each attack.
  var accuracies: [StudyMeasure] {
    var result = [StudyMeasure("natural")]
    for record in records {
      for attack in record.deployed?.attacked ?? [] where !result.contains(StudyMeasure(attack.name)) {
        result.append(StudyMeasure(attack.name))
      }
    }
    return result
  }

  /// What there is to say of networks that were pruned; empty when none was.
  var pruningMeasures: [StudyMeasure] {
    records.contains { $0.pruning != nil }
      ? ["parameters", "non-zero-parameters", "multiplications", "weight-sparsity", "channel-sparsity"].map(StudyMeasure.init) : []
  }

  /// What there is to say of networks that were certified; empty when none was.
  var certificationMeasures: [StudyMeasure] {
    let curves = variants.flatMap(\.runs).compactMap { $0.measurement?.radii?.certifiedCurve }
    guard variants.contains(where: { $0.runs.contains { $0.measurement != nil } }) else { return [] }
    // Radii of claims first; without any, round fractions of the largest certified radius.
    var radii = Set(claims.compactMap(\.measure.vraRadius))
    if radii.isEmpty, let largest = curves.compactMap({ $0.steps.last?.radius }).max(), largest > 0 {
      let step = pow(10, floor(log10(largest / 2)))
      radii = [step * floor(largest / 4 / step), step * floor(largest / 2 / step)].filter { $0 > 0 }.reduce(into: []) { $0.insert($1) }
    }
    return ["bound", "tightness", "radius"].map(StudyMeasure.init) + radii.sorted().map { StudyMeasure("vra@\($0)") }
  }

  /// Whether some network was measured with its noise.
  var hasNoise: Bool { records.contains { $0.noisy != nil } }

  /// The number that decides a claim: the smallest difference of neighbours in its order; `nil` when a number is missing.
  public func difference(_ claim: Claim) -> Double? {
    let values = claim.order.map { side -> Double? in
      switch side {
      case .variant(let name): variants.first { $0.name == name }?.statistics(claim.measure, noisy: claim.isNoisy)?.mean
      case .number(let number): number
      }
    }
    return zip(values, values.dropFirst()).map { better, than in
      better.flatMap { better in than.map { better - $0 } } ?? .nan
    }.reduce(Double.infinity) { $0.isNaN || $1.isNaN ? .nan : min($0, $1) }.finite
  }

  /// Whether a claim holds; `nil` when a number is missing.
  public func holds(_ claim: Claim) -> Bool? { difference(claim).map { $0 >= claim.margin } }
}

extension Double {
  /// The number, or `nil` for what is none.
  fileprivate var finite: Double? { isFinite ? self : nil }
}
