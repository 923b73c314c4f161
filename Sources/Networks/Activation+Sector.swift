import Foundation

extension Activation {
  /// The slopes of the function between any two points: the range of its derivative over the reals, rounded outwards.
  ///
  /// The extrema of the smooth non-monotone functions were computed to 40 digits; each literal is the nearest `Double`, moved out by one
  /// unit in the last place. By the mean value theorem the range of the derivative holds every difference quotient.
  ///
  /// - Precondition: the parameters are finite, which ``Network/add(_:name:to:)`` has checked.
  public var globalSector: Sector {
    switch self {
    case .relu, .tanh, .softplus, .clip: Sector(0, 1)
    case .leakyReLU(let slope): Sector(min(1, slope), max(1, slope))
    case .sigmoid: Sector(0, 0.25)
    case .elu(let alpha): Sector(min(0, alpha), max(1, alpha))
    case .hardSigmoid(let slope, _): Sector(min(0, slope), max(0, slope))
    // At x = ∓√2.
    case .gelu: Sector((-0.128_904_145_185_154_786_340_7).nextDown, 1.128_904_145_185_154_786_340_7.nextUp)
    // At x = ∓1.418504008790828…
    case .geluTanh: Sector((-0.128_993_068_658_771_765_455_9).nextDown, 1.128_993_068_658_771_765_455_9.nextUp)
    // At x = ∓2.399357280515467…
    case .silu: Sector((-0.099_839_320_128_866_916_958_18).nextDown, 1.099_839_320_128_866_916_958_2.nextUp)
    // At x = −2.256376396360793… and 1.490571179485428…
    case .mish: Sector((-0.112_526_122_389_462_556_407_3).nextDown, 1.088_498_161_251_727_861_228_3.nextUp)
    case .hardSwish: Sector(-0.5, 1.5)
    case .absoluteValue: Sector(-1, 1)
    }
  }

  /// The slopes of the function between any two points of an interval: the range of its derivative there, rounded outwards.
  ///
  /// Piecewise linear functions, and the linear pieces of others, exactly; for smooth ones the derivative at the ends and at the stationary
  /// points of the derivative inside, widened by 2⁻⁴⁵ (times |α| for ELU), far above the error of the elementary functions, and cut to
  /// ``globalSector``. The interval may be unbounded.
  public func sector(on interval: ClosedRange<Double>) -> Sector {
    switch self {
    case .relu: return Self.piecewise(interval, [(-.infinity, 0, 0), (0, .infinity, 1)])
    case .absoluteValue: return Self.piecewise(interval, [(-.infinity, 0, -1), (0, .infinity, 1)])
    case .leakyReLU(let slope): return Self.piecewise(interval, [(-.infinity, 0, slope), (0, .infinity, 1)])
    case .clip(let lower, let upper):
      return Self.piecewise(interval, [(-.infinity, lower, 0), (lower, upper, 1), (upper, .infinity, 0)])
    case .hardSigmoid(let slope, let offset):
      if slope == 0 { return Sector(0, 0) }
      // Each end carries at most two roundings; two units outwards cover them.
      let (a, b) = (-offset / slope, (1 - offset) / slope)
      let (low, high) = (min(a, b), max(a, b))
      return Self.piecewise(
        interval,
        [(-.infinity, low.nextUp.nextUp, 0), (low.nextDown.nextDown, high.nextUp.nextUp, slope), (high.nextDown.nextDown, .infinity, 0)])
    case .tanh, .sigmoid: return smooth(interval, stationary: [0])
    case .softplus: return smooth(interval, stationary: [])
    case .elu(let alpha):
      if interval.lowerBound >= 0, interval.upperBound > 0 { return Sector(1, 1) }
      var slopes: [Double] = []
      if interval.lowerBound <= 0 { slopes += [alpha * exp(interval.lowerBound), alpha * exp(min(0, interval.upperBound))] }
      // Between points that are not positive the slope 1 does not occur; a point alone sees both sides.
      if interval.upperBound > 0 || interval.lowerBound == 0 { slopes.append(1) }
      return widened(slopes, by: max(1, alpha.magnitude) * 0x1p-45)
    case .hardSwish:
      if interval.lowerBound >= 3, interval.upperBound > 3 { return Sector(1, 1) }
      if interval.upperBound <= -3, interval.lowerBound < -3 { return Sector(0, 0) }
      var slopes: [Double] = []
      if interval.lowerBound <= -3 { slopes.append(0) }
      if interval.upperBound >= 3 { slopes.append(1) }
      if interval.lowerBound <= 3, interval.upperBound >= -3 {
        slopes += [max(-3, interval.lowerBound) / 3 + 0.5, min(3, interval.upperBound) / 3 + 0.5]
      }
      return widened(slopes, by: 0x1p-45)
    case .gelu: return smooth(interval, stationary: [-1.414_213_562_373_095, 1.414_213_562_373_095])
    case .geluTanh: return smooth(interval, stationary: [-1.418_504_008_790_828, 1.418_504_008_790_828])
    case .silu: return smooth(interval, stationary: [-2.399_357_280_515_467, 2.399_357_280_515_467])
    case .mish: return smooth(interval, stationary: [-2.256_376_396_360_793, 1.490_571_179_485_428])
    }
  }

  /// The range of the slopes of the pieces (lower, upper, slope) that an interval meets.
  private static func piecewise(_ interval: ClosedRange<Double>, _ pieces: [(Double, Double, Double)]) -> Sector {
    let isPoint = interval.lowerBound == interval.upperBound
    let slopes = pieces.filter { lower, upper, _ in
      // An end that only touches a piece does not see its slope, except when the interval is that point.
      isPoint
        ? lower <= interval.upperBound && upper >= interval.lowerBound : lower < interval.upperBound && upper > interval.lowerBound
    }.map(\.2)
    return Sector(slopes.min() ?? 0, slopes.max() ?? 0)
  }

  /// The range of a smooth function's derivative, given where the derivative is stationary (to 15 digits).
  private func smooth(_ interval: ClosedRange<Double>, stationary: [Double]) -> Sector {
    var slopes = [slope(atEnd: interval.lowerBound), slope(atEnd: interval.upperBound)]
    // The derivative is flat there: a point 1e-12 away differs by less than the widening.
    for point in stationary where point >= interval.lowerBound - 1e-12 && point <= interval.upperBound + 1e-12 {
      slopes.append(derivative(point))
    }
    return widened(slopes, by: 0x1p-45)
  }

  /// φ′ at an end of an interval; at an infinite one its limit there.
  private func slope(atEnd x: Double) -> Double {
    if x.isFinite { return derivative(x) }
    switch self {
    case .tanh, .sigmoid: return 0
    case .softplus, .gelu, .geluTanh, .silu, .mish: return x > 0 ? 1 : 0
    case .relu, .leakyReLU, .elu, .clip, .hardSigmoid, .hardSwish, .absoluteValue: return derivative(x)
    }
  }

  private func widened(_ slopes: [Double], by margin: Double) -> Sector {
    let global = globalSector
    let lower = max(global.lower, ((slopes.min() ?? global.lower) - margin).nextDown)
    let upper = min(global.upper, ((slopes.max() ?? global.upper) + margin).nextUp)
    return Sector(lower, max(lower, upper))
  }
}
