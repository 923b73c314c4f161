import Certificates
import CommandLineSupport
import Foundation
import Lipschitz

extension BoundReport {
  /// The report as one page that needs nothing else: no network, no scripts, drawings inline.
  public var html: String {
    let reading = Markup.element("div", ["class": "reading"], Markup.text("h3", "How to read this") + HTMLPage.paragraphs(reading))
    let comparison = HTMLPage.section("Methods compared", methodTable + "\n" + reading)
    let main = [
      Markup.text("h1", "Lipschitz bounds of \(model.name)"), verdict, comparison,
      HTMLPage.section("Figures", methodCharts.markup), HTMLPage.section("Layer by layer", layerCharts.markup), findings, check, sources,
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

  private var sources: String { HTMLPage.sources(outcomes.map(\.estimate.method)) }

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
    return CardTable.Row(cells: cells, note: outcome.remark, isMarked: best?.method == method, isMuted: outcome.isWithoutBound)
  }
}
