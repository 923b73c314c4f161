import CommandLineSupport
import Foundation
import Lipschitz

/// What the independent checker says of many certificates.
public struct CheckReport: Report, Sendable {
  /// One certificate.
  public struct Verdict: Codable, Sendable, Equatable {
    /// The file, relative to the study's folder.
    public var certificate: String
    /// SHA-256 of the model's file.
    public var model: String
    /// What it states.
    public var statement: String
    /// Why it is not proved; `nil` when it is.
    public var refutation: String?
    /// Seconds of the check.
    public var seconds: Double

    /// Collects the parts.
    public init(certificate: String, model: String, statement: String, refutation: String?, seconds: Double) {
      (self.certificate, self.model, self.statement) = (certificate, model, statement)
      (self.refutation, self.seconds) = (refutation, seconds)
    }
  }

  /// The heading.
  public var title: String
  /// The certificates.
  public var verdicts: [Verdict]
  /// The machine.
  public var machine = Machine.current
  /// The software's version.
  public var version = Version.current

  /// Collects the parts.
  public init(title: String, verdicts: [Verdict]) { (self.title, self.verdicts) = (title, verdicts) }

  /// Those that are not proved.
  public var refuted: [Verdict] { verdicts.filter { $0.refutation != nil } }

  private var headline: String {
    refuted.isEmpty
      ? "All \(Quantity.counted(verdicts.count, "certificate")) proved"
      : "\(refuted.count) of \(Quantity.counted(verdicts.count, "certificate")) not proved"
  }

  private static let meaning =
    "The checker reads the model and the certificate only. It knows nothing of the solvers that made it, and trusts no number in it."

  /// The verdict on all certificates.
  public var stepSummary: StepSummary {
    StepSummary(
      headline: headline, meaning: Self.meaning, isOpen: !refuted.isEmpty,
      measures: [
        .init("certificates", Double(verdicts.count), "\(verdicts.count)"),
        .init("proved", Double(verdicts.count - refuted.count), "\(verdicts.count - refuted.count)"),
      ], models: verdicts.map(\.model).reduce(into: []) { if !$0.contains($1) { $0.append($1) } })
  }

  private var table: ReportTable {
    ReportTable(
      ["Certificate", "Statement", "Verdict", "Seconds"],
      rows: verdicts.map {
        [$0.certificate, $0.statement, $0.refutation.map { "not proved: \($0)" } ?? "proved", Quantity.positiveSeconds($0.seconds)]
      }, words: [1, 2], caption: "Repeat any of them with: lipcert check CERTIFICATE MODEL")
  }

  private var provenance: [(name: String, value: String)] {
    [
      ("Threads", "\(machine.threads) on \(Quantity.counted(machine.cores, "core"))"), ("Processor", machine.processor ?? "unknown"),
      ("Version", "lipcert \(version)"),
    ]
  }

  /// The report as one page that needs nothing else.
  public var html: String {
    HTMLPage.document(
      title: title, version: version,
      main: [
        Markup.text("h1", title), HTMLPage.verdict(headline, Self.meaning, isOpen: !refuted.isEmpty),
        HTMLPage.section("Certificates", table.markup), HTMLPage.section("Provenance", HTMLPage.facts(provenance)),
      ])
  }

  /// The report for text.
  public var markdown: String {
    let lines =
      ["# \(Markdown.plain(title))", "", "**\(Markdown.plain(headline)).** \(Markdown.plain(Self.meaning))", ""] + table.markdown
      + Markdown.bullets(provenance.map { "\($0.name): \($0.value)" })
    return lines.joined(separator: "\n") + "\n"
  }

  /// None.
  public var figures: [Figure] { [] }

  /// The report for machines.
  public var json: JSONValue {
    .object([
      ("version", .string(version)), ("title", .string(title)),
      (
        "verdicts",
        .array(
          verdicts.map {
            .object([
              ("certificate", .string($0.certificate)), ("model", .string($0.model)), ("statement", .string($0.statement)),
              ("proved", .boolean($0.refutation == nil)), ("reason", .text($0.refutation)), ("seconds", .number($0.seconds)),
            ])
          })
      ),
    ])
  }

  /// The numbers for spreadsheets.
  public var csv: String {
    CSVText.text(
      ["certificate", "model", "statement", "proved", "reason", "seconds"],
      verdicts.map {
        [$0.certificate, $0.model, $0.statement, "\($0.refutation == nil)", $0.refutation ?? "", String(format: "%.6g", $0.seconds)]
      })
  }
}
