import CommandLineSupport
import Foundation
import Lipschitz
import Training

/// What training came to: accuracies, natural and attacked, of one network or of several variants with several seeds each, and whether the
/// claims of a study hold.
public struct TrainingReport: Report, Sendable {
  /// Runs that differ in their seeds only.
  public struct Variant: Sendable {
    /// Its name in the study.
    public var name: String
    /// What it is, in a line.
    public var title: String
    /// One record for each seed.
    public var records: [TrainedRecord]

    /// Collects the parts.
    public init(name: String, title: String, records: [TrainedRecord]) {
      (self.name, self.title, self.records) = (name, title, records)
    }

    /// Mean and standard deviation over the seeds, in percent; `nil` when no record has the measure.
    func statistics(_ measure: String, noisy: Bool) -> (mean: Double, deviation: Double)? {
      let values = records.compactMap { record in (noisy ? record.noisy ?? record.deployed : record.deployed)?[measure] }.map { 100 * $0 }
      guard !values.isEmpty else { return nil }
      let mean = values.reduce(0, +) / Double(values.count)
      let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      return (mean, values.count > 1 ? (squares / Double(values.count - 1)).squareRoot() : 0)
    }
  }

  /// A statement about two variants that the numbers decide.
  public struct Claim: Sendable, Equatable {
    /// Its id, such as `T1`.
    public var id: String
    /// What is claimed, in words.
    public var statement: String
    /// The variant that is claimed to be better.
    public var better: String
    /// The variant it is compared with.
    public var than: String
    /// What is compared: `natural` or an attack.
    public var measure: String
    /// Whether networks with noise are measured with it.
    public var isNoisy: Bool
    /// The points by which the mean must be better at least; negative where a small loss is allowed.
    public var margin: Double

    /// Collects the parts.
    public init(id: String, statement: String, better: String, than: String, measure: String, isNoisy: Bool, margin: Double) {
      (self.id, self.statement, self.better, self.than) = (id, statement, better, than)
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
      title: record.title, summary: summary, variants: [Variant(name: record.data, title: record.title, records: [record])], claims: [])
  }

  var records: [TrainedRecord] { variants.flatMap(\.records) }

  /// The accuracies that there are: natural first, then each attack.
  var measures: [String] {
    var result = ["natural"]
    for record in records {
      for attack in record.deployed?.attacked ?? [] where !result.contains(attack.name) { result.append(attack.name) }
    }
    return result
  }

  /// Whether some network was measured with its noise.
  var hasNoise: Bool { records.contains { $0.noisy != nil } }

  /// The difference in points that decides a claim; `nil` when a number is missing.
  public func difference(_ claim: Claim) -> Double? {
    func mean(_ name: String) -> Double? {
      variants.first { $0.name == name }?.statistics(claim.measure, noisy: claim.isNoisy)?.mean
    }
    guard let better = mean(claim.better), let than = mean(claim.than) else { return nil }
    return better - than
  }

  /// Whether a claim holds; `nil` when a number is missing.
  public func holds(_ claim: Claim) -> Bool? { difference(claim).map { $0 >= claim.margin } }
}
