import CommandLineSupport
import Lipschitz

/// What a partition costs and gives: the bound against the seconds it took, one dot for each factor.
struct PartitionChart: Chart {
  let id = "partition"
  let points: [(factor: Int, seconds: Double, bound: Double)]
  let attained: Double?
  let unit: String

  /// The chart, or `nil` when fewer than two partitions gave a bound.
  init?(_ study: PartitionStudy, attained: Double?, unit: String) {
    points = study.rows.compactMap { row in
      guard let bound = row.bound, bound > 0, bound.isFinite, row.seconds > 0 else { return nil }
      return (row.factor, row.seconds, bound)
    }.sorted { $0.factor < $1.factor }
    self.attained = attained.flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
    self.unit = unit
    if points.count < 2 { return nil }
  }

  let title = "Partition: bound against time"

  var caption: String {
    "Each dot is a partition; the number beside it is its factor, the pieces along each axis of a block's output."
      + (attained == nil ? "" : " Dashed: the largest gain really attained, a lower bound on the constant itself.")
  }

  var summary: String {
    points.map { "Factor \($0.factor): at most \(DecimalBound.up($0.bound, digits: 5)) in \(Quantity.seconds($0.seconds)) s" }
      .joined(separator: "; ") + (attained.map { "; attained: \(DecimalBound.down($0, digits: 5))" } ?? "") + "."
  }

  func draw(width: Double) -> SVGCanvas {
    let isNarrow = width < 480
    let (left, right) = (isNarrow ? 52.0 : 72.0, width - (isNarrow ? 24 : 60))
    let (top, bottom) = (24.0, 304.0)
    var canvas = SVGCanvas(width: width, height: bottom + 44)
    let times = points.map(\.seconds)
    let (first, last) = (times.min() ?? 1, times.max() ?? 1)
    let isLogarithmic = last / first > 10
    let time = AxisScale(
      isLogarithmic ? first / 1.3 : 0, last * (isLogarithmic ? 1.3 : 1.05), logarithmic: isLogarithmic, count: isNarrow ? 3 : 6)
    let numbers = points.map(\.bound) + [attained].compactMap { $0 }
    let (least, greatest) = (numbers.min() ?? 0, numbers.max() ?? 1)
    let margin = 0.08 * (greatest - least)
    let value =
      greatest / least > 10
      ? AxisScale(least / 1.3, greatest * 1.3, logarithmic: true, count: 6)
      : AxisScale(max(0, least - margin), greatest + margin, logarithmic: false, count: 6)
    func x(_ seconds: Double) -> Double { left + time.position(seconds) * (right - left) }
    func y(_ bound: Double) -> Double { bottom - value.position(bound) * (bottom - top) }

    for tick in time.ticks {
      canvas.line(x(tick.value), top, x(tick.value), bottom, class: "grid")
      canvas.text(tick.label, x: x(tick.value), y: bottom + 16, anchor: .middle, class: "tick")
    }
    for tick in value.ticks {
      canvas.line(left, y(tick.value), right, y(tick.value), class: "grid")
      canvas.text(tick.label, x: left - 6, y: y(tick.value) + 4, anchor: .end, class: "tick")
    }
    canvas.line(left, bottom, right, bottom, class: "axis")
    canvas.line(left, top, left, bottom, class: "axis")
    canvas.text("seconds", x: (left + right) / 2, y: bottom + 36, anchor: .middle, class: "axis-title")
    if !isNarrow { canvas.verticalText(unit, x: 16, y: (top + bottom) / 2, class: "axis-title") }
    if let attained { canvas.line(left, y(attained), right, y(attained), class: "attained") }
    canvas.path(points.map { (x: x($0.seconds), y: y($0.bound)) }, class: "upper-line")
    for point in points {
      canvas.dot(x(point.seconds), y(point.bound), class: "upper-dot")
      canvas.text("\(point.factor)", x: x(point.seconds) + 7, y: y(point.bound) - 6, class: "value upper-text")
    }
    return canvas
  }
}
