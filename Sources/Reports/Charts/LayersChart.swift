import Foundation

/// Spectral norms of a network's linear maps, one dot for each.
struct LayersChart: Chart {
  /// More rows than this make no figure.
  private static let limit = 40

  let id = "layers"
  let title = "Spectral norms of the linear maps"
  let maps: [LinearMapFact]
  private let total: Int

  /// The chart, or `nil` when no norm is known.
  init?(_ facts: [LinearMapFact]) {
    let known = facts.filter { $0.norm.map { $0 > 0 && $0.isFinite } ?? false }
    total = facts.count
    maps = Array(known.prefix(Self.limit))
    if maps.isEmpty { return nil }
  }

  var caption: String {
    let excess = total - maps.count
    return "Estimates by Lanczos' method, from below and not proved; no bound in this report rests on them. The norms are Euclidean "
      + "whatever the norm of the inputs." + (excess > 0 ? " Without \(excess) more maps, which are listed in report.md." : "")
  }

  var summary: String {
    maps.map { "\($0.label): about \(String(format: "%.4g", $0.norm ?? 0))" }.joined(separator: "; ") + "."
  }

  func draw(width: Double) -> SVGCanvas {
    let norms = maps.map { $0.norm ?? 1 }
    let (least, greatest) = (norms.min() ?? 1, norms.max() ?? 1)
    let frame = RowFrame(width: width, rows: maps.map(\.label), range: min(least / 1.25, 0.95)...max(greatest * 1.05, 1.1))
    var canvas = SVGCanvas(width: width, height: frame.height)
    frame.drawAxis(&canvas, title: "spectral norm (estimate, log scale)")
    // Norm one neither stretches nor shrinks.
    let one = frame.x(1)
    canvas.line(one, frame.top, one, frame.barTop(maps.count - 1) + frame.barHeight + 6, class: "axis")
    for row in maps.indices {
      let x = frame.x(norms[row])
      canvas.line(min(one, x), frame.middle(row), max(one, x), frame.middle(row), class: "stem")
      canvas.dot(x, frame.middle(row), radius: 5, class: "estimate-dot")
      frame.drawLabel(&canvas, row: row)
      frame.drawValue(&canvas, row: row, x: max(one, x), String(format: "%.4g", norms[row]))
    }
    return canvas
  }
}
