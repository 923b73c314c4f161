import CommandLineSupport
import Foundation
import Lipschitz

extension StudyReport {
  /// The overview as Markdown (GitHub's tables).
  public var markdown: String {
    var lines = [
      "# \(Markdown.plain(title))", "", "**\(Markdown.plain(headline)).** \(Markdown.plain(findings.joined(separator: " ")))", "",
    ]
    if !summary.isEmpty { lines += [Markdown.plain(summary), ""] }
    lines += ["## Networks and methods", "", Markdown.plain(Self.reading), ""]
    let names = upperMethods + (methods.contains("attained") ? ["attained"] : [])
    let columns = ["Network", "Problem"] + names
    lines += Markdown.table(columns, [], numbers: Set(2..<columns.count))
    for comparison in comparisons {
      let link = "[\(Markdown.plain(comparison.id))](\(comparison.folder)/report.md)"
      guard let summary = comparison.summary else {
        lines.append(
          "| \(Markdown.plain(comparison.id)) | \(Markdown.plain(comparison.absence ?? "not run")) |"
            + String(repeating: " - |", count: names.count))
        continue
      }
      let cells = names.map { cell($0, summary) }
      lines.append("| \(link) | \(Markdown.plain(Self.problem(summary))) | \(cells.joined(separator: " | ")) |")
    }
    lines += [""] + ratioCharts.markdown + ["## Methods over the whole study", ""]
    lines += Markdown.table(Self.recordColumns, records.map(cells), numbers: Set(1...5)) + ["", Markdown.plain(Self.recordsCaption), ""]
    lines += methodCharts.markdown
    let gallery = boundsCharts
    if !gallery.isEmpty { lines += ["## Network by network", ""] }
    for (comparison, summary, chart) in gallery {
      lines += ["### [\(Markdown.plain(comparison.id))](\(comparison.folder)/report.md)", "", chart.figure.image, ""]
      lines += [Markdown.plain(note(comparison, summary)), ""]
    }
    lines += ["## Networks", ""]
    let rows = done.map { [$0.comparison.id, $0.comparison.title, Self.sizes($0.summary.model), $0.summary.model.sha256] }
    lines += Markdown.table(["Network", "What it is", "Sizes", "SHA-256"], rows, numbers: []) + [""]
    if !absences.isEmpty {
      lines += ["## Where a method gave no bound, and why", ""]
      lines += absences.map { "- **\(Markdown.plain("\($0.comparison.id), \($0.method)"))**: \(Markdown.plain($0.reason))" } + [""]
    }
    let facts = methods.compactMap(MethodFacts.named)
    if !facts.isEmpty {
      lines += ["## The methods and where they come from", ""]
      lines += facts.map { "- **\(Markdown.plain($0.method))**: " + Markdown.plain("\($0.summary) \($0.reference)") } + [""]
    }
    lines += ["## Provenance", ""] + Markdown.table(["", ""], provenance.map { [$0.name, $0.value] }, numbers: [])
    return lines.joined(separator: "\n") + "\n"
  }

  /// Bound, ratio and seconds; the best bound in bold.
  private func cell(_ method: String, _ summary: ComparisonSummary) -> String {
    guard let result = summary.results.first(where: { $0.method == method }) else { return "-" }
    if method == "attained" { return result.lower.map { DecimalBound.down($0, digits: Self.digits) } ?? "-" }
    guard let upper = result.upper else { return "-" }
    let bound = DecimalBound.up(upper, digits: Self.digits)
    let seconds = "\(Quantity.positiveSeconds(result.seconds)) s"
    if result.certified, upper == summary.best?.upper { return "**\(bound)**<br>\(seconds)" }
    return "\(bound)<br>" + (summary.ratio(result).map { "×\(DecimalBound.up($0, digits: 3)), " } ?? "") + seconds
      + (result.certified ? "" : ", not proved")
  }

  /// One line for each method of each comparison, as RFC 4180 has it; bounds are rounded outwards in their seventeenth digit.
  public var csv: String {
    let header = [
      "comparison", "norm", "target", "inputs", "outputs", "units", "method", "certified", "upper", "lower", "ratio_to_best", "tightness",
      "seconds", "stop_reason", "peak_memory_bytes", "note",
    ]
    func up(_ value: Double?) -> String { value.map { DecimalBound.up($0, digits: 17) } ?? "" }
    let rows = done.flatMap { comparison, summary in
      summary.results.map { result -> [String] in
        let target = summary.target.map { $0.map(String.init).joined(separator: " ") } ?? "all"
        let model = summary.model
        return [
          comparison.id, summary.norm, target, "\(model.inputs)", "\(model.outputs)", "\(model.units)", result.method,
          result.method == "attained" ? "" : "\(result.certified)", up(result.upper),
          result.lower.map { DecimalBound.down($0, digits: 17) } ?? "", up(summary.ratio(result)), up(summary.tightness(result)),
          "\(result.seconds)", result.stopReason, "\(result.peakMemoryBytes)", result.absence ?? result.note ?? "",
        ]
      }
    }
    return CSVText.text(header, rows)
  }

  /// The object for machines.
  public var json: JSONValue {
    .object([
      (
        "study",
        .object([("title", .string(title)), ("summary", .string(summary)), ("file", .string(file)), ("sha256", .string(sha256))])
      ),
      ("comparisons", .array(comparisons.map(json))),
      ("settings", .object(settings.map { ($0.name, .string($0.value)) })),
      ("threads", .integer(machine.threads)),
      ("cores", .integer(machine.cores)),
      ("blas", .text(machine.blas)),
      ("version", .string(version)),
    ])
  }

  private func json(_ comparison: Comparison) -> JSONValue {
    let summary = comparison.summary
    return .object([
      ("id", .string(comparison.id)),
      ("title", .string(comparison.title)),
      ("folder", .string(comparison.folder)),
      ("absence", .text(summary == nil ? comparison.absence ?? "not run" : nil)),
      (
        "model",
        summary.map { summary in
          .object([
            ("sha256", .string(summary.model.sha256)), ("inputs", .integer(summary.model.inputs)),
            ("outputs", .integer(summary.model.outputs)), ("units", .integer(summary.model.units)),
          ])
        } ?? .null
      ),
      ("norm", .text(summary?.norm)),
      ("target", summary?.target.map { .array($0.map { .integer($0) }) } ?? .null),
      ("attained", .lower(summary?.attained)),
      ("results", .array(summary.map { summary in summary.results.map { json($0, summary) } } ?? [])),
      (
        "certificate",
        summary?.certificate.map { certificate in
          .object([
            ("path", .string("\(comparison.folder)/\(BoundReport.certificateName)")), ("method", .string(certificate.method)),
            ("bound", .upper(certificate.bound)), ("checked", .boolean(certificate.checked)),
          ])
        } ?? .null
      ),
    ])
  }

  private func json(_ result: ComparisonSummary.Result, _ summary: ComparisonSummary) -> JSONValue {
    .object([
      ("method", .string(result.method)),
      ("upper", .upper(result.upper)),
      ("lower", .lower(result.lower)),
      ("certified", .boolean(result.certified)),
      ("ratioToBest", .upper(summary.ratio(result))),
      ("tightness", .upper(summary.tightness(result))),
      ("seconds", .number(result.seconds)),
      ("peakMemoryBytes", .integer(result.peakMemoryBytes)),
      ("stopReason", .string(result.stopReason)),
      ("note", .text(result.note)),
      ("absence", .text(result.absence)),
    ])
  }
}
