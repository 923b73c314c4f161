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
  }

  /// A row; its first cell is its name, its note goes below.
  struct Row {
    var cells: [Cell]
    var note = ""
    var isMarked = false
  }

  let columns: [Column]
  let rows: [Row]
  let caption: String

  /// The table; nothing when it has no rows.
  var markup: String {
    if rows.isEmpty { return "" }
    // The roles stay when a narrow window turns the rows into cards.
    let head = columns.map { Markup.text("th", ["scope": "col", "role": "columnheader", "class": $0.isNumber ? "number" : ""], $0.title) }
    return Markup.element(
      "table", ["class": "methods", "role": "table"],
      Markup.text("caption", caption)
        + Markup.element("thead", ["role": "rowgroup"], Markup.element("tr", ["role": "row"], head.joined())) + "\n"
        + rows.map(markup).joined(separator: "\n"))
  }

  private func markup(_ row: Row) -> String {
    let cells = zip(columns, row.cells).enumerated().map { index, pair in
      let (column, cell) = pair
      if index == 0 { return Markup.text("th", ["scope": "row", "role": "rowheader"], cell.text) }
      let classes = [column.isNumber ? "number" : "", cell.style, cell.text == "-" ? "blank" : ""].filter { !$0.isEmpty }
      let name = classes.joined(separator: " ")
      if let upperOf = cell.upperOf, cell.text != "-" {
        return Markup.text("td", ["role": "cell", "class": name, "data-label": column.title, "data-upper-of": upperOf], cell.text)
      }
      return Markup.text("td", ["role": "cell", "class": name, "data-label": column.title], cell.text)
    }
    var lines = Markup.element("tr", ["role": "row"], cells.joined())
    if !row.note.isEmpty {
      let note = Markup.text("td", ["role": "cell", "class": "note", "colspan": "\(columns.count)", "data-label": "Note"], row.note)
      lines += Markup.element("tr", ["role": "row"], note)
    }
    return Markup.element("tbody", ["role": "rowgroup", "class": row.isMarked ? "best" : ""], lines)
  }
}
