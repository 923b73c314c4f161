/// The frame of charts with one row for each thing: names to the left (above, where it is narrow), numbers along the bottom.
struct RowFrame {
  let width: Double
  /// The rows' names.
  let rows: [String]
  let scale: AxisScale
  let top: Double
  let barHeight = 16.0
  private let valueWidth: Double
  private let rowHeight: Double

  /// A frame.
  ///
  /// - Parameters:
  ///   - rows: the rows' names; longer ones than there is room for are cut in their middles.
  ///   - range: the numbers shown.
  ///   - valueWidth: room kept to the right of the axis for the rows' values.
  ///   - rowHeight: the height of a row, 30 unless given (44 where it is narrow).
  init(
    width: Double, rows: [String], range: ClosedRange<Double>, isLogarithmic: Bool = true, top: Double = 12, valueWidth: Double = 100,
    rowHeight: Double? = nil
  ) {
    self.rowHeight = rowHeight ?? (width < 480 ? 44 : 30)
    self.width = width
    self.rows = rows
    self.top = top
    self.valueWidth = valueWidth
    scale = AxisScale(range.lowerBound, range.upperBound, logarithmic: isLogarithmic, count: width < 480 ? 4 : 7)
  }

  var isNarrow: Bool { width < 480 }
  private var labelWidth: Double { isNarrow ? 4 : Self.labelWidth(rows) }

  /// The room that names beside rows get: the same in most drawings, so that these stand in line, more for long names.
  static func labelWidth(_ names: [String]) -> Double {
    max(190, min(290, names.map { SVGCanvas.textWidth($0) }.max() ?? 0))
  }

  private var left: Double { labelWidth + 8 }
  private var right: Double { isNarrow ? width - 14 : width - valueWidth }
  private var bottom: Double { top + Double(rows.count) * rowHeight + 4 }

  /// The height of the whole drawing.
  var height: Double { bottom + 44 }

  /// Where a number stands.
  func x(_ value: Double) -> Double { left + scale.position(value) * (right - left) }

  /// The upper edge of a row's bar.
  func barTop(_ row: Int) -> Double { top + Double(row) * rowHeight + (isNarrow ? rowHeight / 2 : (rowHeight - barHeight) / 2) }

  /// The middle of a row's bar.
  func middle(_ row: Int) -> Double { barTop(row) + barHeight / 2 }

  /// Grid lines, their numbers and the axis' title.
  func drawAxis(_ canvas: inout SVGCanvas, title: String) {
    for tick in scale.ticks {
      let x = x(tick.value)
      canvas.line(x, top, x, bottom, class: "grid")
      canvas.text(tick.label, x: x, y: bottom + 16, anchor: .middle, class: "tick")
    }
    canvas.line(left, bottom, right, bottom, class: "axis")
    canvas.text(title, x: (left + right) / 2, y: bottom + 36, anchor: .middle, class: "axis-title")
  }

  /// A row's name.
  func drawLabel(_ canvas: inout SVGCanvas, row: Int) {
    if isNarrow {
      canvas.text(SVGCanvas.fitted(rows[row], width: width * 0.6), x: left, y: barTop(row) - 6, class: "label halo")
    } else {
      let text = SVGCanvas.fitted(rows[row], width: labelWidth)
      canvas.text(text, x: labelWidth, y: middle(row) + 4.5, anchor: .end, class: "label")
    }
  }

  /// A row's value: after its bar's end at `x`, or above the bar where it is narrow.
  func drawValue(_ canvas: inout SVGCanvas, row: Int, x: Double, _ value: String, method: String? = nil) {
    if isNarrow {
      canvas.text(value, x: right, y: barTop(row) - 6, anchor: .end, class: "value halo", method: method)
    } else {
      canvas.text(value, x: x + 8, y: middle(row) + 4.5, class: "value halo", method: method)
    }
  }

  /// A line across all rows with its name above.
  func drawReference(_ canvas: inout SVGCanvas, at value: Double, _ label: String, class name: String) {
    let x = x(value)
    canvas.line(x, top - 6, x, bottom, class: name)
    let half = SVGCanvas.textWidth(label) / 2
    canvas.text(
      label, x: min(max(x, half + 2), width - half - 2), y: top - 12, anchor: .middle, class: "value halo")
  }
}
