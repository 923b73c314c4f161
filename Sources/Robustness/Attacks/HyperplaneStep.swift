import Certificates
import LinearAlgebra

/// The shortest step onto a hyperplane within a box: the closed form that minimal-norm attacks are made of.
///
/// From x the step δ is to change g · x by −m: g · δ = −m. In l_∞ the shortest is δᵢ = −s sign(gᵢ), in l₂ δᵢ = −s gᵢ, each clipped to the
/// box, with one s ≥ 0 for m ≥ 0 (for m < 0 the signs change). The reduction reached is concave, piecewise linear and growing in s, so that
/// Newton's method from s = 0 grows to the solution in finitely many steps.
struct HyperplaneStep {
  let norm: InputNorm
  let lower: [Double]
  let upper: [Double]

  /// The step and its length; see ``write(_:from:gradient:reduction:)``.
  func step(from x: [Double], gradient g: [Double], reduction m: Double) -> (step: [Double], length: Double) {
    var length = 0.0
    let step = [Double](unsafeUninitializedCapacity: x.count) { step, count in
      x.withUnsafeBufferPointer { x in
        g.withUnsafeBufferPointer { g in
          guard let step = step.baseAddress, let x = x.baseAddress, let g = g.baseAddress else { return }
          length = write(step, from: x, gradient: g, reduction: m)
        }
      }
      count = x.count
    }
    return (step, length)
  }

  /// Writes the step into `step` and returns its length; when the box ends before the hyperplane, the step goes as far as the box does.
  ///
  /// - Parameters:
  ///   - x: the point, in the box.
  ///   - g: the gradient.
  ///   - m: what g · x is to lose.
  @discardableResult
  func write(
    _ step: UnsafeMutablePointer<Double>, from x: UnsafePointer<Double>, gradient g: UnsafePointer<Double>, reduction m: Double
  ) -> Double {
    let n = lower.count
    let sign: Double = m < 0 ? -1 : 1
    let isBall = norm == .l2
    // Coordinate i moves by rateᵢ for each unit of s and may move by its room.
    func room(_ i: Int) -> Double { (g[i] > 0) == (sign > 0) ? x[i] - lower[i] : upper[i] - x[i] }
    var s = 0.0
    for _ in 0..<64 {
      var (reached, slope) = (0.0, 0.0)
      for i in 0..<n where g[i] != 0 {
        let size = g[i].magnitude
        let rate = isBall ? size : 1
        let space = room(i)
        if s * rate < space {
          reached += size * s * rate
          slope += size * rate
        } else {
          reached += size * space
        }
      }
      let missing = m.magnitude - reached
      guard missing > 1e-14 * m.magnitude, slope > 0 else {
        // Beyond every coordinate's room when the hyperplane is out of reach.
        if missing > 1e-9 * m.magnitude { s = .greatestFiniteMagnitude.squareRoot() }
        break
      }
      s += missing / slope
    }
    var length = 0.0
    for i in 0..<n {
      guard g[i] != 0 else {
        step[i] = 0
        continue
      }
      let move = min(s * (isBall ? g[i].magnitude : 1), max(0, room(i)))
      step[i] = (g[i] > 0) == (sign > 0) ? -move : move
      length = isBall ? length + move * move : max(length, move)
    }
    return isBall ? length.squareRoot() : length
  }
}
