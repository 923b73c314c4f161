import CommandLineSupport
import Foundation
import Robustness

extension RadiusReport {
  /// The report as one page that needs nothing else.
  public var html: String {
    HTMLPage.document(
      title: title, version: version,
      main: [
        Markup.text("h1", title),
        HTMLPage.verdict(conclusion, meaning, isOpen: isOpen),
        HTMLPage.bullets(notes),
        HTMLPage.section("Certified accuracy", curveCharts.markup + accuracyTable.markup),
        HTMLPage.section("Methods", methodTable.markup),
        HTMLPage.section("Radii and brackets", bracketCharts.markup),
        HTMLPage.section("Largest gaps", table(largestGaps, caption: Self.gapCaption) + gapCharts.markup),
        HTMLPage.section("Most fragile inputs", table(mostFragile, caption: Self.fragileCaption) + fragileCharts.markup),
        sourceList,
        HTMLPage.section("Provenance", HTMLPage.facts(provenance)),
      ])
  }

  static let gapCaption =
    "Right answers whose certified radius is the smallest part of the distance to the adversary: here a better proof or a better attack has "
    + "the most to gain."
  static let fragileCaption = "Right answers with the nearest adversaries, nearest first."

  private var accuracyTable: CardTable {
    CardTable(
      columns: accuracyTitles.enumerated().map { CardTable.Column(title: $1, isNumber: $0 > 0) },
      rows: accuracyRows.map { CardTable.Row(cells: $0.map { CardTable.Cell(text: $0) }) }, caption: Self.accuracyCaption)
  }

  private var methodTable: CardTable {
    let best = summary.methods.map { $0.median ?? 0 }.max() ?? 0
    let rows = summary.methods.map { method in
      CardTable.Row(
        cells: cells(method).map { CardTable.Cell(text: $0) }, note: method.certifiedCount == 0 ? method.note ?? "" : "",
        isMarked: best > 0 && method.median == best)
    }
    let attack = summary.attack.map { [CardTable.Row(cells: cells($0).map { CardTable.Cell(text: $0) })] } ?? []
    return CardTable(
      columns: Self.methodTitles.enumerated().map { CardTable.Column(title: $1, isNumber: $0 > 0) }, rows: rows + attack,
      caption: Self.methodCaption)
  }

  private func table(_ list: [RadiusRecord], caption: String) -> String {
    CardTable(
      columns: Self.inputTitles.enumerated().map { CardTable.Column(title: $1, isNumber: $0 != 0 && $0 != 3) },
      rows: list.map { CardTable.Row(cells: cells($0).map { CardTable.Cell(text: $0) }) }, caption: caption
    ).markup
  }

  private var sourceList: String {
    if sources.isEmpty { return "" }
    let items = sources.map { facts in
      Markup.text("dt", facts.name) + Markup.element("dd", Markup.escape(facts.summary) + " " + Markup.text("cite", facts.reference))
    }
    return HTMLPage.folded("What the methods do, and where they come from", Markup.element("dl", items.joined(separator: "\n")))
  }
}
