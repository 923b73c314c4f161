/// The frame of a plot in the plane: two axes, their grid and their titles.
struct PlotFrame {
  let width: Double
  let x: AxisScale
  let y: AxisScale
  let left: Double
  let right: Double
  let top: Double
  let bottom: Double

  /// A frame.
  ///
  /// - Parameters:
  ///   - height: of the plot's inside, without legend and axis.
  ///   - legendRows: lines kept free above the plot.
  init(width: Double, height: Double, legendRows: Int, x: (Bool) -> AxisScale, y: (Bool) -> AxisScale) {
    let isNarrow = width < 480
    self.width = width
    (self.x, self.y) = (x(isNarrow), y(isNarrow))
    (left, right) = (isNarrow ? 46 : 72, width - (isNarrow ? 14 : 40))
    top = 16 + 20 * Double(legendRows) + (isNarrow ? 18 : 0)
    bottom = top + height
  }

  /// The height of the whole drawing.
  var height: Double { bottom + 44 }
  var isNarrow: Bool { width < 480 }

  /// Where a pair of numbers stands.
  func place(_ a: Double, _ b: Double) -> (x: Double, y: Double) {
    (left + x.position(a) * (right - left), bottom - y.position(b) * (bottom - top))
  }

  /// Grid lines, numbers and titles; the title of the upright axis stands above it where it is narrow.
  func drawAxes(_ canvas: inout SVGCanvas, x title: String, y upright: String) {
    for tick in x.ticks {
      let place = place(tick.value, y.lower)
      canvas.line(place.x, top, place.x, bottom, class: "grid")
      canvas.text(tick.label, x: place.x, y: bottom + 16, anchor: .middle, class: "tick")
    }
    for tick in y.ticks {
      let place = place(x.lower, tick.value)
      canvas.line(left, place.y, right, place.y, class: "grid")
      canvas.text(tick.label, x: left - 6, y: place.y + 4, anchor: .end, class: "tick")
    }
    canvas.line(left, bottom, right, bottom, class: "axis")
    canvas.line(left, top, left, bottom, class: "axis")
    canvas.text(title, x: (left + right) / 2, y: bottom + 36, anchor: .middle, class: "axis-title")
    if isNarrow {
      canvas.text(upright, x: 2, y: top - 8, class: "axis-title")
    } else {
      canvas.verticalText(upright, x: 16, y: (top + bottom) / 2, class: "axis-title")
    }
  }

  /// The lines that names need above a plot of this width.
  static func legendRows(_ names: [String], width: Double) -> Int { (legend(names, width: width).last?.row ?? -1) + 1 }

  /// Where each name's sample begins: its row and its place in the row.
  static func legend(_ names: [String], width: Double) -> [(row: Int, x: Double)] {
    var (row, x) = (0, 4.0)
    return names.map { name in
      let length = 34 + SVGCanvas.textWidth(name)
      if x > 4, x + length > width { (row, x) = (row + 1, 4) }
      defer { x += length + 22 }
      return (row, x)
    }
  }

  /// Samples of lines with their names above the plot.
  func drawLegend(_ canvas: inout SVGCanvas, _ entries: [(name: String, style: String)]) {
    for (entry, place) in zip(entries, Self.legend(entries.map(\.name), width: width)) {
      let y = 14 + 20 * Double(place.row)
      canvas.path([(place.x, y - 4), (place.x + 24, y - 4)], class: entry.style)
      canvas.text(entry.name, x: place.x + 30, y: y, class: "label")
    }
  }
}
