import CommandLineSupport
import Foundation

/// What the units of each activation node did on a sample of inputs, as shares of a bar.
struct ActivityChart: Chart {
  /// More rows than this make no figure.
  private static let limit = 40
  /// The kinds of units in the order of the bar, with their classes of the style sheet.
  private static let kinds = [("switching", "share-1"), ("always linear", "share-2"), ("inactive", "share-3")]

  let id = "activity"
  let title = "What the units do"
  let nodes: [ActivityFact]
  private let total: Int

  /// The chart, or `nil` when there is no node.
  init?(_ facts: [ActivityFact]) {
    total = facts.count
    nodes = Array(facts.filter { $0.count > 0 }.prefix(Self.limit))
    if nodes.isEmpty { return nil }
  }

  var caption: String {
    let excess = total - nodes.count
    return "Seen on \(ActivityFact.samples) standard normal inputs, not proved. Switching: the unit's slope changes from input to input. "
      + "Always linear: one slope, not 0, at every input. Inactive: slope 0 at every input, so that nothing passed. Methods that know only "
      + "the range of slopes count all of them alike." + (excess > 0 ? " Without \(excess) more nodes." : "")
  }

  var summary: String {
    nodes.map { node in
      "\(node.name), \(Quantity.counted(node.count, "unit")): \(node.switching) switching, \(node.linear) always linear, "
        + "\(node.inactive) inactive"
    }.joined(separator: "; ") + "."
  }

  func draw(width: Double) -> SVGCanvas {
    let isNarrow = width < 480
    let frame = RowFrame(
      width: width, rows: nodes.map(\.name), range: 0...100, isLogarithmic: false, top: 34, valueWidth: isNarrow ? 14 : 130)
    var canvas = SVGCanvas(width: width, height: frame.height)
    frame.drawAxis(&canvas, title: "share of the node's units, percent")
    var x = frame.x(0)
    for (name, style) in Self.kinds {
      canvas.rectangle(x: x, y: 7, width: 12, height: 12, class: style)
      canvas.text(name, x: x + 17, y: 17.5, class: "label")
      x += (isNarrow ? 24 : 40) + SVGCanvas.textWidth(name)
    }
    for (row, node) in nodes.enumerated() {
      frame.drawLabel(&canvas, row: row)
      var start = 0.0
      for (count, (_, style)) in zip([node.switching, node.linear, node.inactive], Self.kinds) where count > 0 {
        let end = start + 100 * Double(count) / Double(node.count)
        canvas.rectangle(
          x: frame.x(start), y: frame.barTop(row), width: frame.x(end) - frame.x(start), height: frame.barHeight, class: style)
        start = end
      }
      let still = node.linear + node.inactive
      let value = still == 0 ? "all \(node.count) switch" : "\(node.switching) of \(node.count) switch"
      frame.drawValue(&canvas, row: row, x: frame.x(100), value)
    }
    return canvas
  }
}
