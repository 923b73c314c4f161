import Certificates
import CommandLineSupport
import Foundation
import Lipschitz

extension BoundReport {
  /// The report as one page that needs nothing else: no network, no scripts, drawings inline.
  public var html: String {
    let head = [
      Markup.empty("meta", ["charset": "utf-8"]),
      Markup.empty("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
      Markup.empty("meta", ["name": "generator", "content": "lipcert \(version)"]),
      Markup.text("title", "Lipschitz bounds of \(model.name)"),
      Markup.element("style", StyleSheet.text),
    ]
    let main = [
      Markup.text("h1", "Lipschitz bounds of \(model.name)"), verdict, findings, check, figures, Self.section("Methods", methodTable),
      Self.section("Provenance", provenanceTable),
      Markup.text(
        "footer",
        "The same results: report.md for text, results.json for machines, results.csv for spreadsheets"
          + (certificate == nil ? "." : ", \(Self.certificateName) for the checker.")),
    ]
    let body = Markup.element("main", "\n" + main.filter { !$0.isEmpty }.joined(separator: "\n") + "\n")
    return "<!DOCTYPE html>\n"
      + Markup.element(
        "html", ["lang": "en"],
        "\n" + Markup.element("head", "\n" + head.joined(separator: "\n") + "\n") + "\n" + Markup.element("body", "\n" + body + "\n") + "\n"
      )
      + "\n"
  }

  private static func section(_ title: String, _ content: String) -> String {
    content.isEmpty ? "" : Markup.element("section", "\n" + Markup.text("h2", title) + "\n" + content + "\n")
  }

  private static func bullets(_ items: [String]) -> String {
    items.isEmpty ? "" : Markup.element("ul", items.map { Markup.text("li", $0) }.joined(separator: "\n"))
  }

  private var verdict: String {
    Markup.element(
      "div", ["class": best == nil ? "verdict open" : "verdict"],
      Markup.text("p", ["class": "headline"], headline) + Markup.text("p", meaning))
  }

  private var findings: String {
    let nothing = proved.isEmpty ? ["Nothing: no upper bound passed the checker."] : proved
    return Markup.element(
      "div", ["class": "columns"],
      Self.section("What is proved", Self.bullets(nothing)) + Self.section("What is not proved", Self.bullets(notProved)))
  }

  private var check: String {
    let command = checkCommand.map { Markup.element("pre", Markup.text("code", $0)) } ?? ""
    return Self.section("How to check it", command + Markup.text("p", checkAdvice))
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
    return Self.section("Figures", charts.compactMap { $0?.markup }.joined())
  }

  /// The columns of numbers, and the last of all, whose text gets a row of its own.
  private static let (numberColumns, noteColumn) = (2...9, columns.count - 1)

  private var methodTable: String {
    // The roles stay when a narrow window turns the rows into cards.
    let head = Self.columns.dropLast().enumerated().map { column, title in
      let name = Self.numberColumns.contains(column) ? "number" : ""
      return Markup.text("th", ["scope": "col", "role": "columnheader", "class": name], title)
    }
    return Markup.element(
      "table", ["class": "methods", "role": "table"],
      Markup.text("caption", Self.columnsCaption)
        + Markup.element("thead", ["role": "rowgroup"], Markup.element("tr", ["role": "row"], head.joined())) + "\n"
        + outcomes.map(methodRows).joined(separator: "\n"))
  }

  /// A method's row, and one for its note.
  private func methodRows(_ outcome: MethodOutcome) -> String {
    let method = outcome.estimate.method
    let texts = cells(outcome)
    let cells = texts.dropLast().enumerated().map { column, cell in
      if column == 0 { return Markup.text("th", ["scope": "row", "role": "rowheader"], cell) }
      var classes = Self.numberColumns.contains(column) ? ["number"] : []
      if column == 1, cell != "-" { classes.append(cell) }
      if cell == "-" { classes.append("blank") }
      let (name, title) = (classes.joined(separator: " "), Self.columns[column])
      if column == 2, cell != "-" {
        return Markup.text("td", ["role": "cell", "class": name, "data-label": title, "data-upper-of": method], cell)
      }
      return Markup.text("td", ["role": "cell", "class": name, "data-label": title], cell)
    }
    var rows = Markup.element("tr", ["role": "row"], cells.joined())
    if !texts[Self.noteColumn].isEmpty {
      let note = Markup.text(
        "td", ["role": "cell", "class": "note", "colspan": "\(Self.noteColumn)", "data-label": "Note"], texts[Self.noteColumn])
      rows += Markup.element("tr", ["role": "row"], note)
    }
    return Markup.element("tbody", ["role": "rowgroup", "class": best?.method == method ? "best" : ""], rows)
  }

  private var provenanceTable: String {
    let rows = provenance.map { name, value in
      Markup.element("tr", Markup.text("th", ["scope": "row"], name) + Markup.text("td", value))
    }
    return Markup.element("table", ["class": "provenance"], Markup.element("tbody", rows.joined(separator: "\n")))
  }
}
