import CommandLineSupport
import Foundation
import Lipschitz

extension StudyReport {
  /// The overview as one page; the reports of the single comparisons are links to folders beside it.
  public var html: String {
    let main = [
      Markup.text("h1", title), HTMLPage.verdict(headline, findings.joined(separator: " "), isOpen: done.count < comparisons.count),
      summary.isEmpty ? "" : Markup.text("p", summary),
      HTMLPage.section("Networks and methods", Markup.text("p", Self.reading) + matrix + ratioCharts.markup),
      HTMLPage.section("Methods over the whole study", recordTable + methodCharts.markup), gallery, missing, sources,
      HTMLPage.section("Provenance", HTMLPage.facts(provenance)),
      Markup.text("footer", "The same results: report.md for text, results.json for machines, results.csv for spreadsheets."),
    ]
    return HTMLPage.document(title: title, version: version, main: main)
  }

  // MARK: - Tables

  private var matrix: String {
    let names = ["Network"] + upperMethods + (methods.contains("attained") ? ["attained"] : [])
    let columns = names.enumerated().map { CardTable.Column(title: $1, isNumber: $0 > 0) }
    return CardTable(columns: columns, rows: comparisons.map(row), caption: "", style: "matrix").markup
  }

  private func row(_ comparison: Comparison) -> CardTable.Row {
    guard let summary = comparison.summary else {
      return CardTable.Row(cells: [CardTable.Cell(text: comparison.id)], note: comparison.absence ?? "not run", isMuted: true)
    }
    let name = CardTable.Cell(text: comparison.id, detail: Self.problem(summary), link: "\(comparison.folder)/index.html")
    let bounds = upperMethods.map { method -> CardTable.Cell in
      guard let result = summary.results.first(where: { $0.method == method }), let upper = result.upper else {
        return CardTable.Cell(text: "-", style: "none")
      }
      let isBest = result.certified && upper == summary.best?.upper
      let ratio = isBest ? "best" : summary.ratio(result).map { "×\(DecimalBound.up($0, digits: 3))" } ?? "-"
      return CardTable.Cell(
        text: DecimalBound.up(upper, digits: Self.digits), style: isBest ? "top" : result.certified ? "" : "no",
        upperOf: "\(comparison.id)/\(method)", detail: "\(ratio)\(result.certified ? "" : ", not proved"), \(Self.seconds(result.seconds))")
    }
    let attained = summary.results.first { $0.method == "attained" }
    let last = CardTable.Cell(
      text: attained?.lower.map { DecimalBound.down($0, digits: Self.digits) } ?? "-",
      detail: attained.map { Self.seconds($0.seconds) } ?? "")
    return CardTable.Row(cells: [name] + bounds + (methods.contains("attained") ? [last] : []), note: note(comparison, summary))
  }

  /// Seconds that are not parted from their unit at the end of a line.
  private static func seconds(_ value: Double) -> String { Quantity.positiveSeconds(value) + "\u{A0}s" }

  func note(_ comparison: Comparison, _ summary: ComparisonSummary) -> String {
    (comparison.title == comparison.id ? "" : comparison.title + ": ") + Self.sizes(summary.model)
  }

  private var recordTable: String {
    let columns = Self.recordColumns.enumerated().map { CardTable.Column(title: $1, isNumber: $0 > 0) }
    let rows = records.map { record in
      CardTable.Row(cells: cells(record).map { CardTable.Cell(text: $0) }, isMuted: record.bounded == 0)
    }
    return CardTable(columns: columns, rows: rows, caption: Self.recordsCaption).markup
  }

  // MARK: - Figures

  /// A small figure for each comparison.
  private var gallery: String {
    let figures = boundsCharts.map { comparison, summary, chart -> String in
      let drawing = chart.draw(width: NetworkBoundsChart.width).markup(
        id: chart.id, class: "small", title: chart.title, description: chart.summary)
      let heading = Markup.element("h3", Markup.text("a", ["href": "\(comparison.folder)/index.html"], comparison.id))
      return Markup.element("figure", heading + "\n" + drawing + Markup.text("figcaption", note(comparison, summary)))
    }
    return HTMLPage.section(
      "Network by network", figures.isEmpty ? "" : Markup.element("div", ["class": "gallery"], figures.joined(separator: "\n")))
  }

  // MARK: - Words

  private var missing: String {
    let items = absences.map {
      Markup.element("li", Markup.text("b", "\($0.comparison.id), \($0.method)") + ": " + Markup.escape($0.reason))
    }
    return items.isEmpty
      ? "" : HTMLPage.folded("Where a method gave no bound, and why", Markup.element("ul", items.joined(separator: "\n")))
  }

  private var sources: String { HTMLPage.sources(methods) }
}
