import Foundation

/// The results of a topic.
struct Table: Encodable {
  private let id: String
  private let title: String
  private let note: String
  private let columns: [String]
  var rows: [[Cell]] = []

  init(_ topic: Topic) {
    (id, title, note, columns) = (topic.id, topic.title, topic.note, topic.columns)
  }

  /// Aligned columns under a heading.
  var text: String {
    let cells = [columns] + rows.map { $0.map(\.text) }
    // A row that is too short carries a message, which may run on.
    let widths = columns.indices.map { column in
      cells.filter { $0.count == columns.count }.map { $0[column].count }.max() ?? 0
    }
    let isRight = columns.indices.map { column in rows.contains { $0.count == columns.count && $0[column].isNumber } }
    let lines = cells.map { row in
      row.indices.map { row[$0].padded(to: widths[$0], left: isRight[$0] && row.count == columns.count) }.joined(separator: "  ")
    }
    return "\(title)\n\(note)\n\n" + lines.map { $0.trimmingTrailingSpaces }.joined(separator: "\n")
  }

  /// The same as Markdown.
  var markdown: String {
    let rule = columns.indices.map { column in rows.contains { $0.count > column && $0[column].isNumber } ? "--:" : "---" }
    let lines = [columns, rule] + rows.map { $0.map { $0.text.replacing("|", with: "\\|") } }
    return "## \(title)\n\n\(note)\n\n" + lines.map { "| " + $0.joined(separator: " | ") + " |" }.joined(separator: "\n")
  }

  private enum CodingKeys: CodingKey {
    case id, title, note, columns, rows
  }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(id, forKey: .id)
    try container.encode(title, forKey: .title)
    try container.encode(note, forKey: .note)
    try container.encode(columns, forKey: .columns)
    let named = rows.map { row in Dictionary(zip(columns, row), uniquingKeysWith: { first, _ in first }) }
    try container.encode(named, forKey: .rows)
  }
}

extension String {
  /// Filled up with spaces, at the end or on the left.
  func padded(to width: Int, left: Bool = false) -> String {
    let spaces = String(repeating: " ", count: max(0, width - count))
    return left ? spaces + self : self + spaces
  }

  /// Without spaces at the end.
  var trimmingTrailingSpaces: String {
    var result = self
    while result.last == " " { result.removeLast() }
    return result
  }
}
