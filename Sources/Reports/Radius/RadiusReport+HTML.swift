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
        HTMLPage.section("Certified accuracy", curve + accuracyTable.markup),
        HTMLPage.section("Methods", methodTable.markup),
        HTMLPage.section("Radii and brackets", brackets),
        HTMLPage.section("Largest gaps", inputs(largestGaps, caption: Self.gapCaption)),
        HTMLPage.section("Most fragile inputs", inputs(mostFragile, caption: Self.fragileCaption)),
        sourceList,
        HTMLPage.section("Provenance", HTMLPage.facts(provenance)),
      ])
  }

  static let gapCaption =
    "Right answers whose certified radius is the smallest part of the distance to the adversary: here a better proof or a better attack has "
    + "the most to gain."
  static let fragileCaption = "Right answers with the nearest adversaries, nearest first."

  private var curve: String { RadiusCurveChart(summary, unit: unit)?.markup ?? "" }

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

  private var brackets: String {
    let right = records.filter(\.isCorrect)
    let attacked = right.compactMap { $0.attack?.radius }
    let ratios = right.compactMap { record in record.attack?.radius.map { $0 > 0 ? record.radius / $0 : 0 } }
    let missing = right.count { !($0.radius > 0) }
    let charts: [(any Chart)?] = [
      HistogramChart(
        id: "ratios", title: "Certified radius over the attack's", unit: "certified / attacked",
        advice: "Each bracket as one number: 1 is a radius that is exactly known, 0 one of which nothing is proved.",
        bars: .init(name: "inputs", values: ratios), range: 0...1, isLogarithmic: false),
      HistogramChart(
        id: "radii", title: "Radii", unit: "\(unit) (log scale)",
        advice: "How the certified radii (bars) and the distances of adversaries (dashed) are spread."
          + (missing > 0 ? " Without \(Quantity.counted(missing, "input")) of which nothing is proved." : ""),
        bars: .init(name: "certified", values: right.map(\.radius)),
        outline: attacked.isEmpty ? nil : .init(name: "adversaries", values: attacked), isLogarithmic: true),
      RadiusScatterChart(records, unit: unit),
    ]
    return charts.compactMap { $0?.markup }.joined()
  }

  private func inputs(_ list: [RadiusRecord], caption: String) -> String {
    let table = CardTable(
      columns: Self.inputTitles.enumerated().map { CardTable.Column(title: $1, isNumber: $0 != 0 && $0 != 3) },
      rows: list.map { CardTable.Row(cells: cells($0).map { CardTable.Cell(text: $0) }) }, caption: caption)
    return table.markup + pictures(list)
  }

  private var sourceList: String {
    if sources.isEmpty { return "" }
    let items = sources.map { facts in
      Markup.text("dt", facts.name) + Markup.element("dd", Markup.escape(facts.summary) + " " + Markup.text("cite", facts.reference))
    }
    return HTMLPage.folded("What the methods do, and where they come from", Markup.element("dl", items.joined(separator: "\n")))
  }

  // MARK: - Pictures

  /// Original, adversary and their difference, where inputs are images.
  private func pictures(_ list: [RadiusRecord]) -> String {
    guard let inputs, let layout = InputPicture(shape: inputs.shape) else { return "" }
    let figures = list.filter { $0.index < inputs.count }.map { figure($0, original: inputs[$0.index], layout) }
    return figures.isEmpty ? "" : Markup.element("div", ["class": "pictures"], figures.joined(separator: "\n"))
  }

  private func figure(_ record: RadiusRecord, original: [Double], _ layout: InputPicture) -> String {
    let adversary = record.attack?.input.flatMap { $0.count == original.count ? $0 : nil }
    let shown = (adversary ?? []) + original
    let range = header.domain.map { $0[0]...max($0[0], $0[1]) } ?? (shown.min() ?? 0)...(shown.max() ?? 1)
    func picture(_ values: [Double], _ range: ClosedRange<Double>, _ name: String) -> String {
      let image = Markup.empty(
        "img",
        [
          "src": layout.dataURI(values, range: range), "alt": "input \(record.index), \(name)", "width": "\(layout.width)",
          "height": "\(layout.height)",
        ])
      return Markup.element("div", image + Markup.escape(name))
    }
    var parts = [picture(original, range, "class \(record.label)")]
    if let adversary, let rival = record.attack?.rival {
      let difference = zip(adversary, original).map { $0 - $1 }
      let size = max(difference.map(\.magnitude).max() ?? 0, .leastNormalMagnitude)
      parts += [
        picture(adversary, range, "class \(rival)"),
        picture(difference, -size...size, "difference ×\(String(format: "%.3g", 0.5 * (range.upperBound - range.lowerBound) / size))"),
      ]
    }
    let words = "Input \(record.index): certified \(Self.down(record.radius)), adversary at \(Self.up(record.attack?.radius))"
    return Markup.element("figure", Markup.element("div", ["class": "strip"], parts.joined()) + Markup.text("figcaption", words))
  }
}
