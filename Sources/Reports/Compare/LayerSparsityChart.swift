import Compression
import Foundation

/// How much of each layer of the reference is zero or gone in each model: a strip of cells for each model, the darker the emptier.
struct LayerSparsityChart: Chart {
  /// Strips of more cells make no figure.
  private static let limit = 120

  /// One strip.
  struct Strip {
    var name: String
    /// The share of each layer that is gone; `nil` where the model has no such layer.
    var shares: [Double?]
  }

  let id: String
  let title: String
  let what: String
  let layers: [String]
  let strips: [Strip]

  /// The chart of weights or of input channels, or `nil` when nothing is gone anywhere.
  ///
  /// - Parameters:
  ///   - alive: what of a layer is there and not zero.
  ///   - all: what of a layer of the reference there is.
  init?(
    _ models: [ModelMeasurement], id: String, title: String, what: String, alive: (NetworkSize.Layer) -> Int,
    all: (NetworkSize.Layer) -> Int
  ) {
    guard let reference = models.first, 1...Self.limit ~= reference.size.layers.count else { return nil }
    (self.id, self.title, self.what) = (id, title, what)
    layers = reference.size.layers.map(\.name)
    strips = models.map { model in
      Strip(
        name: model.name,
        shares: zip(model.size.counterparts(of: reference.size), reference.size.layers).map { own, other in
          own.map { all(other) == 0 ? 0 : min(1, max(0, 1 - Double(alive($0)) / Double(all(other)))) }
        })
    }
    if !strips.contains(where: { $0.shares.contains { $0 ?? 0 > 0 } }) { return nil }
  }

  var caption: String {
    "One cell for each layer of \(strips.first?.name ?? "the reference"), in order: the percentage of its \(what) that are zero or were removed, "
      + "the darker the more. Grey: no such layer. The layers' names are in the table below."
  }

  var summary: String {
    strips.map { strip in
      let words = zip(layers, strip.shares).map { "\($0) \($1.map { "\(Int((100 * $0).rounded())) percent" } ?? "missing")" }
      return "\(strip.name): \(words.joined(separator: ", "))"
    }.joined(separator: "; ") + "."
  }

  func draw(width: Double) -> SVGCanvas {
    let isNarrow = width < 480
    let (left, right) = (isNarrow ? 4.0 : 198, width - 4)
    let (rowHeight, cellHeight) = (isNarrow ? 46.0 : 34.0, 26.0)
    var canvas = SVGCanvas(width: width, height: Double(strips.count) * rowHeight + 26)
    let step = (right - left) / Double(max(1, layers.count))
    for (row, strip) in strips.enumerated() {
      let top = Double(row) * rowHeight + (isNarrow ? 18 : 4)
      if isNarrow {
        canvas.text(SVGCanvas.fitted(strip.name, width: right - left), x: left, y: top - 5, class: "label")
      } else {
        canvas.text(SVGCanvas.fitted(strip.name, width: left - 8), x: left - 8, y: top + 17.5, anchor: .end, class: "label")
      }
      for (index, share) in strip.shares.enumerated() {
        let x = left + Double(index) * step
        let box = (width: max(1, step - 2), height: cellHeight)
        guard let share else {
          canvas.rectangle(x: x, y: top, width: box.width, height: box.height, class: "absent")
          continue
        }
        canvas.rectangle(x: x, y: top, width: box.width, height: box.height, class: "heat heat-\(Int((10 * share).rounded()))")
        canvas.rectangle(x: x, y: top, width: box.width, height: box.height, class: "cell")
        if step >= 30 {
          canvas.text(
            "\(Int((100 * share).rounded()))", x: x + box.width / 2, y: top + 17.5, anchor: .middle,
            class: share > 0.55 ? "on-dark" : "label")
        }
      }
    }
    let stride = step >= 20 ? 1 : 5
    for index in layers.indices where index == 0 || (index + 1) % stride == 0 {
      canvas.text(
        "\(index + 1)", x: left + (Double(index) + 0.5) * step - 1, y: Double(strips.count) * rowHeight + 16, anchor: .middle, class: "tick"
      )
    }
    return canvas
  }
}
