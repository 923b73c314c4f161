import CommandLineSupport
import Foundation
import Lipschitz

extension StudyReport {
  /// The verdict in a line.
  var headline: String {
    let certified = done.filter { $0.summary.best != nil }.count
    let missing = comparisons.count - done.count
    return "\(certified) of \(Quantity.counted(comparisons.count, "comparison")) with a certified bound"
      + (missing == 0 ? "" : "; \(missing) not run")
  }

  /// What the study found, in two or three sentences.
  var findings: [String] {
    var lines: [String] = []
    let ranked = records.filter { $0.bounded > 0 }
    let leaders = ranked.filter { $0.wins > 0 }.sorted { $0.wins > $1.wins }.prefix(3)
    if ranked.count > 1, !leaders.isEmpty {
      let words = leaders.map { "\($0.method) in \($0.wins)" }
      lines.append("Of \(Quantity.counted(done.count, "comparison")), the least proved bound came, within 0.5 %, from \(Self.list(words)).")
    }
    let broad = ranked.filter { $0.bounded == done.count }.map(\.method)
    if done.count > 1, !broad.isEmpty {
      lines.append("A bound for every network came from \(Self.list(broad)).")
    }
    let unproved = ranked.filter { !$0.isCertified }.map(\.method)
    lines.append(
      unproved.isEmpty ? "Every upper bound shown was proved by the checker." : "Not every bound of \(Self.list(unproved)) was proved.")
    return lines
  }

  /// How the matrix is read.
  static let reading =
    "One row for each network, one column for each method: the bound on the Lipschitz constant, then how many times the best proved bound of the "
    + "row it is, and the seconds it took. The best bound of a row stands out; a dash means that the method gave none, for the reason listed "
    + "below. Attained is the largest gain really found, which no bound can be below. Bounds and ratios are rounded up, attained gains down."

  /// How the table of methods is read.
  static let recordsCaption =
    "Over the comparisons in which a method gave a bound: the geometric mean of its ratio to the best proved bound and the worst of these, the "
    + "geometric mean of the seconds (none below 0.1 ms), and how often its bound was within 0.5 % of the best. Methods that gave a bound for easy networks "
    + "only look better than they are."

  static let recordColumns = ["Method", "Bounds", "Mean ratio", "Worst ratio", "Mean seconds", "Within 0.5 %"]

  /// A method's cells, in the order of ``recordColumns``.
  func cells(_ record: MethodRecord) -> [String] {
    [
      record.method, "\(record.bounded) of \(record.tried)", record.meanRatio.map { DecimalBound.up($0, digits: 4) } ?? "-",
      record.ratios.max().map { DecimalBound.up($0, digits: 4) } ?? "-", record.meanSeconds.map(Quantity.positiveSeconds) ?? "-",
      record.wins == 0 ? "-" : "\(record.wins)",
    ]
  }

  /// "784 inputs, 10 outputs, 200 units".
  static func sizes(_ model: ComparisonSummary.Model) -> String {
    [(model.inputs, "input"), (model.outputs, "output"), (model.units, "unit")].map { Quantity.counted($0, $1) }.joined(separator: ", ")
  }

  /// "l2, all outputs".
  static func problem(_ summary: ComparisonSummary) -> String {
    let target =
      switch summary.target?.count {
      case 1: "output \(summary.target?[0] ?? 0)"
      case 2: "margin \(summary.target?[0] ?? 0) over \(summary.target?[1] ?? 0)"
      default: "all outputs"
      }
    return "\(summary.norm), \(target)"
  }

  /// Methods without a bound and why, equal reasons together.
  var absences: [(comparison: Comparison, method: String, reason: String)] {
    done.flatMap { comparison, summary in
      summary.results.compactMap { result in result.absence.map { (comparison, result.method, $0) } }
    }
  }

  /// Where all of this comes from.
  var provenance: [(name: String, value: String)] {
    [("Study file", file), ("Study SHA-256", sha256)] + settings
      + [("Threads", "\(machine.threads) on \(Quantity.counted(machine.cores, "core"))")]
      + (machine.processor.map { [("Processor", $0)] } ?? [])
      + [("BLAS", machine.blas ?? "not optimised"), ("Software", "lipcert \(version)"), ("Date", date.formatted(.iso8601))]
  }

  /// The lines for people at a terminal.
  public var lines: [String] {
    var table = Table([
      ("model", .left), ("units", .right), ("best bound", .right), ("by", .left), ("attained", .right), ("tightness", .right),
      ("s", .right),
    ])
    for comparison in comparisons {
      guard let summary = comparison.summary else {
        table.add([comparison.id, "", "-", comparison.absence ?? ""])
        continue
      }
      let best = summary.best
      table.add([
        comparison.id, Quantity.count(summary.model.units), best?.upper.map { DecimalBound.up($0, digits: 6) } ?? "-", best?.method ?? "-",
        summary.attained.map { DecimalBound.down($0, digits: 6) } ?? "-",
        best.flatMap { summary.tightness($0) }.map { DecimalBound.up($0, digits: 3) } ?? "-",
        Quantity.seconds(summary.results.reduce(0) { $0 + $1.seconds }),
      ])
    }
    return [title, ""] + table.lines + ["", headline + "."]
  }

  static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }
}
