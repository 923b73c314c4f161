import Certificates
import CommandLineSupport
import Foundation
import Lipschitz

extension BoundReport {
  /// The report as Markdown (GitHub's tables).
  public var markdown: String {
    var lines = [
      "# Lipschitz bounds of \(Markdown.plain(model.name))", "", "**\(Markdown.plain(headline)).** \(Markdown.plain(meaning))", "",
    ]
    lines += ["## Methods compared", ""]
    lines += Markdown.table(Self.columns, outcomes.map(cells), numbers: Set(Self.numberColumns))
    lines += ["", Markdown.plain(Self.columnsCaption), "", "**How to read this.** " + Markdown.plain(reading.joined(separator: " ")), ""]
    if let rows = partitions?.rows, !rows.isEmpty {
      lines += ["## Partitions", "", "The method partition with its output cut into so many pieces along each axis.", ""]
      let cells = rows.map { row in
        ["\(row.factor)", "\(row.blocks)", "\(row.tiles)", row.bound.map { DecimalBound.up($0, digits: Self.digits) } ?? "-"]
          + [Quantity.positiveSeconds(row.seconds), row.note ?? ""]
      }
      lines += Markdown.table(["Factor", "Blocks", "Tiles", "Bound", "Seconds", "Notes"], cells, numbers: Set(0...4)) + [""]
    }
    if !methodCharts.isEmpty { lines += ["## Figures", ""] + methodCharts.markdown }
    if !layerCharts.isEmpty { lines += ["## Layer by layer", ""] + layerCharts.markdown }
    for (title, items) in [("What is proved", proved), ("What is not proved", notProved)] where !items.isEmpty {
      lines += ["## \(title)", ""] + Markdown.bullets(items) + [""]
    }
    lines += ["## How to check it", ""]
    if let checkCommand { lines += Markdown.code(checkCommand) + [""] }
    lines += [Markdown.plain(checkAdvice), ""]
    if !linearMaps.isEmpty {
      lines += ["## Linear maps", "", "Spectral norms are estimates by Lanczos' method, from below; no bound rests on them.", ""]
      let rows = linearMaps.map { map in
        [
          map.label, map.kind, Quantity.count(map.inputs), Quantity.count(map.outputs),
          map.norm.map { String(format: "%.4g", $0) } ?? "-",
        ]
      }
      lines += Markdown.table(["Map", "Kind", "Inputs", "Outputs", "Norm (estimate)"], rows, numbers: Set(2...4)) + [""]
    }
    if !activity.isEmpty {
      lines += ["## What the units do", ""]
      lines += [
        "Seen on \(ActivityFact.samples) standard normal inputs, not proved. Always linear: one slope, not 0, at every input; inactive: slope 0.",
        "",
      ]
      let rows = activity.map { [$0.name] + [$0.count, $0.switching, $0.linear, $0.inactive].map(Quantity.count) }
      lines += Markdown.table(["Activation node", "Units", "Switching", "Always linear", "Inactive"], rows, numbers: Set(1...4)) + [""]
    }
    if let (method, facts) = multipliers {
      lines += ["## Multipliers of the certificate of \(Markdown.plain(method))", ""]
      let rows = facts.map { fact in
        [fact.name, Quantity.count(fact.count), Quantity.count(fact.zeros)]
          + (0..<5).map { $0 < fact.quartiles.count ? String(format: "%.3g", fact.quartiles[$0]) : "-" }
      }
      let titles = ["Activation node", "Units", "Zero", "Least", "Lower quartile", "Median", "Upper quartile", "Greatest"]
      lines += Markdown.table(titles, rows, numbers: Set(1...7)) + [""]
    }
    if !methodFacts.isEmpty {
      lines += ["## The methods and where they come from", ""]
      lines += methodFacts.map { "- **\(Markdown.plain($0.method))**: " + Markdown.plain("\($0.summary) \($0.reference)") } + [""]
    }
    lines += ["## Provenance", ""] + Markdown.table(["", ""], provenance.map { [$0.name, $0.value] }, numbers: [])
    return lines.joined(separator: "\n") + "\n"
  }
}
