import Foundation
import LinearAlgebra
import Networks

/// Two lines between which an activation function runs on an interval.
///
/// lowerSlope · x + lowerIntercept ≤ φ(x) ≤ upperSlope · x + upperIntercept for all x of the interval, in real arithmetic. The slopes are a
/// matter of taste; the intercepts are rounded outwards for the slopes as they are.
struct UnitLines {
  var lowerSlope = 0.0
  var lowerIntercept = 0.0
  var upperSlope = 0.0
  var upperIntercept = 0.0

  /// The lines for `activation` on [l, u].
  ///
  /// - Precondition: l ≤ u, both finite.
  init(_ activation: Activation, _ l: Double, _ u: Double) {
    switch activation {
    case .relu: self.init(kinkBelow: 0, above: 1, l, u)
    case .absoluteValue: self.init(kinkBelow: -1, above: 1, l, u)
    case .leakyReLU(let slope) where slope <= 1: self.init(kinkBelow: slope, above: 1, l, u)
    case .tanh, .sigmoid: self.init(sigmoidal: activation, l, u)
    default: self.init(parallel: activation, l, u)
    }
  }

  /// The convex function with a kink at 0, slopes a ≤ b: its chord above, and below one of the two slopes, whichever leaves the smaller area.
  init(kinkBelow a: Double, above b: Double, _ l: Double, _ u: Double) {
    if l >= 0 {
      (lowerSlope, upperSlope) = (b, b)
    } else if u <= 0 {
      (lowerSlope, upperSlope) = (a, a)
    } else {
      lowerSlope = u > -l ? b : a
      upperSlope = min(b, max(a, (b * u - a * l) / (u - l)))
      // φ is convex, so φ(x) − s x is greatest at an end.
      let (left, right) = ((a - upperSlope) * l, (b - upperSlope) * u)
      upperIntercept = max(0, left + 4 * left.ulp, right + 4 * right.ulp) + 0x1p-52 * ((a * l).magnitude + (b * u).magnitude)
    }
  }

  /// Lines of the least slope α of φ on the interval, through the ends: φ(x) ≥ φ(l) + α (x − l) and φ(x) ≤ φ(u) − α (u − x).
  private init(parallel activation: Activation, _ l: Double, _ u: Double) {
    let slope = activation.sector(on: l...u).lower
    let (left, right) = (activation.value(l), activation.value(u))
    lowerSlope = slope
    upperSlope = slope
    lowerIntercept = left - slope * l - Self.margin(left, slope * l)
    upperIntercept = right - slope * u + Self.margin(right, slope * u)
  }

  /// tanh and the logistic function: convex below 0, concave above.
  private init(sigmoidal activation: Activation, _ l: Double, _ u: Double) {
    let (left, right) = (activation.value(l), activation.value(u))
    let (low, high) = (activation.derivative(l), activation.derivative(u))
    let width = u - l
    let chord = width > 1e-9 * (1 + u.magnitude) ? min(max(0, (right - left) / width), activation.globalSector.upper) : min(low, high)
    let middle = activation.derivative(0.5 * l + 0.5 * u)
    if l >= 0 {
      (lowerSlope, upperSlope) = (chord, middle)
    } else if u <= 0 {
      (lowerSlope, upperSlope) = (middle, chord)
    } else {
      // Of the tangents that stay on one side, the one at the middle leaves the smallest area.
      let middle = 0.5 * l + 0.5 * u
      upperSlope = high >= chord ? chord : activation.derivative(max(middle, Self.contact(activation, from: l, toward: u)))
      lowerSlope = low >= chord ? chord : activation.derivative(min(middle, Self.contact(activation, from: u, toward: l)))
    }
    lowerIntercept = Self.extreme(activation, slope: lowerSlope, l, u, sign: -1)
    upperIntercept = Self.extreme(activation, slope: upperSlope, l, u, sign: 1)
  }

  /// Where the line through the graph's point at `end` touches the graph on the other side of 0.
  private static func contact(_ activation: Activation, from end: Double, toward other: Double) -> Double {
    let value = activation.value(end)
    var (near, far) = (0.0, other)
    for _ in 0..<40 {
      let point = 0.5 * (near + far)
      // Beyond the point of contact the graph is flatter than the line.
      if activation.derivative(point) < (activation.value(point) - value) / (point - end) { far = point } else { near = point }
    }
    return 0.5 * (near + far)
  }

  /// The greatest (sign 1) or least (−1) value of φ(x) − s x on [l, u], rounded outwards.
  ///
  /// It is attained at an end or where φ′ = s. Near such a point the function is flat, so that a point known to half the digits gives the value
  /// to all of them; the margin is far above that and the error of the elementary functions.
  private static func extreme(_ activation: Activation, slope: Double, _ l: Double, _ u: Double, sign: Double) -> Double {
    var points = [l, u]
    let stationary: Double? =
      switch activation {
      case .tanh: slope > 0 && slope < 1 ? atanh((1 - slope).squareRoot()) : nil
      default: slope > 0 && slope < 0.25 ? 2 * atanh((1 - 4 * slope).squareRoot()) : nil
      }
    if let stationary, stationary.isFinite {
      for point in [-stationary, stationary] where point > l && point < u { points.append(point) }
    }
    let values = points.map { point in
      let (value, product) = (activation.value(point), slope * point)
      return sign * (value - product) + margin(value, product)
    }
    return sign * (values.max() ?? .infinity)
  }

  /// Far above the errors of the elementary functions (at most a few units in the last place) and of one product and one difference.
  private static func margin(_ value: Double, _ product: Double) -> Double { 0x1p-44 * (1 + value.magnitude + product.magnitude) }
}

extension Activation {
  /// The slopes on the two sides of 0 of a convex function with one kink, there; `nil` for others.
  ///
  /// Such a unit is linear once the sign of its argument is known, and below it every line through 0 with a slope between the two lies.
  var kink: (below: Double, above: Double)? {
    switch self {
    case .relu: (0, 1)
    case .absoluteValue: (-1, 1)
    case .leakyReLU(let slope) where slope <= 1: (slope, 1)
    default: nil
    }
  }
}
