import CommandLineSupport
import Foundation
import Lipschitz

/// What the steps of a pipeline came to: one section for each, with its result, its numbers, its figure, and the way to its own report.
public struct PipelineReport: Report, Sendable {
  /// One step.
  public struct Step: Sendable {
    /// Its id.
    public var id: String
    /// What it does, in a line.
    public var title: String
    /// Its folder, relative to this report.
    public var folder: String
    /// What it came to; `nil` when it was not done.
    public var summary: StepSummary?
    /// Seconds by the clock.
    public var seconds: Double?
    /// Threads that were used.
    public var threads: Int?
    /// The seed of its random choices.
    public var seed: UInt64?
    /// The files of its folder, by their digests.
    public var files: [String: String]

    /// Collects the parts.
    public init(
      id: String, title: String, folder: String, summary: StepSummary?, seconds: Double? = nil, threads: Int? = nil, seed: UInt64? = nil,
      files: [String: String] = [:]
    ) {
      (self.id, self.title, self.folder, self.summary) = (id, title, folder, summary)
      (self.seconds, self.threads, self.seed, self.files) = (seconds, threads, seed, files)
    }

    /// Whether it has a report of its own.
    var hasReport: Bool { files["index.html"] != nil }
  }

  /// The heading.
  public var title: String
  /// What it is about.
  public var summary: String
  /// The study file's name and digest.
  public var file: (name: String, sha256: String)
  /// The steps.
  public var steps: [Step]
  /// The machine.
  public var machine = Machine.current
  /// The software's version.
  public var version = Version.current

  /// Collects the parts.
  public init(title: String, summary: String, file: (name: String, sha256: String), steps: [Step]) {
    (self.title, self.summary, self.file, self.steps) = (title, summary, file, steps)
  }

  private var done: [Step] { steps.filter { $0.summary != nil } }

  private var headline: String {
    done.count == steps.count
      ? "\(Quantity.counted(steps.count, "step")) done" : "\(done.count) of \(Quantity.counted(steps.count, "step")) done"
  }

  private var provenance: [(name: String, value: String)] {
    [
      ("Study", "\(file.name), sha256 \(file.sha256)"),
      ("Threads", "\(machine.threads) on \(Quantity.counted(machine.cores, "core"))"), ("Processor", machine.processor ?? "unknown"),
      ("BLAS", machine.shortBLAS), ("Version", "lipcert \(version)"),
    ]
  }

  private static let timesCaption =
    "Times are by the clock of the machine named below; a step whose inputs have not changed is not run again."

  private var table: ReportTable {
    ReportTable(
      ["Step", "Result", "Seconds"],
      rows: steps.map { [$0.id, $0.summary?.headline ?? "not done", $0.seconds.map(Quantity.positiveSeconds) ?? "-"] }, words: [1],
      caption: Self.timesCaption)
  }

  // MARK: - Renderings

  /// The lines for people at a terminal.
  public var lines: [String] {
    [title, ""]
      + steps.flatMap { step -> [String] in
        guard let summary = step.summary else { return ["\(step.id): not done"] }
        return ["\(step.id): \(summary.headline)"] + summary.measures.map { "    \($0.name): \($0.words)" }
      }
  }

  /// The report as one page that needs nothing else.
  public var html: String {
    let sections = steps.map { step -> String in
      guard let summary = step.summary else { return HTMLPage.section(step.title, Markup.text("p", "Not done.")) }
      let link = step.hasReport ? Markup.element("p", Markup.text("a", ["href": "\(step.folder)/index.html"], "The whole report")) : ""
      let content = [
        Markup.element("p", Markup.text("strong", summary.headline + ".") + " " + Markup.escape(summary.meaning)),
        summary.measures.isEmpty ? "" : HTMLPage.facts(summary.measures.map { ($0.name, $0.words) }), summary.picture?.markup ?? "", link,
      ]
      return HTMLPage.section(step.title, content.filter { !$0.isEmpty }.joined(separator: "\n"))
    }
    return HTMLPage.document(
      title: title, version: version,
      main: [
        Markup.text("h1", title),
        HTMLPage.verdict(headline, summary, isOpen: done.contains { $0.summary?.isOpen == true } || done.count < steps.count),
        HTMLPage.section("Steps", table.markup),
      ] + sections + [
        HTMLPage.section("Provenance", HTMLPage.facts(provenance)),
        Markup.text("footer", "The same results: report.md for text, results.json for machines, results.csv for spreadsheets."),
      ])
  }

  /// The report for text.
  public var markdown: String {
    var lines = ["# \(Markdown.plain(title))", "", "**\(Markdown.plain(headline)).** \(Markdown.plain(summary))", ""] + table.markdown
    for step in steps {
      lines += ["## \(Markdown.plain(step.title))", ""]
      guard let summary = step.summary else {
        lines += ["Not done.", ""]
        continue
      }
      lines += ["**\(Markdown.plain(summary.headline)).** \(Markdown.plain(summary.meaning))", ""]
      if !summary.measures.isEmpty {
        lines += Markdown.table(["", "value"], summary.measures.map { [$0.name, $0.words] }, numbers: [1]) + [""]
      }
      if let picture = summary.picture { lines += [picture.image(in: step.folder), "", Markdown.plain(picture.caption), ""] }
      if step.hasReport { lines += ["[The whole report](\(step.folder)/report.md)", ""] }
    }
    lines += ["## Provenance", ""] + Markdown.bullets(provenance.map { "\($0.name): \($0.value)" })
    return lines.joined(separator: "\n") + "\n"
  }

  /// None of its own: it shows those of its steps.
  public var figures: [Figure] { [] }

  /// The report for machines.
  public var json: JSONValue {
    .object([
      ("version", .string(version)), ("title", .string(title)), ("summary", .string(summary)),
      ("study", .object([("file", .string(file.name)), ("sha256", .string(file.sha256))])),
      ("steps", .array(steps.map(Self.json))),
    ])
  }

  private static func json(_ step: Step) -> JSONValue {
    var members: [(String, JSONValue)] = [
      ("id", .string(step.id)), ("title", .string(step.title)), ("folder", .string(step.folder)), ("done", .boolean(step.summary != nil)),
    ]
    if let seed = step.seed { members.append(("seed", .integer(seed))) }
    if let summary = step.summary {
      members += [
        ("headline", .string(summary.headline)), ("models", .array(summary.models.map { .string($0) })),
        ("measures", .array(summary.measures.map { .object([("name", .string($0.name)), ("value", .number($0.value))]) })),
        ("files", .object(step.files.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })),
      ]
    }
    if let threads = step.threads { members.append(("threads", .integer(threads))) }
    return .object(members + [("seconds", .number(step.seconds))])
  }

  /// The numbers for spreadsheets.
  public var csv: String {
    CSVText.text(
      ["step", "measure", "value"],
      steps.flatMap { step in (step.summary?.measures ?? []).map { [step.id, $0.name, "\($0.value)"] } })
  }
}
