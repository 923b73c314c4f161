import LinearAlgebra

/// The points that a search may visit: a box, or the part of a box that lies in an l₂ ball around one of its points.
struct FeasibleSet {
  let lower: [Double]
  let upper: [Double]
  let ball: (center: [Double], radius: Double)?

  /// A box.
  init(lower: [Double], upper: [Double]) {
    (self.lower, self.upper, ball) = (lower, upper, nil)
  }

  /// The part of a box within `radius` of `center`, which lies in the box.
  init(around center: [Double], radius: Double, isBall: Bool, lower: [Double], upper: [Double]) {
    if isBall {
      (self.lower, self.upper, ball) = (lower, upper, (center, radius))
    } else {
      self.lower = zip(lower, center).map { max($0, $1 - radius) }
      self.upper = zip(upper, center).map { min($0, $1 + radius) }
      ball = nil
    }
  }

  /// Moves every row of `points` down its gradient by `fraction` of the set's size and back into the set.
  ///
  /// The step is steepest descent in the set's own norm: all coordinates by the same part of their range in a box, along the gradient in a
  /// ball. Rows whose gradient vanishes stay.
  func descend(_ points: inout Matrix<Double>, along gradients: Matrix<Double>, by fraction: Double) {
    let n = points.columns
    points.elements.withUnsafeMutableBufferPointer { x in
      gradients.elements.withUnsafeBufferPointer { g in
        for k in 0..<gradients.rows {
          let row = k * n
          if let ball {
            var squares = 0.0
            for i in 0..<n { squares += g[row + i] * g[row + i] }
            guard squares > 0, squares.isFinite else { continue }
            let size = fraction * ball.radius / squares.squareRoot()
            for i in 0..<n { x[row + i] -= size * g[row + i] }
          } else {
            for i in 0..<n where g[row + i] != 0 {
              let size = 0.5 * fraction * (upper[i] - lower[i])
              x[row + i] = min(max(x[row + i] - (g[row + i] > 0 ? size : -size), lower[i]), upper[i])
            }
          }
        }
      }
    }
    if ball != nil { project(&points) }
  }

  /// Replaces every row by the nearest point of the set, in l₂.
  ///
  /// The nearest point of ball ∩ box is c + clip(s d) for d = x − c and one s ≤ 1 (the ball's multiplier is 1/s − 1): the coordinates clipped
  /// at s are clipped at every greater s, so s grows from r/|d| to its value in finitely many steps.
  func project(_ points: inout Matrix<Double>) {
    let n = points.columns
    points.elements.withUnsafeMutableBufferPointer { x in
      for k in 0..<points.rows {
        let row = k * n
        guard let (center, radius) = ball else {
          for i in 0..<n { x[row + i] = min(max(x[row + i], lower[i]), upper[i]) }
          continue
        }
        func clipped(_ i: Int, _ s: Double) -> Double {
          min(max(s * (x[row + i] - center[i]), lower[i] - center[i]), upper[i] - center[i])
        }
        var squares = 0.0
        for i in 0..<n { squares += (x[row + i] - center[i]) * (x[row + i] - center[i]) }
        var s = squares > 0 ? min(1, radius / squares.squareRoot()) : 1
        for _ in 0..<n + 2 where s < 1 {
          var (fixed, free) = (0.0, 0.0)
          for i in 0..<n {
            let d = x[row + i] - center[i]
            let step = clipped(i, s)
            if step == s * d { free += d * d } else { fixed += step * step }
          }
          guard free > 0, fixed < radius * radius else { break }
          let next = min(1, ((radius * radius - fixed) / free).squareRoot())
          guard next > s * (1 + 1e-14) else { break }
          s = next
        }
        for i in 0..<n { x[row + i] = center[i] + clipped(i, s) }
      }
    }
  }
}
