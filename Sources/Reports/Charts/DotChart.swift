import CommandLineSupport
import Foundation

/// One row for each thing and a mark for each series in it.
struct DotChart: Chart {
  /// Marks of one kind: for each row a number and whether its mark is filled, or nothing.
  struct Series {
    var name: String
    var dots: [(value: Double, isFilled: Bool)?]
    var rounding = ChartRounding.nearest
  }

  let id: String
  let title: String
  let unit: String
  let advice: String
  let rows: [String]
  let series: [Series]
  let isLogarithmic: Bool

  /// The chart of the rows with any number, or `nil` when there are none; up to four series.
  init?(id: String, title: String, unit: String, advice: String, rows: [String], series: [Series], isLogarithmic: Bool) {
    let kept = rows.indices.filter { row in series.contains { $0.dots[row].map { $0.value.isFinite } ?? false } }
    if kept.isEmpty { return nil }
    (self.id, self.title, self.unit, self.advice, self.isLogarithmic) = (id, title, unit, advice, isLogarithmic)
    self.rows = kept.map { rows[$0] }
    self.series = series.prefix(4).map { series in
      var shown = series
      shown.dots = kept.map { row in
        series.dots[row].flatMap { dot in dot.value.isFinite && (!isLogarithmic || dot.value > 0) ? dot : nil }
      }
      return shown
    }
  }

  var caption: String { advice }

  var summary: String {
    series.map { series in
      let values = series.dots.compactMap { $0?.value }.sorted()
      guard !values.isEmpty else { return "\(series.name): no values" }
      let words = [values[0], values[values.count - 1], values[values.count / 2]].map { series.rounding.text($0, digits: 3) }
      return "\(series.name): \(Quantity.counted(values.count, "value")) from \(words[0]) to \(words[1]), median \(words[2])"
    }.joined(separator: "; ") + "."
  }

  func draw(width: Double) -> SVGCanvas {
    let values = series.flatMap { $0.dots.compactMap { $0?.value } }
    let (least, greatest) = (values.min() ?? 1, values.max() ?? 1)
    let isNarrow = width < 480
    let frame = RowFrame(
      width: width, rows: rows, range: isLogarithmic ? least * 0.8...greatest * 1.25 : min(0, least)...greatest * 1.05 + 0.1,
      isLogarithmic: isLogarithmic, top: isNarrow ? 12 + 20 * Double(series.count) : 34, valueWidth: 24, rowHeight: isNarrow ? 38 : 22)
    var canvas = SVGCanvas(width: width, height: frame.height)
    frame.drawAxis(&canvas, title: unit)
    drawLegend(&canvas, frame)
    for row in rows.indices {
      frame.drawLabel(&canvas, row: row)
      let y = frame.middle(row)
      let present = series.compactMap { $0.dots[row]?.value }
      if let least = present.min(), let greatest = present.max(), greatest > least {
        canvas.line(frame.x(least), y, frame.x(greatest), y, class: "range")
      }
      // Marks of the same number must not hide each other.
      for (index, series) in series.enumerated() {
        let shift = 3 * (Double(index) - Double(self.series.count - 1) / 2)
        if let dot = series.dots[row] { ChartMark.draw(&canvas, frame.x(dot.value), y + shift, series: index, isFilled: dot.isFilled) }
      }
    }
    return canvas
  }

  private func drawLegend(_ canvas: inout SVGCanvas, _ frame: RowFrame) {
    var x = frame.x(frame.scale.lower) + 6
    for (index, series) in series.enumerated() {
      let y = frame.isNarrow ? 12 + 20 * Double(index) : 14
      ChartMark.draw(&canvas, x, y, series: index, isFilled: true)
      canvas.text(series.name, x: x + 10, y: y + 4.5, class: "label")
      if !frame.isNarrow { x += 40 + SVGCanvas.textWidth(series.name) }
    }
  }
}
