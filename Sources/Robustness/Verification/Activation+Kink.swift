import Networks

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
