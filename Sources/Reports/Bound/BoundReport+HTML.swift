import Certificates
import CommandLineSupport
import Foundation
import Lipschitz

extension BoundReport {
  /// The report as one page that needs nothing else: no network, no scripts, drawings inline.
  public var html: String {
    let main = [
      Markup.text("h1", "Lipschitz bounds of \(model.name)"), verdict, findings, check, figures, HTMLPage.section("Methods", methodTable),
      HTMLPage.section("Provenance", HTMLPage.facts(provenance)),
      Markup.text(
        "footer",
        "The same results: report.md for text, results.json for machines, results.csv for spreadsheets"
          + (certificate == nil ? "." : ", \(Self.certificateName) for the checker.")),
    ]
    return HTMLPage.document(title: "Lipschitz bounds of \(model.name)", version: version, main: main)
  }

  private var verdict: String { HTMLPage.verdict(headline, meaning, isOpen: best == nil) }

  private var findings: String {
    let nothing = proved.isEmpty ? ["Nothing: no upper bound passed the checker."] : proved
    return Markup.element(
      "div", ["class": "columns"],
      HTMLPage.section("What is proved", HTMLPage.bullets(nothing)) + HTMLPage.section("What is not proved", HTMLPage.bullets(notProved)))
  }

  private var check: String {
    let command = checkCommand.map { Markup.element("pre", Markup.text("code", $0)) } ?? ""
    return HTMLPage.section("How to check it", command + Markup.text("p", checkAdvice))
  }

  private var figures: String {
    let bars = estimates.compactMap { estimate in
      estimate.upper.map { BoundsChart.Bar(method: estimate.method, upper: $0, isCertified: estimate.isCertified) }
    }
    let moving = estimates.first { $0.method == "lifted" }
    let certified = bestWithCertificate
    let charts: [(any Chart)?] = [
      BoundsChart(bars: bars, attained: attained, unit: unit),
      moving.flatMap { ConvergenceChart($0, attained: attained, unit: unit) },
      LayersChart(linearMaps),
      certified?.certificate.flatMap { MultipliersChart(MultiplierFact.facts(of: $0), method: certified?.method ?? "") },
    ]
    return HTMLPage.section("Figures", charts.compactMap { $0?.markup }.joined())
  }

  /// The columns of numbers, and the last of all, whose text gets a row of its own.
  private static let (numberColumns, noteColumn) = (2...9, columns.count - 1)

  private var methodTable: String {
    let columns = Self.columns.dropLast().enumerated().map { column, title in
      CardTable.Column(title: title, isNumber: Self.numberColumns.contains(column))
    }
    return CardTable(columns: columns, rows: outcomes.map(methodRow), caption: Self.columnsCaption).markup
  }

  private func methodRow(_ outcome: MethodOutcome) -> CardTable.Row {
    let method = outcome.estimate.method
    let texts = cells(outcome)
    let cells = texts.dropLast().enumerated().map { column, text in
      CardTable.Cell(text: text, style: column == 1 && text != "-" ? text : "", upperOf: column == 2 ? method : nil)
    }
    return CardTable.Row(cells: cells, note: texts[Self.noteColumn], isMarked: best?.method == method)
  }
}
