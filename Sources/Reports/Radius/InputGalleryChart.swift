import CommandLineSupport
import Foundation
import Robustness

/// Inputs as pictures, each with its adversary, the difference of the two, and its bracket: as far as is proved, and where the adversary is.
struct InputGalleryChart: Chart {
  /// One input.
  private struct Card {
    var record: RadiusRecord
    /// Pictures as files in URLs with what stands below them.
    var pictures: [(source: String, words: String)]
  }

  let id: String
  let title: String
  private let cards: [Card]
  private let unit: String
  /// The greatest distance shown.
  private let end: Double

  /// The gallery, or `nil` when inputs are no images or nothing is known of them.
  ///
  /// - Parameters:
  ///   - records: the inputs shown, in order.
  ///   - inputs: all inputs.
  ///   - domain: the values shown as black and as white; those that occur when `nil`.
  ///   - unit: of distances.
  init?(id: String, title: String, _ records: [RadiusRecord], inputs: LabelledInputs, domain: ClosedRange<Double>?, unit: String) {
    guard let layout = InputPicture(shape: inputs.shape) else { return nil }
    cards = records.filter { $0.index < inputs.count }.map { record in
      Card(record: record, pictures: Self.pictures(record, original: inputs[record.index], layout, domain: domain))
    }
    (self.id, self.title, self.unit) = (id, title, unit)
    let distances: [Double] = cards.flatMap { card in [card.record.radius, card.record.attack?.radius ?? 0] }
    end = distances.filter(\.isFinite).max() ?? 0
    if cards.isEmpty || !(end > 0) { return nil }
  }

  var caption: String {
    "Each input, the adversary that was found nearest to it, and their difference, magnified. Below, in \(unit) on one scale from 0 to "
      + "\(DecimalBound.up(end, digits: 3)): filled as far as the answer is proved to stay, then open as far as nothing is known; the mark is the adversary."
  }

  var summary: String { cards.map { words($0.record) }.joined(separator: "; ") + "." }

  func draw(width: Double) -> SVGCanvas {
    let (columns, gap, padding) = (width < 480 ? 1 : 3, 16.0, 14.0)
    let cardWidth = (width - gap * Double(columns - 1)) / Double(columns)
    let side = (cardWidth - 2 * padding - 16) / 3
    let cardHeight = side + 2 * padding + 84
    let rows = (cards.count + columns - 1) / columns
    var canvas = SVGCanvas(width: width, height: Double(rows) * (cardHeight + gap) - gap)
    for (index, card) in cards.enumerated() {
      let (left, top) = (Double(index % columns) * (cardWidth + gap), Double(index / columns) * (cardHeight + gap))
      canvas.rectangle(x: left, y: top, width: cardWidth, height: cardHeight, class: "card")
      for (place, picture) in card.pictures.enumerated() {
        let x = left + padding + Double(place) * (side + 8)
        canvas.image(picture.source, x: x, y: top + padding, width: side, height: side, class: "pixels")
        canvas.text(picture.words, x: x, y: top + padding + side + 16, class: "note")
      }
      draw(card.record, &canvas, left: left + padding, right: left + cardWidth - padding, y: top + padding + side + 46)
    }
    return canvas
  }

  /// The bracket: a bar as far as is proved, a line from there to the adversary, both with their numbers.
  private func draw(_ record: RadiusRecord, _ canvas: inout SVGCanvas, left: Double, right: Double, y: Double) {
    func x(_ distance: Double) -> Double { left + min(1, max(0, distance / end)) * (right - left - 6) }
    canvas.text("Input \(record.index)", x: left, y: y - 8, class: "value")
    canvas.line(left, y + 7, right, y + 7, class: "grid")
    canvas.rectangle(x: left, y: y + 1, width: x(record.radius) - left, height: 12, class: "proved")
    if let attacked = record.attack?.radius, attacked.isFinite {
      canvas.line(x(record.radius), y + 7, x(attacked), y + 7, class: "whisker")
      ChartMark.draw(&canvas, x(attacked), y + 7, series: 3, isFilled: true)
      canvas.text("adversary \(RadiusReport.up(attacked))", x: right, y: y + 31, anchor: .end, class: "attained-text")
    }
    canvas.text("certified \(RadiusReport.down(record.radius))", x: left, y: y + 31, class: "upper-text")
  }

  private func words(_ record: RadiusRecord) -> String {
    "Input \(record.index), class \(record.label): certified \(RadiusReport.down(record.radius))"
      + (record.attack?.radius.map { ", adversary\(record.attack?.rival.map { " of class \($0)" } ?? "") at \(RadiusReport.up($0))" } ?? "")
  }

  /// Original, adversary and their difference; without adversary the original alone.
  private static func pictures(
    _ record: RadiusRecord, original: [Double], _ layout: InputPicture, domain: ClosedRange<Double>?
  ) -> [(source: String, words: String)] {
    let adversary = record.attack?.input.flatMap { $0.count == original.count ? $0 : nil }
    let shown = (adversary ?? []) + original
    let range = domain ?? (shown.min() ?? 0)...(shown.max() ?? 1)
    let first = (source: layout.dataURI(original, range: range), words: "class \(record.label)")
    guard let adversary, let rival = record.attack?.rival else { return [first] }
    let difference = zip(adversary, original).map { $0 - $1 }
    let size = max(difference.map(\.magnitude).max() ?? 0, .leastNormalMagnitude)
    let factor = String(format: "%.3g", 0.5 * (range.upperBound - range.lowerBound) / size)
    return [
      first, (source: layout.dataURI(adversary, range: range), words: "class \(rival)"),
      (source: layout.dataURI(difference, range: -size...size), words: "change ×\(factor)"),
    ]
  }
}
