import Certificates
import LinearAlgebra
import Networks

extension Activation {
  /// Bounds of φ(z) − s z for all z of an interval, in real arithmetic.
  ///
  /// The interval is cut where φ is known to change its slope, and finely where φ is curved. On a part [a, b] of width w on which the slopes of
  /// g(z) = φ(z) − s z lie in [m, M],
  ///
  ///     g(z) ≤ max(g(a), g(b))                        when 0 ∉ (m, M),
  ///     g(z) ≤ min(g(a) + M w, g(b) − m w)            always,
  ///
  /// and likewise from below. The ends are values of ``image(of:)``, the slopes those of ``sector(on:)``, everything rounded outwards. For
  /// piecewise linear functions the range is exact up to rounding; for curved ones it is too wide by at most the change of the slope on a part
  /// times its width.
  func range(of interval: ClosedRange<Double>, minusSlope s: Double) -> ClosedRange<Double> {
    let knots = cuts(interval)
    var (lower, upper) = (Double.infinity, -Double.infinity)
    func include(_ range: ClosedRange<Double>) { (lower, upper) = (min(lower, range.lowerBound), max(upper, range.upperBound)) }
    let values = knots.map { value(at: $0, minusSlope: s) }
    // Not a number must not be lost in a minimum.
    guard !values.contains(where: { $0.lowerBound.isNaN || $0.upperBound.isNaN }) else { return -.infinity ... .infinity }
    values.forEach(include)
    for (k, (a, b)) in zip(knots, knots.dropFirst()).enumerated() {
      let sector = sector(on: a...b)
      let (m, M) = (ErrorBounds.subtractDown(sector.lower, s), ErrorBounds.subtractUp(sector.upper, s))
      // A single slope is a straight line.
      guard sector.lower != sector.upper, m < 0, M > 0 else { continue }
      let w = ErrorBounds.subtractUp(b, a)
      let (rise, fall) = (ErrorBounds.multiplyUp(M, w), ErrorBounds.multiplyUp(-m, w))
      upper = max(upper, min(ErrorBounds.addUp(values[k].upperBound, rise), ErrorBounds.addUp(values[k + 1].upperBound, fall)))
      lower = min(
        lower, max(ErrorBounds.subtractDown(values[k].lowerBound, fall), ErrorBounds.subtractDown(values[k + 1].lowerBound, rise)))
    }
    return lower <= upper ? lower...upper : -.infinity ... .infinity
  }

  /// Where φ is not differentiable, or its slope jumps, as exact doubles.
  private var kinks: [Double] {
    switch self {
    case .relu, .absoluteValue, .leakyReLU, .elu: [0]
    case .clip(let lower, let upper): [lower, upper]
    case .hardSigmoid(let slope, let offset): slope == 0 ? [] : [-offset / slope, (1 - offset) / slope].sorted()
    case .hardSwish: [-3, 3]
    case .tanh, .sigmoid, .softplus, .gelu, .geluTanh, .silu, .mish: []
    }
  }

  /// Whether φ consists of straight pieces.
  var isPiecewiseLinear: Bool {
    switch self {
    case .relu, .absoluteValue, .leakyReLU, .clip, .hardSigmoid: true
    case .tanh, .sigmoid, .elu, .softplus, .gelu, .geluTanh, .silu, .mish, .hardSwish: false
    }
  }

  /// The kinks strictly inside an interval.
  func kinks(in interval: ClosedRange<Double>) -> [Double] { kinks.filter { interval.lowerBound < $0 && $0 < interval.upperBound } }

  /// The ends, the kinks inside, and equidistant points where φ is curved.
  private func cuts(_ interval: ClosedRange<Double>) -> [Double] {
    let (a, b) = (interval.lowerBound, interval.upperBound)
    var points = [a] + kinks(in: interval) + [b]
    if !isPiecewiseLinear {
      let parts = 24
      points += (1..<parts).map { a + (b - a) * (Double($0) / Double(parts)) }.filter { a < $0 && $0 < b }
      points.sort()
    }
    return points
  }

  private func value(at z: Double, minusSlope s: Double) -> ClosedRange<Double> {
    // Zero is exact wherever φ is, and so is the identity's side of a rectifier.
    switch self {
    case .relu where z <= 0 || s == 1: return exact(z <= 0 ? -s : 0, z)
    case .absoluteValue where z == 0 || (s == 1 && z > 0) || (s == -1 && z < 0): return 0...0
    case .leakyReLU(let slope) where z == 0 || (s == 1 && z > 0) || (s == slope && z < 0): return 0...0
    default:
      let image = image(of: z...z)
      return ErrorBounds.subtractDown(
        image.lowerBound, ErrorBounds.multiplyUp(s, z))...ErrorBounds.subtractUp(
          image.upperBound, ErrorBounds.multiplyDown(s, z))
    }
  }

  /// a z, without rounding where it is zero.
  private func exact(_ a: Double, _ z: Double) -> ClosedRange<Double> {
    a == 0 || z == 0 ? 0...0 : ErrorBounds.multiplyDown(a, z)...ErrorBounds.multiplyUp(a, z)
  }

  /// The slopes s for which bounds of φ(z) − s z make a tight relaxation on an interval: those of the pieces and of the chord, for curved
  /// functions those at the ends and in the middle; never zero, which bounds of φ itself are for.
  func relaxationSlopes(on interval: ClosedRange<Double>) -> [Double] {
    let (a, b) = (interval.lowerBound, interval.upperBound)
    let chord = b > a ? (value(b) - value(a)) / (b - a) : derivative(a)
    var slopes: [Double]
    switch self {
    case .relu: slopes = [1, chord]
    case .absoluteValue: slopes = [-1, 1, chord]
    case .leakyReLU(let slope): slopes = [slope, 1, chord]
    case .clip(let lower, let upper): slopes = [1] + flankSlopes(a, b, lower, upper)
    case .hardSigmoid(let slope, _): slopes = [slope] + (kinks.count == 2 ? flankSlopes(a, b, kinks[0], kinks[1]) : [])
    default: slopes = [chord, derivative(a), derivative(b), derivative(0.5 * a + 0.5 * b)]
    }
    var result: [Double] = []
    for slope in slopes where slope.magnitude > 1e-12 && slope.isFinite && !result.contains(slope) { result.append(slope) }
    return result
  }

  /// From the left end to the upper kink, and from the lower kink to the right end.
  private func flankSlopes(_ a: Double, _ b: Double, _ lower: Double, _ upper: Double) -> [Double] {
    func slope(_ x: Double, _ y: Double) -> Double { y > x ? (value(y) - value(x)) / (y - x) : 0 }
    return [slope(a, min(b, upper)), slope(max(a, lower), b)]
  }
}
