/// An image of [−1.1, 1.1]² on which broken lines are drawn, each pixel covered as far as its centre lies within the stroke.
struct GlyphCanvas {
  /// Rows and columns.
  let size: Int
  /// The values, row-major.
  private(set) var values: [Double]

  /// An image of one value.
  init(size: Int, background: Double) {
    self.size = size
    values = [Double](repeating: background, count: size * size)
  }

  /// Draws broken lines of one thickness, which may cross without becoming brighter.
  ///
  /// A pixel's coverage falls from 1 to 0 over one pixel around the edge: clip(w + 1/2 − distance) in units of pixels.
  mutating func draw(_ strokes: [[SIMD2<Double>]], halfWidth: Double, ink: Double) {
    let scale = Double(size) / 2.2
    let w = halfWidth * scale
    var coverage = [Double](repeating: 0, count: values.count)
    for stroke in strokes {
      for (first, second) in zip(stroke, stroke.dropFirst()) {
        // The centre of pixel (row, column) is (column, row).
        let a = (first + 1.1) * scale - 0.5
        let d = (second - first) * scale
        let squared = (d * d).sum()
        let reach = w + 0.5
        func range(_ axis: Int) -> ClosedRange<Int>? {
          let (low, high) = (min(a[axis], a[axis] + d[axis]) - reach, max(a[axis], a[axis] + d[axis]) + reach)
          guard high >= 0, low <= Double(size - 1) else { return nil }
          return Int(max(0, low.rounded(.up)))...Int(min(Double(size - 1), high.rounded(.down)))
        }
        guard let columns = range(0), let rows = range(1) else { continue }
        for row in rows {
          for column in columns {
            let p = SIMD2(Double(column), Double(row)) - a
            let t = squared > 0 ? min(max((p * d).sum() / squared, 0), 1) : 0
            let away = p - t * d
            let covered = min(1, reach - (away * away).sum().squareRoot())
            if covered > coverage[row * size + column] { coverage[row * size + column] = covered }
          }
        }
      }
    }
    for i in values.indices { values[i] += coverage[i] * (ink - values[i]) }
  }
}
