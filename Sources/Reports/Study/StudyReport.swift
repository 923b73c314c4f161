import CommandLineSupport
import Foundation
import Lipschitz

/// The overview of a study: every comparison of methods in it, side by side.
public struct StudyReport: Report, Sendable {
  /// Significant digits of bounds in the overview; the single reports show more.
  static let digits = 5

  /// Methods that stop at a tolerance tie: so many times the best bound counts as the best.
  static let margin = 1.005

  /// One network under one norm and target.
  public struct Comparison: Sendable {
    /// Its id, unique in the study.
    public var id: String
    /// What the network is, in a line.
    public var title: String
    /// The folder of its own report, relative to the overview.
    public var folder: String
    /// What was found, or `nil` when it was not run.
    public var summary: ComparisonSummary?
    /// Why it was not run.
    public var absence: String?

    /// Collects the parts.
    public init(id: String, title: String, folder: String, summary: ComparisonSummary?, absence: String? = nil) {
      (self.id, self.title, self.folder, self.summary, self.absence) = (id, title, folder, summary, absence)
    }
  }

  /// How one method did over the whole study.
  struct MethodRecord {
    var method: String
    /// Comparisons in which the method ran.
    var tried = 0
    /// Those in which it gave a bound.
    var bounded = 0
    /// Its bounds over the best ones.
    var ratios: [Double] = []
    /// Seconds of those comparisons in which it gave a bound.
    var seconds: [Double] = []
    /// How often its bound was the best, or within the margin of it.
    var wins = 0
    /// Whether every bound was proved.
    var isCertified = true
  }

  /// The heading.
  public var title: String
  /// What it is about.
  public var summary: String
  /// The study file's name.
  public var file: String
  /// SHA-256 of the study file.
  public var sha256: String
  /// The budget and the seed, in words.
  public var settings: [(name: String, value: String)]
  /// The comparisons in the order of the study.
  public var comparisons: [Comparison]
  /// The machine.
  public var machine: Machine
  /// The software's version.
  public var version = Version.current
  /// When the report was made.
  public var date = Date()

  /// Collects the parts.
  public init(
    title: String, summary: String, file: String, sha256: String, settings: [(name: String, value: String)], comparisons: [Comparison],
    machine: Machine = .current
  ) {
    (self.title, self.summary, self.file, self.sha256) = (title, summary, file, sha256)
    (self.settings, self.comparisons, self.machine) = (settings, comparisons, machine)
  }

  /// The comparisons that were run.
  public var done: [(comparison: Comparison, summary: ComparisonSummary)] {
    comparisons.compactMap { comparison in comparison.summary.map { (comparison, $0) } }
  }

  /// The methods of all comparisons in the order of tables; methods that this version does not know come last.
  public var methods: [String] {
    let present = done.flatMap { $0.summary.results.map(\.method) }
    let known = Estimators.names.filter(present.contains)
    return known + Set(present).subtracting(known).sorted()
  }

  /// The methods that bound from above.
  var upperMethods: [String] { methods.filter { $0 != "attained" } }

  /// How each method did.
  var records: [MethodRecord] {
    upperMethods.map { method in
      var record = MethodRecord(method: method)
      for (_, summary) in done {
        guard let result = summary.results.first(where: { $0.method == method }) else { continue }
        record.tried += 1
        guard let ratio = summary.ratio(result) else { continue }
        record.bounded += 1
        record.ratios.append(ratio)
        record.seconds.append(result.seconds)
        record.isCertified = record.isCertified && result.certified
        if result.certified, ratio <= Self.margin { record.wins += 1 }
      }
      return record
    }
  }
}

extension StudyReport.MethodRecord {
  /// The geometric mean of the ratios, or `nil`; rounding may put it a few units of the last place off.
  var meanRatio: Double? {
    ratios.isEmpty ? nil : exp(ratios.reduce(0) { $0 + log($1) } / Double(ratios.count))
  }

  /// The geometric mean of the seconds, none taken below a tenth of a millisecond.
  var meanSeconds: Double? {
    seconds.isEmpty ? nil : exp(seconds.reduce(0) { $0 + log(max($1, 1e-4)) } / Double(seconds.count))
  }
}
