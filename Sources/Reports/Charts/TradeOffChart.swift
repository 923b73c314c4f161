import CommandLineSupport
import Foundation

/// Time against tightness: what each method asks for and what it gives for it.
struct TradeOffChart: Chart {
  /// A method's place.
  struct Point {
    var name: String
    var seconds: Double
    /// Its bound over the best one; at least 1.
    var ratio: Double
    var isCertified = true
  }

  /// Shorter times cannot be told apart.
  private static let least = 1e-4

  let id: String
  let title: String
  let points: [Point]
  let timeTitle: String
  let ratioTitle: String

  /// The chart, or `nil` when there are fewer than two points to compare.
  init?(
    _ points: [Point], id: String = "trade-off", title: String = "Time against tightness", timeTitle: String = "seconds (log scale)",
    ratioTitle: String = "bound over the best proved bound"
  ) {
    self.points = points.filter { $0.ratio.isFinite && $0.ratio > 0 && $0.seconds.isFinite && $0.seconds >= 0 }
    (self.id, self.title, self.timeTitle, self.ratioTitle) = (id, title, timeTitle, ratioTitle)
    if self.points.count < 2 { return nil }
  }

  private var hasUnproved: Bool { points.contains { !$0.isCertified } }

  var caption: String {
    "Further left is faster, further down is tighter; both axes are logarithmic. The stepped line joins the methods that no other method "
      + "beats in both: those are the ones to choose from."
      + (hasUnproved ? " Hollow marks are not proved; the line ignores them." : "")
  }

  var summary: String {
    points.map { "\($0.name): \(Quantity.positiveSeconds($0.seconds)) s, \(DecimalBound.up($0.ratio, digits: 4)) times the best" }
      .joined(separator: "; ") + "."
  }

  /// The proved points that none beats in both, fastest first.
  var frontier: [Point] {
    var best = Double.infinity
    return points.filter(\.isCertified).sorted { ($0.seconds, $0.ratio) < ($1.seconds, $1.ratio) }.filter { point in
      defer { best = min(best, point.ratio) }
      return point.ratio < best
    }
  }

  func draw(width: Double) -> SVGCanvas {
    let isNarrow = width < 480
    let (left, right, top, bottom) = (
      isNarrow ? 44.0 : 72.0, width - (isNarrow ? 12 : 40), isNarrow ? 28.0 : 16.0, isNarrow ? 300.0 : 316.0
    )
    var canvas = SVGCanvas(width: width, height: bottom + 44)
    let times = points.map { max($0.seconds, Self.least) }
    let (first, last) = (times.min() ?? 1, times.max() ?? 1)
    let time = AxisScale(first / 1.8, last * (isNarrow ? 2.5 : 1.8), logarithmic: true, count: isNarrow ? 4 : 7)
    let greatest = points.map(\.ratio).max() ?? 1
    // Room below the best, in proportion to the spread.
    let room = pow(max(greatest, 1.001), 0.1)
    let ratio = AxisScale(1 / room, greatest * room, logarithmic: true, count: 6)
    func place(_ point: Point) -> (x: Double, y: Double) {
      (
        left + time.position(max(point.seconds, Self.least)) * (right - left), bottom - ratio.position(point.ratio) * (bottom - top)
      )
    }

    for tick in time.ticks {
      let x = left + time.position(tick.value) * (right - left)
      canvas.line(x, top, x, bottom, class: "grid")
      canvas.text(tick.label, x: x, y: bottom + 16, anchor: .middle, class: "tick")
    }
    for tick in ratio.ticks where tick.value >= 1 {
      let y = bottom - ratio.position(tick.value) * (bottom - top)
      canvas.line(left, y, right, y, class: "grid")
      canvas.text(tick.label, x: left - 6, y: y + 4, anchor: .end, class: "tick")
    }
    canvas.line(left, bottom, right, bottom, class: "axis")
    canvas.line(left, top, left, bottom, class: "axis")
    canvas.text(timeTitle, x: (left + right) / 2, y: bottom + 36, anchor: .middle, class: "axis-title")
    if isNarrow {
      canvas.text(ratioTitle, x: 2, y: 14, class: "axis-title")
    } else {
      canvas.verticalText(ratioTitle, x: 16, y: (top + bottom) / 2, class: "axis-title")
    }

    var steps: [(x: Double, y: Double)] = []
    for point in frontier.map(place) {
      if let last = steps.last { steps.append((point.x, last.y)) }
      steps.append(point)
    }
    canvas.path(steps, class: "frontier")
    let places = points.map(place)
    for (point, place) in zip(points, places) {
      canvas.dot(place.x, place.y, radius: 5.5, class: point.isCertified ? "mark-1" : "mark-3 hollow")
    }
    let labels = LabelPlacement.places(for: places, names: points.map(\.name), width: width, top: 0, bottom: bottom)
    for (point, label) in zip(points, labels) {
      canvas.text(point.name, x: label.x, y: label.y, anchor: label.anchor, class: "label halo")
    }
    return canvas
  }
}
