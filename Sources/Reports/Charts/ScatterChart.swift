import Foundation

/// Things in the plane: one or several numbers of each against what it costs.
struct ScatterChart: Chart {
  /// Marks of one kind.
  struct Series {
    var name: String
    /// For each thing its height, or nothing.
    var heights: [Double?]
    var rounding = ChartRounding.nearest
  }

  let id: String
  let title: String
  let caption: String
  let names: [String]
  let places: [Double]
  let series: [Series]
  let axes: (x: String, y: String)
  /// The heights shown, at least.
  private let range: ClosedRange<Double>?

  /// The chart, or `nil` when there are fewer than two things to compare.
  ///
  /// - Parameters:
  ///   - names: the things.
  ///   - places: where each stands on the level axis; positive.
  ///   - series: up to four kinds of marks.
  ///   - range: heights that are shown in any case.
  init?(
    id: String, title: String, caption: String, names: [String], places: [Double], series: [Series], axes: (x: String, y: String),
    range: ClosedRange<Double>? = nil
  ) {
    let present = series.prefix(4).filter { $0.heights.contains { $0?.isFinite ?? false } }
    let kept = names.indices.filter { index in
      places[index].isFinite && places[index] > 0 && present.contains { $0.heights[index]?.isFinite ?? false }
    }
    if kept.count < 2 { return nil }
    (self.id, self.title, self.caption, self.axes, self.range) = (id, title, caption, axes, range)
    self.names = kept.map { names[$0] }
    self.places = kept.map { places[$0] }
    self.series = present.map { series in
      var shown = series
      shown.heights = kept.map { series.heights[$0].flatMap { $0.isFinite ? $0 : nil } }
      return shown
    }
  }

  var summary: String {
    names.indices.map { index in
      let heights = series.compactMap { series in series.heights[index].map { "\(series.name) \(series.rounding.text($0, digits: 4))" } }
      return "\(names[index]) at \(String(format: "%.4g", places[index])): \(heights.joined(separator: ", "))"
    }.joined(separator: "; ") + "."
  }

  func draw(width: Double) -> SVGCanvas {
    let (least, greatest) = (places.min() ?? 1, places.max() ?? 1)
    let isLogarithmic = greatest > 8 * least
    let heights = series.flatMap { $0.heights.compactMap { $0 } } + (range.map { [$0.lowerBound, $0.upperBound] } ?? [])
    let (low, high) = (heights.min() ?? 0, heights.max() ?? 1)
    let frame = PlotFrame(
      width: width, height: width < 480 ? 240 : 300,
      legendRows: series.count > 1 ? PlotFrame.legendRows(series.map(\.name), width: width) : 0,
      x: { isNarrow in
        isLogarithmic
          ? AxisScale(least / 1.5, greatest * 1.5, logarithmic: true, count: isNarrow ? 4 : 7)
          : AxisScale(max(0, least - 0.15 * greatest), 1.1 * greatest, logarithmic: false, count: isNarrow ? 4 : 8)
      }, y: { _ in AxisScale(low, range?.upperBound == high ? high : high + 0.08 * (high - low), logarithmic: false, count: 6) })
    // So many names would hide each other where it is narrow: numbers stand for them, and the names below.
    let hasKey = frame.isNarrow && names.count > Self.narrowLimit
    let keyRows = hasKey ? (names.count + 1) / 2 : 0
    var canvas = SVGCanvas(width: width, height: frame.height + (hasKey ? 8 + Self.keyHeight * Double(keyRows) : 0))
    frame.drawAxes(&canvas, x: axes.x, y: axes.y)
    if series.count > 1 {
      for (index, place) in PlotFrame.legend(series.map(\.name), width: width).enumerated() {
        let y = 14 + 20 * Double(place.row)
        ChartMark.draw(&canvas, place.x + 12, y - 4, series: index, isFilled: true)
        canvas.text(series[index].name, x: place.x + 30, y: y, class: "label")
      }
    }
    for index in names.indices {
      let ends = series.compactMap { $0.heights[index] }
      if let low = ends.min(), let high = ends.max(), high > low {
        let (bottom, top) = (frame.place(places[index], low), frame.place(places[index], high))
        canvas.line(bottom.x, bottom.y, top.x, top.y, class: "range")
      }
    }
    for (index, series) in series.enumerated() {
      for (place, height) in zip(places, series.heights) {
        guard let height else { continue }
        let point = frame.place(place, height)
        ChartMark.draw(&canvas, point.x, point.y, series: index, isFilled: true)
      }
    }
    // Names stand at the highest mark of each thing.
    let points = names.indices.map { index in frame.place(places[index], series.compactMap { $0.heights[index] }.max() ?? low) }
    let fitted = hasKey ? names.indices.map { "\($0 + 1)" } : names.map { SVGCanvas.fitted($0, width: width * 0.4) }
    let labels = LabelPlacement.places(for: points, names: fitted, width: width, top: frame.top - 12, bottom: frame.bottom + 8)
    for (name, label) in zip(fitted, labels) { canvas.text(name, x: label.x, y: label.y, anchor: label.anchor, class: "label halo") }
    for (index, name) in names.enumerated() where hasKey {
      let (column, row) = (index / keyRows, index % keyRows)
      canvas.text(
        "\(index + 1) " + SVGCanvas.fitted(name, width: width / 2 - 30, size: 12), x: 4 + Double(column) * width / 2,
        y: frame.height + 16 + Self.keyHeight * Double(row), class: "note")
    }
    return canvas
  }

  /// More names than this are numbered where it is narrow.
  private static let narrowLimit = 10
  private static let keyHeight = 17.0
}
