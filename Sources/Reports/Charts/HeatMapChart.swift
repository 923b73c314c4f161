import Foundation

/// A table of cells, their colour the fuller the more: things by what is known of them.
struct HeatMapChart: Chart {
  /// A cell: how full its colour is, from 0 to 1, and what stands in it where there is room.
  struct Cell: Equatable {
    var share: Double
    var text: String

    init(share: Double, text: String) { (self.share, self.text) = (share, text) }

    /// A share that is gone, in percent.
    init(gone share: Double) {
      self.share = min(1, max(0, share))
      text = "\(Int((100 * self.share).rounded()))"
    }
  }

  /// More columns than this make no figure.
  private static let columnLimit = 120
  /// More rows than this make no figure.
  private static let rowLimit = 60

  let id: String
  let title: String
  let caption: String
  let rows: [String]
  let columns: [String]
  /// By row and column; `nil` where there is nothing.
  let cells: [[Cell?]]
  /// What follows the text of a cell where it is read out.
  private let unit: String
  private let omitted: Int

  /// The chart, or `nil` when no cell has anything or there are too many.
  ///
  /// - Parameters:
  ///   - rows: the names of the rows; those after the sixtieth are left out.
  ///   - columns: the names of the columns.
  ///   - cells: for each row as many as there are columns.
  ///   - unit: what follows the text of a cell where it is read out.
  init?(id: String, title: String, caption: String, rows: [String], columns: [String], cells: [[Cell?]], unit: String = "") {
    guard 1...Self.columnLimit ~= columns.count, cells.contains(where: { $0.contains { $0 != nil } }) else { return nil }
    (self.id, self.title, self.columns, self.unit) = (id, title, Self.withoutCommonEnding(columns), unit)
    omitted = max(0, rows.count - Self.rowLimit)
    self.caption = caption + (omitted > 0 ? " Without \(omitted) more rows." : "")
    self.rows = Array(rows.prefix(Self.rowLimit))
    self.cells = cells.prefix(Self.rowLimit).map { row in
      row.map { cell in cell.map { Cell(share: $0.share.isNaN ? 0 : min(1, max(0, $0.share)), text: $0.text) } }
    }
  }

  var summary: String {
    zip(rows, cells).map { row, cells in
      "\(row): " + zip(columns, cells).map { "\($0) \($1.map { $0.text + unit } ?? "missing")" }.joined(separator: ", ")
    }.joined(separator: "; ") + "."
  }

  /// Names without a last part, such as `.weight`, that is the same in all of them.
  static func withoutCommonEnding(_ names: [String]) -> [String] {
    guard names.count > 1, let first = names.first, let dot = first.lastIndex(of: ".") else { return names }
    let ending = first[dot...]
    guard names.allSatisfy({ $0.hasSuffix(ending) && $0.count > ending.count }) else { return names }
    return names.map { String($0.dropLast(ending.count)) }
  }

  func draw(width: Double) -> SVGCanvas {
    let isNarrow = width < 480
    let (left, right) = (isNarrow ? 4.0 : RowFrame.labelWidth(rows) + 8, width - 4)
    let (rowHeight, cellHeight) = (isNarrow ? 46.0 : 30.0, 26.0)
    let step = (right - left) / Double(columns.count)
    let bottom = Double(rows.count) * rowHeight + 4
    let names = ColumnNames(columns, step: step, isNarrow: isNarrow)
    // One size of letters for all cells.
    let longest = cells.flatMap { $0.compactMap { $0.map { SVGCanvas.textWidth($0.text) } } }.max() ?? 0
    let size = longest <= step - 2 ? 13.0 : 10
    var canvas = SVGCanvas(width: width, height: bottom + names.height)
    for (row, name) in rows.enumerated() {
      let top = Double(row) * rowHeight + (isNarrow ? 18 : 2)
      if isNarrow {
        canvas.text(SVGCanvas.fitted(name, width: right - left), x: left, y: top - 5, class: "label")
      } else {
        canvas.text(SVGCanvas.fitted(name, width: left - 8), x: left - 8, y: top + 17.5, anchor: .end, class: "label")
      }
      for (column, cell) in cells[row].enumerated() {
        let (x, boxWidth) = (left + Double(column) * step, max(1, step - (step < 8 ? 0.5 : 2)))
        guard let cell else {
          canvas.rectangle(x: x, y: top, width: boxWidth, height: cellHeight, class: "absent")
          if boxWidth >= 12 { canvas.text("–", x: x + boxWidth / 2, y: top + 17.5, anchor: .middle, class: "tick") }
          continue
        }
        let level = Int((10 * cell.share).rounded())
        canvas.rectangle(x: x, y: top, width: boxWidth, height: cellHeight, class: "heat heat-\(level)")
        canvas.rectangle(x: x, y: top, width: boxWidth, height: cellHeight, class: "cell")
        if SVGCanvas.textWidth(cell.text, size: size) <= boxWidth {
          let style = level > 7 ? "on-full" : level == 7 ? "on-half" : "label"
          canvas.text(
            cell.text, x: x + boxWidth / 2, y: top + 17.5, anchor: .middle, class: size < 13 ? "\(style) small" : style)
        }
      }
    }
    names.draw(&canvas, left: left, top: bottom)
    return canvas
  }
}

/// The names of columns below them: level where there is room, slanted or upright where there is less, every so many where there is little.
private struct ColumnNames {
  private enum Form {
    case level, slanted, upright
  }

  private let names: [String]
  private let step: Double
  private let stride: Int
  private let form: Form
  /// The room they need.
  let height: Double

  /// - Parameters:
  ///   - names: of the columns.
  ///   - step: the width of a column.
  ///   - isNarrow: whether there is no room to the left of the first column.
  init(_ names: [String], step: Double, isNarrow: Bool) {
    self.step = step
    // Lines of text need so much of the width when they do not lie.
    stride = step >= 15 ? 1 : Int((15 / step).rounded(.up))
    let longest = names.map { SVGCanvas.textWidth($0, size: 12) }.max() ?? 0
    form = longest <= step - 2 && stride == 1 ? .level : isNarrow ? .upright : .slanted
    let room = isNarrow ? 110.0 : 190.0
    self.names = form == .level ? names : names.map { SVGCanvas.fitted($0, width: room, size: 12) }
    let length = self.names.map { SVGCanvas.textWidth($0, size: 12) }.max() ?? 0
    height =
      switch form {
      case .level: 22
      case .slanted: 20 + length * sin(Self.slant * .pi / 180)
      case .upright: 12 + length
      }
  }

  private static let slant = 40.0

  func draw(_ canvas: inout SVGCanvas, left: Double, top: Double) {
    for (index, name) in names.enumerated() where index % stride == 0 {
      let x = left + (Double(index) + 0.5) * step - 1
      switch form {
      case .level: canvas.text(name, x: x, y: top + 14, anchor: .middle, class: "tick")
      case .slanted: canvas.turnedText(name, x: x + 4, y: top + 12, degrees: -Int(Self.slant), anchor: .end, class: "tick")
      case .upright: canvas.turnedText(name, x: x + 4, y: top + 6, degrees: -90, anchor: .end, class: "tick")
      }
    }
  }
}
