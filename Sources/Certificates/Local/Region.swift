import LinearAlgebra

/// The inputs that a statement is about: all pairs x, x′ within it.
public enum Region: Codable, Sendable, Equatable, CustomStringConvertible {
  /// All inputs.
  case global
  /// The inputs with |x − center|₂ ≤ radius.
  case ball(center: [Double], radius: Double)
  /// The inputs with lowerᵢ ≤ xᵢ ≤ upperᵢ; a ball of the norm l_∞ is one.
  case box(lower: [Double], upper: [Double])

  private enum Keys: String, CodingKey { case ball, box }
  private enum BallKeys: String, CodingKey { case center, radius }
  private enum BoxKeys: String, CodingKey { case lower, upper }

  /// Reads `"global"`, `{"ball": {"center": […], "radius": r}}` or `{"box": {"lower": […], "upper": […]}}`.
  ///
  /// - Throws: `DecodingError` for anything else.
  public init(from decoder: any Decoder) throws {
    if let container = try? decoder.singleValueContainer(), let name = try? container.decode(String.self) {
      guard name == "global" else {
        throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "the region '\(name)' is not known"))
      }
      self = .global
      return
    }
    let container = try decoder.container(keyedBy: Keys.self)
    if container.contains(.box) {
      let box = try container.nestedContainer(keyedBy: BoxKeys.self, forKey: .box)
      self = .box(lower: try box.decode([Double].self, forKey: .lower), upper: try box.decode([Double].self, forKey: .upper))
    } else {
      let ball = try container.nestedContainer(keyedBy: BallKeys.self, forKey: .ball)
      self = .ball(center: try ball.decode([Double].self, forKey: .center), radius: try ball.decode(Double.self, forKey: .radius))
    }
  }

  /// Writes the form that ``init(from:)`` reads.
  public func encode(to encoder: any Encoder) throws {
    switch self {
    case .global:
      var container = encoder.singleValueContainer()
      try container.encode("global")
    case .ball(let center, let radius):
      var container = encoder.container(keyedBy: Keys.self)
      var ball = container.nestedContainer(keyedBy: BallKeys.self, forKey: .ball)
      try ball.encode(center, forKey: .center)
      try ball.encode(radius, forKey: .radius)
    case .box(let lower, let upper):
      var container = encoder.container(keyedBy: Keys.self)
      var box = container.nestedContainer(keyedBy: BoxKeys.self, forKey: .box)
      try box.encode(lower, forKey: .lower)
      try box.encode(upper, forKey: .upper)
    }
  }

  /// One line for people.
  public var description: String {
    switch self {
    case .global: "all inputs"
    case .ball(let center, let radius): "the ball of radius \(radius) around a point with \(center.count) coordinates"
    case .box(let lower, _): "a box of \(lower.count) coordinates"
    }
  }

  /// Whether it is about vectors of `count` coordinates, finite and of positive size.
  public func fits(inputCount count: Int) -> Bool {
    switch self {
    case .global: true
    case .ball(let center, let radius):
      center.count == count && center.allSatisfy { $0.magnitude <= NumberRange.largestCoefficient } && radius > 0
        && radius <= NumberRange.largestCoefficient
    case .box(let lower, let upper):
      lower.count == count && upper.count == count
        && zip(lower, upper).allSatisfy {
          $0 <= $1 && $0.magnitude <= NumberRange.largestCoefficient && $1.magnitude <= NumberRange.largestCoefficient
        }
    }
  }

  /// The ball of one of the norms l₂ and l_∞ around a point, or more: the sides of a box are rounded outwards.
  ///
  /// - Parameters:
  ///   - center: the point.
  ///   - radius: the distance, in `norm`.
  ///   - norm: l₂ gives a ball, l_∞ a box.
  ///   - domain: the values that an input can have at all, a box is cut to it; it is ignored for l₂.
  /// - Precondition: `norm` is not l₁.
  public static func around(_ center: [Double], radius: Double, norm: InputNorm, domain: ClosedRange<Double>? = nil) -> Region {
    precondition(norm != .l1, "there are no regions in the norm l₁")
    guard norm == .lInfinity else { return .ball(center: center, radius: radius) }
    let lower = center.map { max(ErrorBounds.subtractDown($0, radius), min($0, domain?.lowerBound ?? -.infinity)) }
    let upper = center.map { min(ErrorBounds.addUp($0, radius), max($0, domain?.upperBound ?? .infinity)) }
    return .box(lower: lower, upper: upper)
  }

  /// An interval for every coordinate of the region's inputs, rounded outwards; `nil` when they are not bounded.
  public var coordinateBounds: (lower: [Double], upper: [Double])? {
    switch self {
    case .global: nil
    case .ball(let center, let radius):
      (center.map { ErrorBounds.subtractDown($0, radius) }, center.map { ErrorBounds.addUp($0, radius) })
    case .box(let lower, let upper): (lower, upper)
    }
  }

  /// A point in the middle, about; empty for all inputs.
  public var center: [Double] {
    switch self {
    case .global: []
    case .ball(let center, _): center
    case .box(let lower, let upper): zip(lower, upper).map { 0.5 * $0 + 0.5 * $1 }
    }
  }

  /// Whether it is plain that every input of this region is one of `other`: balls with the same centre, or a region whose box lies in a box.
  public func isContained(in other: Region) -> Bool {
    switch (self, other) {
    case (_, .global): true
    case (.ball(let center, let radius), .ball(let otherCenter, let otherRadius)): center == otherCenter && radius <= otherRadius
    case (_, .box(let outerLower, let outerUpper)):
      coordinateBounds.map { lower, upper in
        lower.count == outerLower.count && zip(lower, outerLower).allSatisfy { $0 >= $1 } && zip(upper, outerUpper).allSatisfy { $0 <= $1 }
      } ?? false
    default: false
    }
  }
}
