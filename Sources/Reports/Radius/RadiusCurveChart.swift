import CommandLineSupport
import Foundation
import Robustness

/// The share of inputs that are certified at every radius, one step line for each method, and the share that the attack leaves.
struct RadiusCurveChart: Chart {
  /// More methods than this have no colours of their own.
  private static let limit = 6

  let id = "certified-accuracy"
  let title = "Certified accuracy against radius"
  let methods: [(name: String, curve: RadiusCurve)]
  let best: RadiusCurve
  let attack: (name: String, curve: RadiusCurve)?
  let unit: String
  /// The greatest radius shown.
  let end: Double
  private let isCut: Bool

  /// The chart, or `nil` when there is no radius to show.
  init?(_ summary: RadiusSummary, unit: String) {
    methods = summary.methods.prefix(Self.limit).map { ($0.name, $0.curve) }
    best = summary.best
    attack = summary.attack.map { ($0.name, $0.curve) }
    self.unit = unit
    let certified = best.radii.last ?? 0
    let attacked = attack?.curve.radii.last { $0.isFinite } ?? 0
    // Attacks on a few inputs may end far out, where nothing is certified.
    let limit = certified > 0 ? 4 * certified : attacked
    end = 1.03 * min(max(certified, attacked), limit)
    isCut = attacked > limit
    if !(end > 0 && end.isFinite) || summary.inputCount == 0 { return nil }
  }

  private var hasBest: Bool { methods.count > 1 }

  var caption: String {
    "The share of all inputs whose answer is right and proved to stay the same up to each distance. "
      + (hasBest ? "Shaded below: the best of all methods. " : "")
      + (attack.map {
        "Dashed: the share whose answer the attack (\($0.name)) did not change; the true curve lies between the two."
          + (isCut ? " The attack's line goes on beyond the axis." : "")
      } ?? "No attack ran, so nothing is known of what could be gained.")
  }

  var summary: String {
    let radii = (1...4).map { end * Double($0) / 5 }
    func shares(_ curve: RadiusCurve) -> String {
      radii.map { String(format: "%.1f percent at %.3g", 100 * curve.share(at: $0), $0) }.joined(separator: ", ")
    }
    return (methods.map { "\($0.name): \(shares($0.curve))" } + (attack.map { ["not changed by \($0.name): \(shares($0.curve))"] } ?? []))
      .joined(separator: "; ") + "."
  }

  func draw(width: Double) -> SVGCanvas {
    let entries =
      methods.enumerated().map { (name: $1.name, style: "course-\($0 + 1)-line") }
      + (attack.map { [(name: "attack: \($0.name)", style: "attack-line")] } ?? [])
    let frame = PlotFrame(
      width: width, height: width < 480 ? 240 : 320, legendRows: PlotFrame.legendRows(entries.map(\.name), width: width),
      x: { AxisScale(0, end, logarithmic: false, count: $0 ? 4 : 8) }, y: { _ in AxisScale(0, 100, logarithmic: false, count: 5) })
    var canvas = SVGCanvas(width: width, height: frame.height)
    let steps = frame.steps(best, end: end)
    canvas.area([frame.place(0, 0)] + steps + [frame.place(steps.isEmpty ? 0 : end, 0)], class: "band")
    frame.drawAxes(&canvas, x: unit, y: "percent of inputs")
    frame.drawLegend(&canvas, entries)
    for (index, method) in methods.enumerated() { canvas.path(frame.steps(method.curve, end: end), class: "course-\(index + 1)-line") }
    if let attack { canvas.path(frame.steps(attack.curve, end: end), class: "attack-line") }
    return canvas
  }
}
