import CommandLineSupport

/// Upper bounds by method as bars, and the gain that is really attained as a line across them.
struct BoundsChart: Chart {
  /// One bar.
  struct Bar {
    var method: String
    var upper: Double
    var isCertified: Bool
  }

  let id = "bounds"
  let title = "Upper bounds by method"
  let bars: [Bar]
  let attained: Double?
  let unit: String

  /// The chart, or `nil` when no method gave a positive finite bound.
  init?(bars: [Bar], attained: Double?, unit: String) {
    self.bars = bars.filter { $0.upper > 0 && $0.upper.isFinite }
    self.attained = attained.flatMap { $0 > 0 && $0.isFinite ? $0 : nil }
    self.unit = unit
    if self.bars.isEmpty { return nil }
  }

  private var hasUnproved: Bool { bars.contains { !$0.isCertified } }

  var caption: String {
    "Shorter bars are better; the axis is logarithmic and does not start at zero. "
      + (hasUnproved ? "Filled bars are proved, hollow dashed ones are not. " : "Every bar is proved. ")
      + (attained == nil ? "" : "The dashed line is the largest gain found: the constant lies between it and the shortest proved bar.")
  }

  var summary: String {
    bars.map { "\($0.method): at most \(DecimalBound.up($0.upper, digits: 6))\($0.isCertified ? "" : ", not proved")" }
      .joined(separator: "; ") + (attained.map { "; attained: at least \(DecimalBound.down($0, digits: 6))" } ?? "") + "."
  }

  func draw(width: Double) -> SVGCanvas {
    let numbers = bars.map(\.upper) + [attained].compactMap { $0 }
    let (least, greatest) = (numbers.min() ?? 1, numbers.max() ?? 1)
    // Room to the left, so that the shortest bar is still a bar.
    let room = max(1.3, min(1e3, (greatest / least).squareRoot().squareRoot()))
    let frame = RowFrame(
      width: width, rows: bars.map(\.method), range: least / room...greatest * 1.05, top: attained == nil ? 12 : 32,
      valueWidth: hasUnproved ? 160 : 100)
    var canvas = SVGCanvas(width: width, height: frame.height)
    frame.drawAxis(&canvas, title: unit)
    for (row, bar) in bars.enumerated() {
      let (start, end) = (frame.x(frame.scale.lower), frame.x(bar.upper))
      canvas.rectangle(
        x: start, y: frame.barTop(row), width: end - start, height: frame.barHeight, class: bar.isCertified ? "proved" : "unproved")
    }
    if let attained {
      frame.drawReference(&canvas, at: attained, "attained \(DecimalBound.down(attained, digits: 5))", class: "attained")
    }
    for (row, bar) in bars.enumerated() {
      frame.drawLabel(&canvas, row: row)
      let value = DecimalBound.up(bar.upper, digits: 5) + (bar.isCertified ? "" : " not proved")
      frame.drawValue(&canvas, row: row, x: frame.x(bar.upper), value, method: bar.method)
    }
    return canvas
  }
}
