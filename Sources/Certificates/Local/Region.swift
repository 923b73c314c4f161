/// The inputs that a statement is about: all pairs x, x′ within it.
public enum Region: Codable, Sendable, Equatable, CustomStringConvertible {
  /// All inputs.
  case global
  /// The inputs with |x − center|₂ ≤ radius.
  case ball(center: [Double], radius: Double)

  private enum Keys: String, CodingKey { case ball }
  private enum BallKeys: String, CodingKey { case center, radius }

  /// Reads `"global"` or `{"ball": {"center": […], "radius": r}}`.
  public init(from decoder: any Decoder) throws {
    if let container = try? decoder.singleValueContainer(), let name = try? container.decode(String.self) {
      guard name == "global" else {
        throw DecodingError.dataCorrupted(.init(codingPath: decoder.codingPath, debugDescription: "the region '\(name)' is not known"))
      }
      self = .global
    } else {
      let ball = try decoder.container(keyedBy: Keys.self).nestedContainer(keyedBy: BallKeys.self, forKey: .ball)
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
    }
  }

  /// One line for people.
  public var description: String {
    switch self {
    case .global: "all inputs"
    case .ball(let center, let radius): "the ball of radius \(radius) around a point with \(center.count) coordinates"
    }
  }

  /// Whether it is about vectors of `count` coordinates, finite and of positive size.
  public func fits(inputCount count: Int) -> Bool {
    switch self {
    case .global: true
    case .ball(let center, let radius):
      center.count == count && center.allSatisfy { $0.magnitude <= NumberRange.largestCoefficient } && radius > 0
        && radius <= NumberRange.largestCoefficient
    }
  }
}
