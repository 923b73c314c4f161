import CommandLineSupport
import Foundation

/// How many things have a number in each of some intervals: bars for one series, an outline for another.
struct HistogramChart: Chart {
  /// A series of numbers.
  struct Series {
    var name: String
    var values: [Double]
    var rounding = ChartRounding.nearest
  }

  let id: String
  let title: String
  let unit: String
  let advice: String
  let bars: Series
  let outline: Series?
  /// The ends of the intervals, ascending.
  let edges: [Double]
  let isLogarithmic: Bool

  /// The chart; `nil` when there is no number to show.
  ///
  /// - Parameters:
  ///   - range: what the intervals cover; the range of the numbers when `nil`. Numbers outside are not counted.
  ///   - isLogarithmic: whether intervals have equal ratios; numbers that are not positive are not counted then.
  init?(
    id: String, title: String, unit: String, advice: String, bars: Series, outline: Series? = nil, range: ClosedRange<Double>? = nil,
    isLogarithmic: Bool
  ) {
    func kept(_ series: Series) -> Series {
      var shown = series
      shown.values = series.values.filter { $0.isFinite && (!isLogarithmic || $0 > 0) }
      return shown
    }
    (self.id, self.title, self.unit, self.advice, self.isLogarithmic) = (id, title, unit, advice, isLogarithmic)
    self.bars = kept(bars)
    self.outline = outline.map(kept)
    let values = self.bars.values + (self.outline?.values ?? [])
    guard let least = values.min(), let greatest = values.max() else { return nil }
    let scale = AxisScale(range?.lowerBound ?? least, range?.upperBound ?? greatest, logarithmic: isLogarithmic, count: 5)
    let count = 24
    edges = (0...count).map { step in
      let share = Double(step) / Double(count)
      if step == count { return scale.upper }
      return scale.isLogarithmic ? scale.lower * pow(scale.upper / scale.lower, share) : scale.lower + share * (scale.upper - scale.lower)
    }
  }

  var caption: String { advice }

  var summary: String {
    ([bars] + (outline.map { [$0] } ?? [])).map { series in
      let sorted = series.values.sorted()
      guard let first = sorted.first, let last = sorted.last else { return "\(series.name): none" }
      let words = [first, last, sorted[sorted.count / 2]].map { series.rounding.text($0, digits: 3) }
      return "\(series.name): \(sorted.count) from \(words[0]) to \(words[1]), median \(words[2])"
    }.joined(separator: "; ") + "."
  }

  /// How many numbers fall into each interval; the last one is closed.
  func counts(_ values: [Double]) -> [Int] {
    var result = [Int](repeating: 0, count: edges.count - 1)
    for value in values where value >= edges[0] && value <= edges[edges.count - 1] {
      let place = edges.firstIndex { $0 > value } ?? edges.count - 1
      result[min(result.count, max(1, place)) - 1] += 1
    }
    return result
  }

  func draw(width: Double) -> SVGCanvas {
    let (filled, drawn) = (counts(bars.values), outline.map { counts($0.values) })
    let greatest = max(1, (filled + (drawn ?? [])).max() ?? 1)
    let entries = [(name: bars.name, style: "histogram-sample")] + (outline.map { [(name: $0.name, style: "attack-line")] } ?? [])
    let hasLegend = outline != nil
    let frame = PlotFrame(
      width: width, height: width < 480 ? 180 : 220,
      legendRows: hasLegend ? PlotFrame.legendRows(entries.map(\.name), width: width) : 0,
      x: { AxisScale(edges[0], edges[edges.count - 1], logarithmic: isLogarithmic, count: $0 ? 4 : 8) },
      y: { _ in AxisScale(0, 1.05 * Double(greatest), logarithmic: false, count: min(5, greatest)) })
    var canvas = SVGCanvas(width: width, height: frame.height)
    frame.drawAxes(&canvas, x: unit, y: "inputs")
    if hasLegend { frame.drawLegend(&canvas, entries) }
    for (i, count) in filled.enumerated() where count > 0 {
      let (corner, end) = (frame.place(edges[i], Double(count)), frame.place(edges[i + 1], 0))
      canvas.rectangle(x: corner.x + 1, y: corner.y, width: end.x - corner.x - 2, height: end.y - corner.y, class: "proved")
    }
    if let drawn {
      var line = [frame.place(edges[0], 0)]
      for (i, count) in drawn.enumerated() { line += [frame.place(edges[i], Double(count)), frame.place(edges[i + 1], Double(count))] }
      canvas.path(line + [frame.place(edges[edges.count - 1], 0)], class: "attack-line")
    }
    return canvas
  }
}
