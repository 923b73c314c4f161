import Certificates
import CommandLineSupport
import Foundation
import Robustness

/// The share of samples that are right and proved to stay so at every radius, one line for each model, and dashed what an attack leaves.
struct CertifiedAccuracyChart: Chart {
  /// More models than this have no colours of their own.
  private static let limit = 6

  let id = "certified-accuracy"
  let title = "Certified accuracy against radius"
  let curves: [(name: String, certified: RadiusCurve, attacked: RadiusCurve?)]
  let unit: String
  /// The greatest radius shown.
  let end: Double
  private let omitted: Int
  private let attack: String?

  /// The chart, or `nil` when nothing is proved and nothing was attacked.
  init?(_ models: [ModelMeasurement]) {
    self.init(models.compactMap { model in model.radii.map { (model.name, $0) } })
  }

  /// The chart of the first six of some models' radii, or `nil` when nothing is proved and nothing was attacked.
  init?(_ models: [(name: String, radii: MeasuredRadii)]) {
    let measured = models.filter { !$0.radii.samples.isEmpty }
    curves = measured.prefix(Self.limit).map { ($0.name, $0.radii.certifiedCurve, $0.radii.attackedCurve) }
    omitted = max(0, measured.count - Self.limit)
    attack = measured.compactMap(\.radii.attack).first
    unit = "distance in \(measured.first?.radii.norm == .lInfinity ? "l∞" : "l₂")"
    let certified = curves.compactMap { $0.certified.radii.last }.max() ?? 0
    let attacked = curves.compactMap { $0.attacked?.radii.last { $0.isFinite } }.max() ?? 0
    // Attacks on a few samples may end far out, where nothing is certified.
    end = 1.03 * min(max(certified, attacked), certified > 0 ? 4 * certified : attacked)
    if !(end > 0 && end.isFinite) { return nil }
  }

  var caption: String {
    "The share of the samples whose answer is right and proved to stay the same up to each distance, higher being better. "
      + (attack.map {
        "Dashed, in the same colour: the share whose answer the attack (\($0)) did not change; the true curve lies between the two."
      }
        ?? "No attack ran, so nothing is known of what could be gained.")
      + (omitted > 0 ? " \(Quantity.counted(omitted, "more model")) only in the table." : "")
  }

  var summary: String {
    let radii = (1...4).map { end * Double($0) / 5 }
    func shares(_ curve: RadiusCurve) -> String {
      radii.map { String(format: "%.1f percent at %.3g", 100 * curve.share(at: $0), $0) }.joined(separator: ", ")
    }
    return curves.map {
      "\($0.name): certified \(shares($0.certified))" + ($0.attacked.map { ", not changed by the attack \(shares($0))" } ?? "")
    }
    .joined(separator: "; ") + "."
  }

  func draw(width: Double) -> SVGCanvas {
    let entries = curves.enumerated().map { (name: SVGCanvas.fitted($1.name, width: width - 60), style: "course-\($0 + 1)-line") }
    let frame = PlotFrame(
      width: width, height: width < 480 ? 240 : 340, legendRows: PlotFrame.legendRows(entries.map(\.name), width: width),
      x: { AxisScale(0, end, logarithmic: false, count: $0 ? 4 : 8) }, y: { _ in AxisScale(0, 100, logarithmic: false, count: 5) })
    var canvas = SVGCanvas(width: width, height: frame.height)
    frame.drawAxes(&canvas, x: unit, y: "percent of samples")
    frame.drawLegend(&canvas, entries)
    for (index, curve) in curves.enumerated() {
      if let attacked = curve.attacked { canvas.path(frame.steps(attacked, end: end), class: "course-\(index + 1)-line dashed") }
      canvas.path(frame.steps(curve.certified, end: end), class: "course-\(index + 1)-line")
    }
    return canvas
  }
}
