import CommandLineSupport
import Lipschitz

/// How a method's two sides moved towards each other in time.
struct ConvergenceChart: Chart {
  /// More moments than this cannot be told apart on a page.
  private static let limit = 300

  let id = "convergence"
  let method: String
  let history: [LipschitzEstimate.Progress]
  let attained: Double?
  let unit: String

  /// The chart, or `nil` when there is no history to show.
  init?(_ estimate: LipschitzEstimate, attained: Double?, unit: String) {
    method = estimate.method
    let moments = estimate.history.filter { $0.seconds.isFinite && $0.lower.isFinite && ($0.lower > 0 || $0.upper ?? 0 > 0) }
    let stride = max(1, moments.count / Self.limit)
    // Steps of the upper side are few and all kept.
    history = moments.indices.filter { index in
      index % stride == 0 || index == moments.count - 1 || moments[index].upper != moments[index - 1].upper
    }.map { moments[$0] }
    self.attained = attained
    self.unit = unit
    if history.count < 2 { return nil }
  }

  private var hasUpper: Bool { history.contains { $0.upper != nil } }

  var title: String { "Convergence of \(method)" }

  var caption: String {
    (hasUpper
      ? "Upper line: the best bound proved so far. Lower line: what the method cannot fall below. It stops when the shaded band between them is "
        + "narrow enough."
      : "What the method cannot fall below; no upper bound was proved.")
      + (attained.map { gain in
        gain >= valueScale().lower
          ? " Dashed: the largest gain really attained, a lower bound on the constant itself."
          : " The gain really attained lies below the axis."
      } ?? "")
  }

  var summary: String {
    let last = history[history.count - 1]
    return "After \(Quantity.seconds(last.seconds)) s and \(Quantity.counted(last.iteration, "iteration")) the lower side stands at "
      + DecimalBound.down(last.lower, digits: 6)
      + (last.upper.map { ", the upper side at \(DecimalBound.up($0, digits: 6))" } ?? "")
      + (attained.map { "; attained: \(DecimalBound.down($0, digits: 6))" } ?? "") + "."
  }

  func draw(width: Double) -> SVGCanvas {
    let isNarrow = width < 480
    // Where it is narrow, the labels stand above the plot instead of beside it.
    let (left, right) = (isNarrow ? 52.0 : 72.0, width - (isNarrow ? 14 : 150))
    let (top, bottom) = (isNarrow ? 76.0 : 14.0, isNarrow ? 296.0 : 304.0)
    var canvas = SVGCanvas(width: width, height: bottom + 44)
    let time = timeScale(isNarrow: isNarrow)
    let value = valueScale()
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

    let lower = steps(history.filter { $0.lower > 0 }.map { ($0.seconds, $0.lower) }, x, y)
    let upper = steps(history.compactMap { moment in moment.upper.flatMap { $0.isFinite ? (moment.seconds, $0) : nil } }, x, y)
    if let first = upper.first, let start = lower.lastIndex(where: { $0.x <= first.x }) ?? lower.indices.first {
      // The lower side from where the upper begins: a corner lies on its step.
      let below = [(x: first.x, y: lower[start].y)] + lower[(start + 1)...]
      canvas.area(upper + below.reversed(), class: "band")
    }
    var labels: [(text: String, y: Double, style: String, method: String?)] = []
    if let attained {
      let isVisible = attained >= value.lower
      if isVisible { canvas.line(left, y(attained), right, y(attained), class: "attained") }
      let text = "attained \(DecimalBound.down(attained, digits: 5))" + (isVisible ? "" : " ↓")
      labels.append((text, y(attained), "value attained-text", nil))
    }
    canvas.path(lower, class: "lower-line")
    canvas.path(upper, class: "upper-line")
    if let last = lower.last { canvas.dot(last.x, last.y, class: "lower-dot") }
    if let last = upper.last { canvas.dot(last.x, last.y, class: "upper-dot") }
    if let last = history.last(where: { $0.upper != nil })?.upper {
      labels.append(("upper \(DecimalBound.up(last, digits: 5))", y(last) - 8, "value upper-text", method))
    }
    if let last = history.last, last.lower > 0 {
      labels.append(("lower \(DecimalBound.down(last.lower, digits: 5))", y(last.lower) + 8, "value lower-text", nil))
    }
    for (label, height) in zip(labels.sorted { $0.y < $1.y }, Self.spread(labels.map(\.y).sorted(), within: top + 4...bottom - 2)) {
      if !isNarrow { canvas.text(label.text, x: right + 8, y: height + 4.5, class: label.style, method: label.method) }
    }
    for (row, label) in labels.sorted(by: { $0.y < $1.y }).enumerated() where isNarrow {
      canvas.text(label.text, x: left, y: 16 + 20 * Double(row), class: label.style, method: label.method)
    }
    return canvas
  }

  /// The time axis; logarithmic over more than two decades.
  private func timeScale(isNarrow: Bool) -> AxisScale {
    let times = history.map(\.seconds).filter { $0 > 0 }
    let (first, last) = (max(times.min() ?? 1e-3, 1e-6), max(times.max() ?? 1, 1e-5))
    let isLogarithmic = last / first > 100
    return AxisScale(isLogarithmic ? first : 0, last * (isLogarithmic ? 1 : 1.02), logarithmic: isLogarithmic, count: isNarrow ? 3 : 6)
  }

  /// The bound axis; logarithmic over more than one decade. The first moments, and a gain far below, would only flatten the rest: the axis
  /// starts at the attained gain or half of the last lower side, but not below a hundredth of it.
  private func valueScale() -> AxisScale {
    let numbers = history.flatMap { [$0.lower, $0.upper] }.compactMap { $0 }.filter { $0 > 0 && $0.isFinite }
    let (final, greatest) = (history.last { $0.lower > 0 }?.lower ?? numbers.min() ?? 1, max(numbers.max() ?? 1, attained ?? 0))
    let least = max(final / 100, min(attained ?? .infinity, max(numbers.min() ?? 1, final / 2)))
    if greatest / least > 10 { return AxisScale(least / 1.3, greatest * 1.3, logarithmic: true, count: 6) }
    let margin = 0.08 * (greatest - least)
    return AxisScale(max(0, least - margin), greatest + margin, logarithmic: false, count: 6)
  }

  /// A staircase: each value holds until the next, the last one until the end.
  private func steps(
    _ values: [(seconds: Double, value: Double)], _ x: (Double) -> Double, _ y: (Double) -> Double
  ) -> [(x: Double, y: Double)] {
    var points: [(x: Double, y: Double)] = []
    for (seconds, value) in values {
      if let last = points.last { points.append((x(seconds), last.y)) }
      points.append((x(seconds), y(value)))
    }
    if let last = points.last, let end = history.last, x(end.seconds) > last.x { points.append((x(end.seconds), last.y)) }
    return points
  }

  /// Heights moved apart until labels do not touch, in the order given (ascending).
  static func spread(_ heights: [Double], within range: ClosedRange<Double>, distance: Double = 17) -> [Double] {
    var result = heights.map { min(max($0, range.lowerBound), range.upperBound) }
    for i in result.indices.dropFirst() { result[i] = max(result[i], result[i - 1] + distance) }
    guard let last = result.indices.last, result[last] > range.upperBound else { return result }
    result[last] = range.upperBound
    for i in result.indices.dropLast().reversed() { result[i] = min(result[i], result[i + 1] - distance) }
    return result
  }
}
