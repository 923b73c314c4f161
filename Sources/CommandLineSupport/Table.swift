/// Text in aligned columns.
public struct Table {
  /// How a column's cells are placed.
  public enum Alignment: Sendable {
    /// Flush left, for words.
    case left
    /// Flush right, for numbers.
    case right
  }

  private let titles: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []

  /// An empty table with the given columns.
  public init(_ columns: [(title: String, alignment: Alignment)]) {
    titles = columns.map(\.title)
    alignments = columns.map(\.alignment)
  }

  /// Adds a row; missing cells stay empty.
  public mutating func add(_ cells: [String]) {
    rows.append((0..<titles.count).map { $0 < cells.count ? cells[$0] : "" })
  }

  /// The lines: titles, a rule, then the rows; no line ends in spaces.
  public var lines: [String] {
    let widths = titles.indices.map { column in ([titles] + rows).map { $0[column].count }.max() ?? 0 }
    func line(_ cells: [String]) -> String {
      var text = ""
      for (column, cell) in cells.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        text += (column == 0 ? "" : "  ") + (alignments[column] == .left ? cell + padding : padding + cell)
      }
      while text.last == " " { text.removeLast() }
      return text
    }
    return [line(titles), line(widths.map { String(repeating: "-", count: $0) })] + rows.map(line)
  }
}
