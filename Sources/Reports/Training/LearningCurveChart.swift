import CommandLineSupport
import Foundation
import Training

/// The accuracy on training samples epoch by epoch, one line for each variant.
struct LearningCurveChart: Chart {
  /// More variants than this have no colours of their own.
  private static let limit = 6

  let id = "learning-curves"
  let title = "Accuracy during training"
  let curves: [(name: String, accuracies: [Double])]
  private let isCut: Bool

  /// The chart, or `nil` when there are no epochs.
  init?(_ variants: [TrainingReport.Variant]) {
    let all = variants.compactMap { variant -> (name: String, accuracies: [Double])? in
      let epochs = variant.records.map(\.curve.count).min() ?? 0
      guard epochs > 0 else { return nil }
      let means = (0..<epochs).map { epoch in
        100 * variant.records.reduce(0) { $0 + $1.curve[epoch].accuracy } / Double(variant.records.count)
      }
      return (variant.title, means)
    }
    curves = Array(all.prefix(Self.limit))
    isCut = all.count > Self.limit
    if curves.isEmpty { return nil }
  }

  private var epochs: Int { curves.map(\.accuracies.count).max() ?? 1 }

  var caption: String {
    "The share of training samples classified correctly, each when its step was taken; adversarial ones where training is adversarial, so "
      + "lines of natural and adversarial training do not compare. Means over the seeds."
      + (isCut ? " The first \(Self.limit) networks." : "")
  }

  var summary: String {
    curves.map { curve in
      String(format: "\(curve.name): from %.1f to %.1f percent", curve.accuracies.first ?? 0, curve.accuracies.last ?? 0)
    }.joined(separator: "; ") + "."
  }

  func draw(width: Double) -> SVGCanvas {
    let entries = curves.enumerated().map { (name: $1.name, style: "course-\($0 + 1)-line") }
    let values = curves.flatMap(\.accuracies)
    let (least, greatest) = (values.min() ?? 0, values.max() ?? 100)
    let frame = PlotFrame(
      width: width, height: width < 480 ? 240 : 300, legendRows: PlotFrame.legendRows(entries.map(\.name), width: width),
      x: { AxisScale(0, Double(epochs), logarithmic: false, count: $0 ? 4 : 8) },
      y: { _ in AxisScale(max(0, least - 3), min(100, greatest + 3), logarithmic: false, count: 5) })
    var canvas = SVGCanvas(width: width, height: frame.height)
    frame.drawAxes(&canvas, x: "epoch", y: "percent of training samples")
    frame.drawLegend(&canvas, entries)
    for (index, curve) in curves.enumerated() {
      let places = curve.accuracies.enumerated().map { frame.place(Double($0 + 1), $1) }
      canvas.path(places, class: "course-\(index + 1)-line")
      for place in places where places.count < 2 { canvas.dot(place.x, place.y, radius: 4, class: "mark-\(index % 4 + 1)") }
    }
    return canvas
  }
}
