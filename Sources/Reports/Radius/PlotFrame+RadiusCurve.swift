import Robustness

extension PlotFrame {
  /// A curve's corners from 0 to `end`, in percent, without those that a page cannot show apart.
  func steps(_ curve: RadiusCurve, end: Double) -> [(x: Double, y: Double)] {
    var result: [(x: Double, y: Double)] = []
    var height = curve.share(at: 0)
    for step in curve.steps {
      if step.radius > end { break }
      let (before, after) = (place(step.radius, 100 * height), place(step.radius, 100 * step.share))
      height = step.share
      if let last = result.last, after.x - last.x < 0.4, after.y - last.y < 0.4 { continue }
      result += before.y == after.y ? [after] : [before, after]
    }
    return result + [place(end, 100 * curve.share(at: end))]
  }
}
