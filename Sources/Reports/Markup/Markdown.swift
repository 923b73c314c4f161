import Foundation

/// Pieces of Markdown, with GitHub's tables.
enum Markdown {
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

  /// Lines of code; indented code cannot be ended by what it holds.
  static func code(_ text: String) -> [String] { ["    " + text.map { $0.isNewline ? " " : String($0) }.joined()] }

  /// A list.
  static func bullets(_ items: [String]) -> [String] { items.map { "- \(plain($0))" } }

  /// The lines of a table whose columns in `numbers` are flush right.
  static func table(_ titles: [String], _ rows: [[String]], numbers: Set<Int>) -> [String] {
    func line(_ cells: [String]) -> String { "| " + cells.joined(separator: " | ") + " |" }
    let rule = titles.indices.map { numbers.contains($0) ? "---:" : "---" }
    return [line(titles), line(rule)] + rows.map { line($0.map(plain)) }
  }
}
