import Networks

extension Activation {
  /// Where φ is not differentiable, or its slope jumps, as exact doubles.
  var kinks: [Double] {
    switch self {
    case .relu, .absoluteValue, .leakyReLU, .elu: [0]
    case .clip(let lower, let upper): [lower, upper]
    case .hardSigmoid(let slope, let offset): slope == 0 ? [] : [-offset / slope, (1 - offset) / slope].sorted()
    case .hardSwish: [-3, 3]
    case .tanh, .sigmoid, .softplus, .gelu, .geluTanh, .silu, .mish: []
    }
  }

  /// The kinks strictly inside an interval.
  func kinks(in interval: ClosedRange<Double>) -> [Double] { kinks.filter { interval.lowerBound < $0 && $0 < interval.upperBound } }

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
