import Foundation
import LinearAlgebra

/// The points that an attack may move a sample to: within `epsilon` of it, and in the domain.
struct PerturbationSet: Hashable, Sendable {
  var norm: PerturbationNorm
  var epsilon: Double
  /// The least and the greatest value of an element, or `nil` when there are none.
  var domain: ClosedRange<Double>?

  private var lower: Double { domain?.lowerBound ?? -.infinity }
  private var upper: Double { domain?.upperBound ?? .infinity }

  /// Moves a point by `step` in the direction in which a function with this gradient grows fastest in the norm, and back into the set.
  ///
  /// Points where the gradient vanishes or is not finite stay.
  func ascend<Element: Scalar>(
    _ x: UnsafeMutablePointer<Element>, along gradient: UnsafePointer<Element>, by step: Double, around centre: UnsafePointer<Element>,
    count: Int
  ) {
    switch norm {
    case .lInfinity:
      let (lower, upper, epsilon, step) = (Element(lower), Element(upper), Element(epsilon), Element(step))
      for i in 0..<count {
        let moved = gradient[i] > 0 ? x[i] + step : gradient[i] < 0 ? x[i] - step : x[i]
        x[i] = min(max(min(max(moved, centre[i] - epsilon), centre[i] + epsilon), lower), upper)
      }
    case .l2:
      var squares = 0.0
      for i in 0..<count { squares += Double(gradient[i]) * Double(gradient[i]) }
      guard squares > 0, squares.isFinite else { return }
      let factor = step / squares.squareRoot()
      for i in 0..<count { x[i] = Element(Double(x[i]) + factor * Double(gradient[i])) }
      project(x, around: centre, count: count)
    }
  }

  /// Replaces a point by the nearest one of the set, in l₂.
  ///
  /// The nearest point of ball ∩ box is c + clip(s d) for d = x − c and one s ≤ 1 (the ball's multiplier is 1/s − 1): the coordinates clipped
  /// at s are clipped at every greater s, so s grows from ε/|d| to its value in finitely many steps.
  ///
  /// - Precondition: the centre lies in the domain.
  func project<Element: Scalar>(_ x: UnsafeMutablePointer<Element>, around centre: UnsafePointer<Element>, count: Int) {
    if norm == .lInfinity {
      for i in 0..<count {
        let c = Double(centre[i])
        x[i] = Element(min(max(min(max(Double(x[i]), c - epsilon), c + epsilon), lower), upper))
      }
      return
    }
    var squares = 0.0
    for i in 0..<count {
      let d = Double(x[i]) - Double(centre[i])
      squares += d * d
    }
    var s = squares > epsilon * epsilon ? epsilon / squares.squareRoot() : 1
    let isBounded = domain != nil
    while s < 1, isBounded {
      var (fixed, free) = (0.0, 0.0)
      for i in 0..<count {
        let c = Double(centre[i])
        let d = Double(x[i]) - c
        let clipped = min(max(s * d, lower - c), upper - c)
        if clipped == s * d { free += d * d } else { fixed += clipped * clipped }
      }
      guard free > 0, fixed < epsilon * epsilon else { break }
      let next = min(1, ((epsilon * epsilon - fixed) / free).squareRoot())
      guard next > s * (1 + 1e-12) else { break }
      s = next
    }
    for i in 0..<count {
      let c = Double(centre[i])
      x[i] = Element(min(max(c + s * (Double(x[i]) - c), lower), upper))
    }
  }

  /// Moves a point from the centre to one that is uniform in the ball, then into the domain.
  func randomise<Element: Scalar>(_ x: UnsafeMutablePointer<Element>, count: Int, random: RandomStream) {
    var generator = random.generator
    var displacement: [Double]
    switch norm {
    case .lInfinity: displacement = (0..<count).map { _ in epsilon * (2 * generator.nextUniform() - 1) }
    case .l2:
      displacement = generator.gaussianVector(count)
      let length = VectorKernels.norm(displacement)
      // The radius of a uniform point of a ball in n dimensions is distributed as the n-th root of a uniform number.
      let radius = epsilon * pow(generator.nextUniform(), 1 / Double(count))
      guard length > 0 else { return }
      for i in displacement.indices { displacement[i] *= radius / length }
    }
    for i in 0..<count { x[i] = Element(min(max(Double(x[i]) + displacement[i], lower), upper)) }
  }
}
