import CommandLineSupport

/// A table that every rendering of a report shows alike.
struct ReportTable {
  let titles: [String]
  let rows: [[String]]
  /// The columns of words, which are flush left; the first one always is.
  let words: Set<Int>
  let caption: String
  /// The rows that stand out.
  var marked: Set<Int> = []

  init(_ titles: [String], rows: [[String]], words: Set<Int> = [], caption: String = "", marked: Set<Int> = []) {
    (self.titles, self.rows, self.caption, self.marked) = (titles, rows, caption, marked)
    self.words = words.union([0])
  }

  /// For a page; nothing when there are no rows.
  var markup: String {
    CardTable(
      columns: titles.enumerated().map { CardTable.Column(title: $1, isNumber: !words.contains($0)) },
      rows: rows.enumerated().map { index, row in
        CardTable.Row(cells: row.map { CardTable.Cell(text: $0) }, isMarked: marked.contains(index))
      }, caption: caption
    ).markup
  }

  /// For Markdown, with its caption below.
  var markdown: [String] {
    if rows.isEmpty { return [] }
    return Markdown.table(titles.map(Markdown.plain), rows, numbers: Set(titles.indices).subtracting(words)) + [""]
      + (caption.isEmpty ? [] : [Markdown.plain(caption), ""])
  }

  /// For a terminal.
  var lines: [String] {
    if rows.isEmpty { return [] }
    var table = Table(titles.enumerated().map { ($1, words.contains($0) ? .left : .right) })
    for row in rows { table.add(row) }
    return table.lines
  }
}
