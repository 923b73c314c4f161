import CommandLineSupport
import Foundation
import Robustness

/// Each input's certified radius against the distance of its adversary: the way up to the diagonal is what is left to gain.
struct RadiusScatterChart: Chart {
  /// More dots than this cannot be told apart.
  private static let limit = 1500

  let id = "brackets"
  let title = "Certified radius against attack"
  let points: [(certified: Double, attacked: Double)]
  let unproved: [Double]
  let unit: String
  private let total: Int

  /// The chart, or `nil` when fewer than two inputs have both radii.
  init?(_ records: [RadiusRecord], unit: String) {
    let pairs = records.filter(\.isCorrect).compactMap { record in
      record.attack?.radius.flatMap { $0 > 0 && $0.isFinite ? (certified: record.radius, attacked: $0) : nil }
    }
    let stride = max(1, (pairs.count + Self.limit - 1) / Self.limit)
    let shown = pairs.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
    points = shown.filter { $0.certified > 0 }
    unproved = shown.filter { !($0.certified > 0) }.map(\.attacked)
    total = pairs.count
    self.unit = unit
    if points.count < 2 { return nil }
  }

  var caption: String {
    "One dot for each input with a right answer and a known adversary. On the diagonal the certified radius is the true one; no dot can lie "
      + "above it unless the program is wrong. Both axes are logarithmic."
      + (unproved.isEmpty ? "" : " Hollow dots on the lower edge: nothing was proved.")
      + (points.count + unproved.count < total ? " Only \(points.count + unproved.count) of \(total) dots are drawn." : "")
  }

  var summary: String {
    let ratios = points.map { $0.certified / $0.attacked }.sorted()
    return String(
      format: "%d inputs; the certified radius is between %.3g and %.3g of the attack's, median %.3g.", total,
      unproved.isEmpty ? ratios[0] : 0,
      ratios[ratios.count - 1], ratios[ratios.count / 2])
  }

  func draw(width: Double) -> SVGCanvas {
    let attacked = points.map(\.attacked) + unproved
    let (first, last) = ((attacked.min() ?? 1) / 1.3, (attacked.max() ?? 1) * 1.3)
    let (low, high) = ((points.map(\.certified).min() ?? 1) / 1.6, max(points.map(\.certified).max() ?? 1, last / 1.3) * 1.3)
    let frame = PlotFrame(
      width: width, height: width < 480 ? 260 : 360, legendRows: 0, x: { AxisScale(first, last, logarithmic: true, count: $0 ? 4 : 8) },
      y: { _ in AxisScale(low, high, logarithmic: true, count: 7) })
    var canvas = SVGCanvas(width: width, height: frame.height)
    frame.drawAxes(&canvas, x: "adversary found at \(unit)", y: "certified radius")
    let (start, end) = (max(frame.x.lower, frame.y.lower), min(frame.x.upper, frame.y.upper))
    if start < end { canvas.path([frame.place(start, start), frame.place(end, end)], class: "attack-line") }
    for attacked in unproved {
      let place = frame.place(attacked, frame.y.lower)
      canvas.dot(place.x, place.y, radius: 3, class: "mark-3 hollow")
    }
    for point in points {
      let place = frame.place(point.attacked, point.certified)
      canvas.dot(place.x, place.y, radius: 3, class: "scatter-dot")
    }
    return canvas
  }
}
