import CommandLineSupport
import Foundation
import Lipschitz

/// How the two sides of anytime methods moved towards each other in time.
struct ConvergenceChart: Chart {
  /// One method's course.
  struct Course {
    let method: String
    let moments: [LipschitzEstimate.Progress]
    /// Whether a lower side is shown; `attained` alone has no other, and zero stands for none.
    var lower: [(seconds: Double, value: Double)] { moments.filter { $0.lower > 0 }.map { ($0.seconds, $0.lower) } }
    /// Whether anything moved: an answer that came in one step is a dot, no course.
    var isMoving: Bool { Set((lower + upper).map(\.seconds)).count >= 2 }
    /// The proved bounds.
    var upper: [(seconds: Double, value: Double)] {
      moments.compactMap { moment in moment.upper.flatMap { $0.isFinite && $0 > 0 ? (moment.seconds, $0) : nil } }
    }
  }

  /// More methods than this have no colours of their own.
  private static let limit = 6

  let id = "convergence"
  let courses: [Course]
  let attained: Double?
  let unit: String

  /// The chart, or `nil` when no method has a course to show.
  init?(_ estimates: [LipschitzEstimate], attained: Double?, unit: String) {
    let courses = estimates.filter { $0.method != "attained" }.map { Course(method: $0.method, moments: $0.thinnedHistory) }
    self.courses = Array(courses.filter(\.isMoving).prefix(Self.limit))
    self.attained = attained.flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
    self.unit = unit
    if self.courses.isEmpty { return nil }
  }

  private var only: Course? { courses.count == 1 ? courses.first : nil }
  private var moments: [LipschitzEstimate.Progress] { courses.flatMap(\.moments) }

  var title: String { only.map { "Convergence of \($0.method)" } ?? "Convergence" }

  var caption: String {
    let sides =
      only.map { course in
        course.upper.isEmpty
          ? "What the method cannot fall below; no upper bound was proved."
          : "Upper line: the best bound proved so far. Lower line: what the method cannot fall below. It stops when the shaded band between "
            + "them is narrow enough."
      }
      ?? "Solid lines: the best bound proved so far. Dotted lines of the same colour: what the method cannot fall below; the band between them "
      + "is shaded. Methods that give "
      + "their answer in one step are not shown here."
    guard let attained else { return sides + " Time is logarithmic." }
    return sides + " Time is logarithmic."
      + (attained >= valueScale().lower
        ? " Dashed: the largest gain really attained, a lower bound on the constant itself."
        : " The gain really attained lies below the axis.")
  }

  var summary: String {
    courses.map { course in
      let last = course.moments[course.moments.count - 1]
      return "\(course.method): after \(Quantity.seconds(last.seconds)) s and \(Quantity.counted(last.iteration, "iteration"))"
        + (last.lower > 0 ? " the lower side stands at \(DecimalBound.down(last.lower, digits: 6))" : "")
        + (course.upper.last.map { ", the upper side at \(DecimalBound.up($0.value, digits: 6))" } ?? "")
    }.joined(separator: "; ") + (attained.map { "; attained: \(DecimalBound.down($0, digits: 6))" } ?? "") + "."
  }

  func draw(width: Double) -> SVGCanvas {
    let isNarrow = width < 480
    // Where it is narrow, the labels stand above the plot instead of beside it.
    let rows = Double((only == nil ? courses.count : 2) + (attained == nil ? 0 : 1))
    let (left, right) = (isNarrow ? 52.0 : 72.0, width - (isNarrow ? 14 : 170))
    let (top, bottom) = isNarrow ? (16 + 20 * rows, 236 + 20 * rows) : (14, max(304, 60 + 18 * rows))
    var canvas = SVGCanvas(width: width, height: bottom + 44)
    let (time, value) = (timeScale(isNarrow: isNarrow), valueScale())
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
    canvas.text("seconds (log scale)", x: (left + right) / 2, y: bottom + 36, anchor: .middle, class: "axis-title")
    if !isNarrow { canvas.verticalText(unit, x: 16, y: (top + bottom) / 2, class: "axis-title") }

    var labels: [(text: String, y: Double, style: String, method: String?)] = []
    if let attained {
      let isVisible = attained >= value.lower
      if isVisible { canvas.line(left, y(attained), right, y(attained), class: "attained") }
      labels.append(("attained \(DecimalBound.down(attained, digits: 5))" + (isVisible ? "" : " ↓"), y(attained), "attained-text", nil))
    }
    for (index, course) in courses.enumerated() {
      let end = course.moments.last?.seconds ?? 0
      let (lower, upper) = (steps(course.lower, until: end, x, y), steps(course.upper, until: end, x, y))
      let name = only == nil ? "course-\(index + 1)" : "upper"
      if let first = upper.first, let start = lower.lastIndex(where: { $0.x <= first.x }) ?? lower.indices.first {
        // The lower side from where the upper begins: a corner lies on its step.
        let below = [(x: first.x, y: lower[start].y)] + lower[(start + 1)...]
        canvas.area(upper + below.reversed(), class: only == nil ? "\(name)-band" : "band")
      }
      canvas.path(lower, class: only == nil ? "\(name)-line dotted" : "lower-line")
      canvas.path(upper, class: "\(name)-line")
      if let last = lower.last, only != nil { canvas.dot(last.x, last.y, class: "lower-dot") }
      if let last = upper.last { canvas.dot(last.x, last.y, class: "\(name)-dot") }
      let sideName = only == nil ? course.method : "upper"
      if let last = course.upper.last?.value {
        let text = "\(sideName) \(DecimalBound.up(last, digits: 5))"
        labels.append((text, y(last) - (only == nil ? 0 : 8), "\(name)-text", course.method))
      }
      if let last = course.lower.last?.value, only != nil || course.upper.isEmpty {
        let text = "\(only == nil ? course.method + " lower" : "lower") \(DecimalBound.down(last, digits: 5))"
        labels.append((text, y(last) + (only == nil ? 0 : 8), only == nil ? "\(name)-text" : "lower-text", nil))
      }
    }
    labels.sort { $0.y < $1.y }
    let heights = isNarrow ? labels.indices.map { 11.5 + 20 * Double($0) } : Self.spread(labels.map(\.y), within: top + 4...bottom - 2)
    for (label, height) in zip(labels, heights) {
      canvas.text(label.text, x: isNarrow ? left : right + 8, y: height + 4.5, class: "value \(label.style)", method: label.method)
    }
    return canvas
  }

  /// The time axis: logarithmic, because first answers come long before the last digits.
  private func timeScale(isNarrow: Bool) -> AxisScale {
    let times = moments.map(\.seconds).filter { $0 > 0 }
    let (first, last) = (max(times.min() ?? 1e-3, 1e-6), max(times.max() ?? 1, 1e-5))
    return AxisScale(first, max(last, first * 1.5), logarithmic: true, count: isNarrow ? 4 : 7)
  }

  /// The bound axis; logarithmic over more than one decade. The first moments, and a gain far below, would only flatten the rest: the axis
  /// starts at the attained gain or half of the last lower side, but not below a hundredth of it.
  private func valueScale() -> AxisScale {
    let numbers = courses.flatMap { ($0.lower + $0.upper).map(\.value) }.filter { $0 > 0 && $0.isFinite }
    let finals = courses.compactMap { $0.lower.last?.value ?? $0.upper.last?.value }
    let (final, greatest) = (finals.min() ?? numbers.min() ?? 1, max(numbers.max() ?? 1, attained ?? 0))
    let least = max(final / 100, min(attained ?? .infinity, max(numbers.min() ?? 1, final / 2)))
    if greatest / least > 10 { return AxisScale(least / 1.3, greatest * 1.3, logarithmic: true, count: 6) }
    let margin = 0.08 * (greatest - least)
    return AxisScale(max(0, least - margin), greatest + margin, logarithmic: false, count: 6)
  }

  /// A staircase: each value holds until the next, the last one until the end.
  private func steps(
    _ values: [(seconds: Double, value: Double)], until end: Double, _ x: (Double) -> Double, _ y: (Double) -> Double
  ) -> [(x: Double, y: Double)] {
    var points: [(x: Double, y: Double)] = []
    for (seconds, value) in values {
      if let last = points.last { points.append((x(seconds), last.y)) }
      points.append((x(seconds), y(value)))
    }
    if let last = points.last, x(end) > last.x { points.append((x(end), last.y)) }
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

extension LipschitzEstimate {
  /// The history without moments that a page cannot tell apart; visible steps of the upper side are all kept.
  var thinnedHistory: [Progress] {
    let moments = history.filter { $0.seconds.isFinite && $0.lower.isFinite && ($0.lower > 0 || $0.upper ?? 0 > 0) }
    let stride = max(1, moments.count / 200)
    var upper = Double.infinity
    return moments.enumerated().filter { index, moment in
      let isStep = moment.upper.map { $0 < 0.999 * upper } ?? false
      let isKept = isStep || index % stride == 0 || index == moments.count - 1
      if isKept { upper = moment.upper ?? upper }
      return isKept
    }.map(\.element)
  }
}
