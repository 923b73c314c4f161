import CommandLineSupport
import Foundation
import Lipschitz

extension StudyReport {
  /// The overview as one page; the reports of the single comparisons are links to folders beside it.
  public var html: String {
    let main = [
      Markup.text("h1", title), HTMLPage.verdict(headline, findings.joined(separator: " "), isOpen: done.count < comparisons.count),
      summary.isEmpty ? "" : Markup.text("p", summary), HTMLPage.section("Networks and methods", Markup.text("p", Self.reading) + matrix),
      HTMLPage.section("Methods over the whole study", recordTable + figures), gallery, missing, sources,
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
      let ratio = isBest ? "best" : summary.ratio(result).map { "×\(DecimalBound.up($0, digits: 3))" } ?? "not proved"
      return CardTable.Cell(
        text: DecimalBound.up(upper, digits: Self.digits), style: isBest ? "top" : result.certified ? "" : "no",
        upperOf: "\(comparison.id)/\(method)", detail: "\(ratio), \(Quantity.positiveSeconds(result.seconds)) s")
    }
    let attained = summary.results.first { $0.method == "attained" }
    let last = CardTable.Cell(
      text: attained?.lower.map { DecimalBound.down($0, digits: Self.digits) } ?? "-",
      detail: attained.map { "\(Quantity.positiveSeconds($0.seconds)) s" } ?? "")
    return CardTable.Row(cells: [name] + bounds + (methods.contains("attained") ? [last] : []), note: note(comparison, summary))
  }

  private func note(_ comparison: Comparison, _ summary: ComparisonSummary) -> String {
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

  private var figures: String {
    let points = records.compactMap { record -> TradeOffChart.Point? in
      guard let seconds = record.meanSeconds, let ratio = record.meanRatio else { return nil }
      let name = record.method + (record.bounded < done.count ? " (\(record.bounded) of \(done.count))" : "")
      return TradeOffChart.Point(name: name, seconds: seconds, ratio: ratio, isCertified: record.isCertified)
    }
    let chart = TradeOffChart(
      points, id: "study-trade-off", title: "Time against tightness, means over the study",
      timeTitle: "seconds, geometric mean (log scale)", ratioTitle: "bound over the best, geometric mean")
    return chart?.markup ?? ""
  }

  /// A small figure for each comparison.
  private var gallery: String {
    let figures = done.map { comparison, summary -> String in
      let bars = summary.results.compactMap { result in
        result.upper.map { BoundsChart.Bar(method: result.method, upper: $0, isCertified: result.certified) }
      }
      let unit = "Lipschitz constant, \(Self.problem(summary))"
      guard let chart = BoundsChart(bars: bars, attained: summary.attained, unit: unit) else { return "" }
      let drawing = chart.draw(width: 380).markup(
        id: "bounds-\(comparison.id)", class: "small", title: "Upper bounds for \(comparison.id)", description: chart.summary)
      let heading = Markup.element("h3", Markup.text("a", ["href": "\(comparison.folder)/index.html"], comparison.id))
      return Markup.element("figure", heading + "\n" + drawing + Markup.text("figcaption", note(comparison, summary)))
    }
    return HTMLPage.section("Network by network", Markup.element("div", ["class": "gallery"], figures.joined(separator: "\n")))
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
