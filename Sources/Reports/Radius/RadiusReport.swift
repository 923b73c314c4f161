import Certificates
import CommandLineSupport
import Foundation
import Lipschitz
import Robustness

/// What `radius` found about many inputs: certified radii by method, the distances of adversaries, and what is left between the two.
public struct RadiusReport: Report, Sendable {
  /// What a method or an attack does and whose idea it is.
  public struct Source: Sendable, Equatable {
    /// The id.
    public var name: String
    /// What it does.
    public var summary: String
    /// The work it follows.
    public var reference: String

    /// Collects the parts.
    public init(name: String, summary: String, reference: String) {
      (self.name, self.summary, self.reference) = (name, summary, reference)
    }
  }

  static let digits = 4
  /// How many inputs each list of remarkable ones shows.
  static let remarkableCount = 12

  /// The model.
  public var model: ModelFacts
  /// Where the inputs were read.
  public var inputsPath: String
  /// What the run was about.
  public var header: RadiusRunHeader
  /// One record for each input, by index.
  public var records: [RadiusRecord]
  /// What they come to.
  public let summary: RadiusSummary
  /// The inputs, for the pictures; `nil` when they are not at hand.
  public var inputs: LabelledInputs?
  /// What methods do and whose ideas they are.
  public var sources: [Source]
  /// Seconds of the whole run by the clock, when known.
  public var seconds: Double?
  /// The machine.
  public var machine: Machine
  /// The software's version.
  public var version = Version.current
  /// When the report was made.
  public var date = Date()

  /// Collects the parts.
  ///
  /// - Parameters:
  ///   - model: the model.
  ///   - inputsPath: the file of the inputs.
  ///   - header: what was run.
  ///   - records: the results, one for each input.
  ///   - radii: where certified accuracies are stated; round numbers that suit the curve when empty.
  ///   - inputs: the inputs, for the pictures; `nil` when they are not at hand.
  ///   - sources: what methods do and whose ideas they are.
  ///   - seconds: of the whole run by the clock, when known.
  ///   - machine: the machine.
  public init(
    model: ModelFacts, inputsPath: String, header: RadiusRunHeader, records: [RadiusRecord], radii: [Double] = [],
    inputs: LabelledInputs? = nil, sources: [Source] = [], seconds: Double? = nil,
    machine: Machine = .current
  ) {
    (self.model, self.inputsPath, self.header, self.inputs, self.seconds) = (model, inputsPath, header, inputs, seconds)
    self.records = records.sorted { $0.index < $1.index }
    self.machine = machine
    self.sources = sources
    let radii = radii.isEmpty ? Self.roundRadii(records) : radii.filter { $0 >= 0 && $0.isFinite }.sorted()
    summary = RadiusSummary(self.records, norm: header.norm, methods: header.methods, radii: radii)
  }

  /// What there is to know about the methods of a run.
  public static func sources(_ header: RadiusRunHeader) -> [Source] {
    RadiusMethods.facts.filter { header.methods.contains($0.name) }
      .map { Source(name: $0.name, summary: $0.summary, reference: $0.reference) }
  }

  /// About five round numbers up to the greatest certified radius.
  static func roundRadii(_ records: [RadiusRecord]) -> [Double] {
    let greatest = records.map(\.radius).filter(\.isFinite).max() ?? 0
    guard greatest > 0 else { return [] }
    return AxisScale(0, greatest, logarithmic: false, count: 5).ticks.map(\.value).filter { $0 > 0 && $0 <= greatest }
  }

  /// The inputs with right answers whose certified radius is the smallest part of the attack's, worst first.
  public var largestGaps: [RadiusRecord] {
    let both = records.filter { $0.isCorrect && $0.attack?.radius ?? 0 > 0 && !$0.certified.isEmpty }
    func ratio(_ record: RadiusRecord) -> Double { record.radius / (record.attack?.radius ?? .infinity) }
    return Array(both.sorted { (ratio($0), $0.index) < (ratio($1), $1.index) }.prefix(Self.remarkableCount))
  }

  /// The inputs with right answers whose adversary is nearest (or, without attack, whose certified radius is smallest), nearest first.
  public var mostFragile: [RadiusRecord] {
    func distance(_ record: RadiusRecord) -> Double { record.attack?.radius ?? (summary.attack == nil ? record.radius : .infinity) }
    let right = records.filter { $0.isCorrect && distance($0).isFinite }
    return Array(right.sorted { (distance($0), $0.index) < (distance($1), $1.index) }.prefix(Self.remarkableCount))
  }
}
