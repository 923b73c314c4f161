import Foundation

/// Comma-separated values as RFC 4180 has them.
enum CSVText {
  /// A header and its rows.
  static func text(_ header: [String], _ rows: [[String]]) -> String {
    ([header] + rows).map { $0.map(field).joined(separator: ",") + "\r\n" }.joined()
  }

  /// A field, in quotes where it needs them; one that a spreadsheet would take for a formula becomes text.
  static func field(_ text: String) -> String {
    let isFormula = text.first.map { "=+-@\t\r".contains($0) } ?? false
    let field = isFormula && Double(text) == nil ? "'" + text : text
    guard field.unicodeScalars.contains(where: { ",\"\n\r".unicodeScalars.contains($0) }) else { return field }
    return "\"" + field.replacingOccurrences(of: "\"", with: "\"\"") + "\""
  }
}
