import CommandLineSupport
import Foundation

/// The spread of a certificate's multipliers, one box for each activation node.
struct MultipliersChart: Chart {
  /// More rows than this make no figure.
  private static let limit = 40

  let id = "multipliers"
  let title = "The certificate's multipliers by activation node"
  let method: String
  let nodes: [MultiplierFact]
  private let total: Int

  /// The chart, or `nil` when no node has a positive multiplier.
  init?(_ facts: [MultiplierFact], method: String) {
    self.method = method
    total = facts.count
    nodes = Array(facts.filter { $0.positive > 0 }.prefix(Self.limit))
    if nodes.isEmpty { return nil }
  }

  var caption: String {
    let zeros = nodes.reduce(0) { $0 + $1.zeros }
    let excess = total - nodes.count
    return
      "From the certificate of \(method). Line: least to greatest multiplier; box: the middle half; bar in the box: median; to the right: "
      + "the number of units. A wide spread is what a method with one multiplier for a whole layer gives away."
      + (zeros > 0 ? " \(Quantity.counted(zeros, "unit")) with multiplier 0 left out." : "")
      + (excess > 0 ? " Without \(excess) more nodes." : "")
  }

  var summary: String {
    nodes.map { node in
      let numbers = node.quartiles.map { String(format: "%.3g", $0) }
      return "\(node.name), \(Quantity.counted(node.count, "unit")): from \(numbers[0]) to \(numbers[4]), median \(numbers[2])"
    }.joined(separator: "; ") + "."
  }

  func draw(width: Double) -> SVGCanvas {
    let (least, greatest) = (nodes.map { $0.quartiles[0] }.min() ?? 1, nodes.map { $0.quartiles[4] }.max() ?? 1)
    let frame = RowFrame(width: width, rows: nodes.map(\.name), range: least / 1.2...greatest * 1.2)
    var canvas = SVGCanvas(width: width, height: frame.height)
    frame.drawAxis(&canvas, title: "multiplier (log scale)")
    for (row, node) in nodes.enumerated() {
      let x = node.quartiles.map(frame.x)
      let (top, middle) = (frame.barTop(row), frame.middle(row))
      canvas.line(x[0], middle, x[4], middle, class: "whisker")
      for end in [x[0], x[4]] { canvas.line(end, middle - 4, end, middle + 4, class: "whisker") }
      canvas.rectangle(x: x[1], y: top, width: x[3] - x[1], height: frame.barHeight, class: "box")
      canvas.line(x[2], top, x[2], top + frame.barHeight, class: "median")
      frame.drawLabel(&canvas, row: row)
      frame.drawValue(&canvas, row: row, x: frame.x(frame.scale.upper), Quantity.counted(node.count, "unit"))
    }
    return canvas
  }
}
