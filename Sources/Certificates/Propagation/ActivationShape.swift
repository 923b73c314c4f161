import LinearAlgebra
import Networks

/// An activation function cut into pieces on which its derivative is monotone, and the sound extrema that follow.
///
/// Inflection points are known to 15 digits. On the sliver between such a literal and the real point the function departs from the assumed
/// curvature by less than 10⁻²⁸, far below `Activation.valueError(at:)`.
public struct ActivationShape: Sendable {
  /// φ.
  public let activation: Activation
  /// Where the pieces meet, in ascending order.
  private let breaks: [Double]
  /// The sign of φ″ on each piece, one more than there are breaks; 0 for a straight one.
  private let curvatures: [Double]
  /// A bound on the error of a computed φ′.
  private let derivativeError: Double
  /// How far a break may be from the real one, relative to its magnitude.
  private let breakError: Double

  /// The shape of φ.
  public init(_ activation: Activation) {
    self.activation = activation
    var breakError = 0.0
    switch activation {
    case .relu, .leakyReLU, .absoluteValue: (breaks, curvatures) = ([0], [0, 0])
    case .clip(let lower, let upper): (breaks, curvatures) = ([lower, upper], [0, 0, 0])
    case .hardSigmoid(let slope, let offset):
      let ends = [-offset / slope, (1 - offset) / slope].filter { !$0.isNaN }.sorted()
      (breaks, curvatures) = (ends, Array(repeating: 0, count: ends.count + 1))
      breakError = 0x1p-49
    case .tanh, .sigmoid: (breaks, curvatures) = ([0], [1, -1])
    case .elu(let alpha): (breaks, curvatures) = ([0], [alpha > 0 ? 1 : alpha < 0 ? -1 : 0, 0])
    case .softplus: (breaks, curvatures) = ([], [1])
    case .hardSwish: (breaks, curvatures) = ([-3, 3], [0, 1, 0])
    case .gelu: (breaks, curvatures) = ([-1.414_213_562_373_095, 1.414_213_562_373_095], [-1, 1, -1])
    case .geluTanh: (breaks, curvatures) = ([-1.418_504_008_790_828, 1.418_504_008_790_828], [-1, 1, -1])
    case .silu: (breaks, curvatures) = ([-2.399_357_280_515_467, 2.399_357_280_515_467], [-1, 1, -1])
    case .mish: (breaks, curvatures) = ([-2.256_376_396_360_793, 1.490_571_179_485_428], [-1, 1, -1])
    }
    self.breakError = breakError
    derivativeError = 0x1p-45 * activation.parameters.reduce(1) { max($0, $1.magnitude) }
  }

  /// Whether φ is one straight line on the interval.
  func isStraight(on interval: ClosedRange<Double>) -> Bool {
    guard curvatures.allSatisfy({ $0 == 0 }) else { return interval.lowerBound == interval.upperBound }
    return !breaks.contains { interval.lowerBound < $0 && $0 < interval.upperBound }
  }

  /// A lower bound of σ (φ(y) − s y) over all y of an interval, and about where the least value is.
  ///
  /// Straight and concave pieces have their least values at their ends. On a convex one every tangent is a bound: with any y₀ of the piece
  /// [a, b] and d = σ (φ′(y₀) − s), the values are at least the one at y₀ less max(d⁺ (y₀ − a), (−d)⁺ (b − y₀)). So y₀ need only be near
  /// the minimiser; the errors of the computed φ, φ′ and products are taken off.
  ///
  /// - Parameters:
  ///   - sign: σ, 1 or −1.
  ///   - slope: s, finite.
  ///   - interval: finite ends.
  func minimum(sign: Double, slope s: Double, on interval: ClosedRange<Double>) -> (bound: Double, point: Double) {
    var best = (bound: value(sign, s, at: interval.lowerBound), point: interval.lowerBound)
    func consider(_ bound: Double, _ point: Double) {
      // Not a number must not be passed over, nor replaced.
      if !(best.bound.isNaN || bound >= best.bound) { best = (bound, point) }
    }
    var a = interval.lowerBound
    for k in curvatures.indices {
      let b = k < breaks.count ? min(max(a, breaks[k]), interval.upperBound) : interval.upperBound
      guard b > a else { continue }
      var end = value(sign, s, at: b)
      if breakError > 0 {
        let spread = (activation.parameters[0].magnitude + s.magnitude) * b.magnitude * breakError
        end = ErrorBounds.subtractDown(end, spread.nextUp)
      }
      consider(end, b)
      if sign * curvatures[k] > 0 {
        let point = stationaryPoint(sign, s, a, b)
        let d = sign * (derivative(point) - s)
        let error = (derivativeError + 0x1p-50 * s.magnitude).nextUp
        let left = ErrorBounds.multiplyUp(max(0, (d + error).nextUp), ErrorBounds.subtractUp(point, a))
        let right = ErrorBounds.multiplyUp(max(0, (error - d).nextUp), ErrorBounds.subtractUp(b, point))
        // At an end of the piece there is nothing on one side.
        let loss = max(point > a ? left : 0, point < b ? right : 0)
        consider(ErrorBounds.subtractDown(value(sign, s, at: point), loss), point)
        if d.isNaN || loss.isNaN { best.bound = .nan }
      }
      a = b
    }
    return best
  }

  /// The intercept t of the line s y + t below φ (`sign` 1) or above it (−1).
  func intercept(sign: Double, slope: Double, on interval: ClosedRange<Double>) -> Double {
    if sign == 1, case .relu = activation, 0 <= slope, slope <= 1, interval.contains(0) { return 0 }
    return sign * minimum(sign: sign, slope: slope, on: interval).bound
  }

  /// A lower bound of σ (φ(y) − s y) at a point.
  private func value(_ sign: Double, _ s: Double, at y: Double) -> Double {
    let (value, error) = (sign * activation.value(y), activation.valueError(at: y))
    let isExact = y == 0 || s == 0 || s.magnitude == 1
    let product = sign * s * y
    if isExact && error == 0 && value == product { return 0 }
    let below = error == 0 ? value : ErrorBounds.subtractDown(value, error)
    return isExact && product == 0 ? below : ErrorBounds.subtractDown(below, isExact ? product : product.nextUp)
  }

  /// φ′ from inside the curved pieces.
  private func derivative(_ y: Double) -> Double {
    if case .hardSwish = activation { return y / 3 + 0.5 }
    return activation.derivative(y)
  }

  /// About where σ (φ′ − s), which ascends on [a, b], vanishes; the nearer end when it does not.
  private func stationaryPoint(_ sign: Double, _ s: Double, _ a: Double, _ b: Double) -> Double {
    func f(_ y: Double) -> Double { sign * (derivative(y) - s) }
    var (low, high) = (a, b)
    var (atLow, atHigh) = (f(low), f(high))
    if !(atLow < 0) { return a }
    if !(atHigh > 0) { return b }
    var side = 0
    for step in 0..<40 {
      // False position with halving (Illinois), now and then a bisection.
      var y = step % 4 == 3 ? 0.5 * (low + high) : (low * atHigh - high * atLow) / (atHigh - atLow)
      if !(y > low && y < high) { y = 0.5 * (low + high) }
      let value = f(y)
      if value.magnitude < 0x1p-44 || !(y > low && y < high) { return min(max(y, a), b) }
      if value < 0 {
        (low, atLow) = (y, value)
        if side == -1 { atHigh *= 0.5 }
        side = -1
      } else {
        (high, atHigh) = (y, value)
        if side == 1 { atLow *= 0.5 }
        side = 1
      }
    }
    return 0.5 * (low + high)
  }

  /// The slope of the line below σφ on an interval that is highest at its midpoint c, so that it encloses the least area: the slope of the
  /// convex envelope at c. For ReLU this is CROWN's adaptive choice, and the chord above.
  ///
  /// The tangent at c if it stays below; otherwise the chord of the two points around c that the envelope bridges, found by support points.
  func envelopeSlope(sign: Double, on interval: ClosedRange<Double>) -> Double {
    let center = 0.5 * interval.lowerBound + 0.5 * interval.upperBound
    let tangent = activation.derivative(center)
    let atCenter = sign * activation.value(center)
    func isSupported(_ slope: Double, by point: Double, _ least: Double) -> Bool {
      sign * (activation.value(point) - slope * point) <= least + 0x1p-40 * (1 + least.magnitude)
    }
    guard interval.lowerBound < interval.upperBound else { return tangent }
    if minimum(sign: sign, slope: tangent, on: interval).bound >= atCenter - sign * tangent * center - 0x1p-40 * (1 + atCenter.magnitude) {
      return tangent
    }
    var (left, right) = (interval.lowerBound, interval.upperBound)
    var slope = tangent
    for _ in 0..<12 {
      slope = (activation.value(right) - activation.value(left)) / (right - left)
      let support = minimum(sign: sign, slope: slope, on: interval)
      if !(support.point > left && support.point < right) || isSupported(slope, by: left, support.bound) { break }
      if support.point <= center { left = support.point } else { right = support.point }
    }
    return slope.isFinite ? slope : 0
  }
}
