import Certificates
import CommandLineSupport
import Foundation
import Robustness

extension RadiusReport {
  var normWords: String { header.norm == .l2 ? "l₂" : "l∞" }
  var unit: String { "distance in \(normWords)" }

  var title: String { "Robustness radii of \(model.name)" }

  var conclusion: String {
    if !summary.contradictions.isEmpty {
      return "Contradiction: \(Quantity.counted(summary.contradictions.count, "input")) certified beyond a known adversary"
    }
    guard summary.inputCount > 0 else { return "No inputs" }
    let certified = summary.best.count(at: 0)
    guard let median = summary.medianCertified, median > 0 else {
      return "Certified: \(certified) of \(Quantity.counted(summary.inputCount, "input"))"
    }
    return "Certified: half of the right answers hold within \(DecimalBound.down(median, digits: 3)) in \(normWords)"
  }

  /// Whether the run has found the program wrong, or has proved nothing.
  var isOpen: Bool { !summary.contradictions.isEmpty || summary.best.radii.isEmpty }

  var meaning: String {
    var parts = [
      "\(summary.correctCount) of \(Quantity.counted(summary.inputCount, "input")) "
        + (header.isSelfLabelled ? "have an answer without a tie." : "have the right answer (\(Self.percent(summary.naturalAccuracy))).")
    ]
    if let attack = summary.attack {
      parts.append("The attack \(attack.name) found another answer near \(attack.foundCount) of them.")
    }
    if let ratio = summary.medianRatio {
      parts.append("The median certified radius is \(Self.percent(ratio)) of the distance to the adversary: the rest is open.")
    }
    return parts.joined(separator: " ")
  }

  static func percent(_ share: Double) -> String { String(format: "%.1f %%", 100 * share) }
  static func down(_ value: Double?) -> String { value.map { DecimalBound.down($0, digits: digits) } ?? "-" }
  static func up(_ value: Double?) -> String { value.map { $0.isFinite ? DecimalBound.up($0, digits: digits) : "none" } ?? "-" }

  // MARK: - Methods

  static let methodTitles = [
    "Method", "Median radius", "Certified", "Best", "Exact", "Median seconds", "Longest", "Seconds in all",
  ]

  static let methodCaption =
    "Medians are over the inputs with the right answer; a radius is 0 where a method proved nothing. Best: inputs for which no other method "
    + "has more. Exact: no greater radius exists, up to the tolerance. Seconds are summed over threads."

  func cells(_ method: RadiusSummary.Method) -> [String] {
    [
      method.name, Self.down(method.median), "\(method.certifiedCount)", "\(method.bestCount)", "\(method.exactCount)",
      method.medianSeconds.map(Quantity.positiveSeconds) ?? "-", Quantity.positiveSeconds(method.largestSeconds),
      Quantity.seconds(method.seconds),
    ]
  }

  func cells(_ attack: RadiusSummary.Attack) -> [String] {
    [
      "attack: \(attack.name)", Self.up(attack.median), "-", "-", "-", attack.medianSeconds.map(Quantity.positiveSeconds) ?? "-", "-",
      Quantity.seconds(attack.seconds),
    ]
  }

  // MARK: - Accuracies

  /// Radius, one column for each method, the best of them, and what the attack leaves.
  var accuracyTitles: [String] {
    ["Radius"] + summary.methods.map(\.name) + (summary.methods.count > 1 ? ["best"] : [])
      + (summary.attack.map { ["not changed by \($0.name)"] } ?? [])
  }

  var accuracyRows: [[String]] {
    ([summary.point(at: 0)] + summary.points.filter { $0.radius > 0 }).map { point in
      ["\(point.radius)"] + summary.methods.map { Self.percent($0.curve.share(at: point.radius)) }
        + (summary.methods.count > 1 ? [Self.percent(point.certified)] : []) + (point.attacked.map { [Self.percent($0)] } ?? [])
    }
  }

  static let accuracyCaption =
    "The share of all inputs with the right answer that is proved to stay within each radius (verified-robust accuracy, VRA), and the share "
    + "whose answer the attack does not change: the true robust accuracy lies between the two. At radius 0: some positive radius is proved."

  // MARK: - Inputs

  static let inputTitles = ["Input", "Label", "Certified", "By", "Adversary", "Rival", "Certified / adversary"]

  func cells(_ record: RadiusRecord) -> [String] {
    let attacked = record.attack?.radius
    return [
      "\(record.index)", "\(record.label)", Self.down(record.radius), record.best?.method ?? "-", Self.up(attacked),
      record.attack?.rival.map { "\($0)" } ?? "-", attacked.map { $0 > 0 ? Self.percent(record.radius / $0) : "-" } ?? "-",
    ]
  }

  var notes: [String] {
    var notes =
      summary.contradictions.isEmpty
      ? [] : ["Inputs with a contradiction: \(summary.contradictions.map(String.init).joined(separator: ", "))"]
    notes += summary.methods.compactMap { method in
      method.note.map { "\(method.name), where it proved nothing: \($0)" }
    }
    return notes
  }

  var provenance: [(name: String, value: String)] {
    let domain = header.domain.map { "each value of an input in \($0[0])…\($0[1])" } ?? "any input"
    let limit = header.timeLimit.map { ", at most \(Quantity.seconds($0)) s for each method and input" } ?? ""
    return [
      ("Model", model.path), ("Model SHA-256", model.sha256), ("Network", model.sizes),
      ("Inputs", "\(inputsPath), \(records.count) of \(header.inputCount)"), ("Inputs SHA-256", header.inputs),
      ("Labels", header.isSelfLabelled ? "the network's own answers" : "given with the inputs"), ("Norm", "\(normWords), \(domain)"),
      ("Run", (seconds.map { "\(Quantity.seconds($0)) s, " } ?? "") + "tolerance \(header.tolerance), seed \(header.seed)\(limit)"),
      ("Machine", "\(Quantity.counted(machine.threads, "thread")) on \(Quantity.counted(machine.cores, "core")), \(machine.shortBLAS)"),
      ("Software", "lipcert \(version)"), ("Date", date.formatted(.iso8601)),
    ]
  }
}
