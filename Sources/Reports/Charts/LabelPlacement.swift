/// Places for the names of points in a plane, so that names hide neither each other nor the points.
struct LabelPlacement {
  /// Where a name stands: its baseline and which of its ends is held there.
  struct Place {
    var x: Double
    var y: Double
    var anchor: SVGCanvas.Anchor
  }

  private struct Box {
    var left, right, top, bottom: Double

    func overlap(_ other: Box) -> Double {
      let width = min(right, other.right) - max(left, other.left)
      let height = min(bottom, other.bottom) - max(top, other.top)
      return width > 0 && height > 0 ? width * height : 0
    }
  }

  private static let (height, gap) = (14.0, 9.0)

  /// A place for each point's name, in order.
  ///
  /// Each name takes the first of some places around its point that is free, or else the one that hides least.
  ///
  /// - Parameters:
  ///   - points: where the points are.
  ///   - names: what is to be written beside them.
  ///   - width: names end between 0 and this.
  ///   - top: and not above this.
  ///   - bottom: and not below that.
  static func places(for points: [(x: Double, y: Double)], names: [String], width: Double, top: Double, bottom: Double) -> [Place] {
    var taken = points.map { Box(left: $0.x - 6, right: $0.x + 6, top: $0.y - 6, bottom: $0.y + 6) }
    return zip(points, names).enumerated().map { index, pair in
      let (point, length) = (pair.0, SVGCanvas.textWidth(pair.1))
      var best: (cost: Double, place: Place, box: Box)?
      for (rank, offset) in Self.offsets.enumerated() {
        let place = Place(x: point.x + offset.x, y: point.y + offset.y, anchor: offset.anchor)
        let left =
          switch offset.anchor {
          case .start: place.x
          case .middle: place.x - length / 2
          case .end: place.x - length
          }
        let box = Box(left: left, right: left + length, top: place.y - height + 3, bottom: place.y + 3)
        guard box.left >= 0, box.right <= width, box.top >= top, box.bottom <= bottom else { continue }
        let hidden = taken.enumerated().reduce(0) { $1.offset == index ? $0 : $0 + $1.element.overlap(box) }
        let cost = 100 * hidden + Double(rank)
        if cost < best?.cost ?? .infinity { best = (cost, place, box) }
      }
      guard let best else { return Place(x: min(point.x, width - length), y: max(point.y - gap, top + height), anchor: .start) }
      taken.append(best.box)
      return best.place
    }
  }

  private typealias Offset = (x: Double, y: Double, anchor: SVGCanvas.Anchor)

  /// Right, left, above, below, and further away.
  private static let offsets: [Offset] = {
    var offsets: [Offset] = [
      (gap, 4.5, .start), (-gap, 4.5, .end), (0, -gap, .middle), (0, gap + 10, .middle), (gap, -6, .start), (gap, 16, .start),
      (-gap, -6, .end), (-gap, 16, .end),
    ]
    for far in [22.0, 34, 46] {
      for (x, anchor) in [(0.0, SVGCanvas.Anchor.middle), (gap, .start), (-gap, .end)] {
        offsets += [(x, -far, anchor), (x, far + 8, anchor)]
      }
    }
    return offsets
  }()
}
