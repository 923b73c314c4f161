import Certificates
import CommandLineSupport
import Foundation
import Lipschitz

extension BoundReport {
  /// The report as Markdown (GitHub's tables).
  public var markdown: String {
    var lines = ["# Lipschitz bounds of \(Self.plain(model.name))", "", "**\(Self.plain(headline)).** \(Self.plain(meaning))", ""]
    for (title, items) in [("What is proved", proved), ("What is not proved", notProved)] where !items.isEmpty {
      lines += ["## \(title)", ""] + items.map { "- \(Self.plain($0))" } + [""]
    }
    lines += ["## How to check it", ""]
    if let checkCommand { lines += Self.code(checkCommand) + [""] }
    lines += [Self.plain(checkAdvice), "", "## Methods", ""]
    lines += Self.table(Self.columns, outcomes.map(cells), numbers: 2...9)
    lines += ["", Self.plain(Self.columnsCaption), ""]
    if !linearMaps.isEmpty {
      lines += ["## Linear maps", "", "Spectral norms are estimates by Lanczos' method, from below; no bound rests on them.", ""]
      let rows = linearMaps.map { map in
        [
          map.label, map.kind, Quantity.count(map.inputs), Quantity.count(map.outputs),
          map.norm.map { String(format: "%.4g", $0) } ?? "-",
        ]
      }
      lines += Self.table(["Map", "Kind", "Inputs", "Outputs", "Norm (estimate)"], rows, numbers: 2...4) + [""]
    }
    if let facts = bestWithCertificate?.certificate.map(MultiplierFact.facts), !facts.isEmpty {
      lines += ["## Multipliers of the certificate", ""]
      let rows = facts.map { fact in
        [fact.name, Quantity.count(fact.count), Quantity.count(fact.zeros)]
          + (0..<5).map { $0 < fact.quartiles.count ? String(format: "%.3g", fact.quartiles[$0]) : "-" }
      }
      let titles = ["Activation node", "Units", "Zero", "Least", "Lower quartile", "Median", "Upper quartile", "Greatest"]
      lines += Self.table(titles, rows, numbers: 1...7) + [""]
    }
    lines += ["## Provenance", ""] + Self.table(["", ""], provenance.map { [$0.name, $0.value] }, numbers: nil)
    return lines.joined(separator: "\n") + "\n"
  }

  /// Text without anything that Markdown, or HTML in it, would act on.
  static func plain(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\\", "`", "*", "_", "[", "]", "|", "#", "~", "$", "!": result += "\\" + String(scalar)
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "&": result += "&amp;"
      case "\n", "\r", "\t": result += " "
      // A colon before slashes would become a link by itself.
      case ":": result += "&#58;"
      default: result.unicodeScalars.append(scalar.value < 0x20 ? "\u{FFFD}" : scalar)
      }
    }
    return result.replacingOccurrences(of: "&#58; ", with: ": ")
  }

  private static func code(_ text: String) -> [String] {
    // Indented code cannot be ended by what it holds.
    ["    " + text.map { $0.isNewline ? " " : String($0) }.joined()]
  }

  private static func table(_ titles: [String], _ rows: [[String]], numbers: ClosedRange<Int>?) -> [String] {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    let rule = titles.indices.map { numbers?.contains($0) ?? false ? "---:" : "---" }
    return [line(titles), line(rule)] + rows.map { line($0.map(plain)) }
  }
}
