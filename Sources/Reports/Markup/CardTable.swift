/// A table of results whose rows become cards in narrow windows.
struct CardTable {
  /// A column; numbers are flush right.
  struct Column {
    var title: String
    var isNumber = false
  }

  /// A cell; "-" stands for nothing to show.
  struct Cell {
    var text: String
    /// A class of the style sheet.
    var style = ""
    /// The estimate whose upper bound the cell shows.
    var upperOf: String?
    /// Something lesser below the text.
    var detail = ""
    /// Where the text leads, relative to the page.
    var link: String?
  }

  /// A row; its first cell is its name, its note goes below.
  struct Row {
    var cells: [Cell]
    var note = ""
    var isMarked = false
    /// Whether the row says that there is nothing.
    var isMuted = false
  }

  let columns: [Column]
  let rows: [Row]
  let caption: String
  /// Another class of the style sheet.
  var style = ""

  /// The table; nothing when it has no rows.
  var markup: String {
    if rows.isEmpty { return "" }
    // The roles stay when a narrow window turns the rows into cards.
    let head = columns.map { Markup.text("th", ["scope": "col", "role": "columnheader", "class": $0.isNumber ? "number" : ""], $0.title) }
    let table = Markup.element(
      "table", ["class": style.isEmpty ? "methods" : "methods \(style)", "role": "table"],
      Markup.text("caption", caption)
        + Markup.element("thead", ["role": "rowgroup"], Markup.element("tr", ["role": "row"], head.joined())) + "\n"
        + rows.map(markup).joined(separator: "\n"))
    // What is wider than the window scrolls by itself, with the keyboard as well.
    let name = "Table: \(columns.map(\.title).joined(separator: ", "))"
    return Markup.element("div", ["class": "scroll", "role": "group", "tabindex": "0", "aria-label": name], table)
  }

  private func markup(_ row: Row) -> String {
    let cells = zip(columns, row.cells).enumerated().map { index, pair in
      let (column, cell) = pair
      let content = cell.markup
      if index == 0 { return Markup.element("th", ["scope": "row", "role": "rowheader"], content) }
      let classes = [column.isNumber ? "number" : "", cell.style, cell.text == "-" && cell.detail.isEmpty ? "blank" : ""]
      let name = classes.filter { !$0.isEmpty }.joined(separator: " ")
      if let upperOf = cell.upperOf, cell.text != "-" {
        return Markup.element("td", ["role": "cell", "class": name, "data-label": column.title, "data-upper-of": upperOf], content)
      }
      return Markup.element("td", ["role": "cell", "class": name, "data-label": column.title], content)
    }
    var lines = Markup.element("tr", ["role": "row"], cells.joined())
    if !row.note.isEmpty {
      let note = Markup.text("td", ["role": "cell", "class": "note", "colspan": "\(columns.count)", "data-label": "Note"], row.note)
      lines += Markup.element("tr", ["role": "row"], note)
    }
    return Markup.element("tbody", ["role": "rowgroup", "class": row.isMarked ? "best" : row.isMuted ? "muted" : ""], lines)
  }
}

extension CardTable.Cell {
  /// The text, with its link, and the detail below.
  fileprivate var markup: String {
    let main = link.map { Markup.text("a", ["href": $0], text) } ?? Markup.escape(text)
    // One element holds both, so that they stay together where cells become lines of a card.
    return detail.isEmpty ? main : Markup.element("span", main + " " + Markup.text("small", detail))
  }
}
