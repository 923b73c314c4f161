import Networks

/// Two lines that enclose an activation function on an interval: lower.slope y + lower.intercept ≤ φ(y) ≤ upper.slope y + upper.intercept.
public struct UnitRelaxation: Sendable, Equatable {
  /// A line s y + t.
  public struct Line: Sendable, Equatable {
    /// s.
    public var slope: Double
    /// t.
    public var intercept: Double
    /// About where it touches the function.
    public var contact: Double
  }

  /// Below φ.
  public let lower: Line
  /// Above φ.
  public let upper: Line

  /// The lines with given slopes; the intercepts are the best ones for them, rounded outwards.
  ///
  /// - Parameters:
  ///   - activation: φ.
  ///   - interval: where the lines enclose φ; finite.
  ///   - lowerSlope: any number; `nil` (or one that is not finite) for the slope that encloses least.
  ///   - upperSlope: the same for the upper line.
  public init(
    _ activation: Activation, on interval: ClosedRange<Double>, lowerSlope: Double? = nil, upperSlope: Double? = nil
  ) {
    self.init(ActivationShape(activation), on: interval, lowerSlope: lowerSlope, upperSlope: upperSlope)
  }

  /// Whether the function is more than one straight line on the interval, so that slopes matter.
  public static func isCurved(_ activation: Activation, on interval: ClosedRange<Double>) -> Bool {
    !ActivationShape(activation).isStraight(on: interval)
  }

  /// The same for an activation function whose shape is known.
  public init(_ shape: ActivationShape, on interval: ClosedRange<Double>, lowerSlope: Double? = nil, upperSlope: Double? = nil) {
    if case .relu = shape.activation, lowerSlope == nil, upperSlope == nil, interval.lowerBound >= 0 || interval.upperBound <= 0 {
      lower = Line(slope: interval.lowerBound >= 0 ? 1 : 0, intercept: 0, contact: interval.lowerBound)
      upper = lower
      return
    }
    func line(_ sign: Double, _ slope: Double?) -> Line {
      let slope = slope.flatMap { $0.isFinite ? $0 : nil } ?? shape.envelopeSlope(sign: sign, on: interval)
      let (bound, point) = shape.minimum(sign: sign, slope: slope, on: interval)
      return Line(slope: slope, intercept: sign * bound, contact: point)
    }
    lower = line(1, lowerSlope)
    upper = line(-1, upperSlope)
  }
}

extension LoweredNetwork.Units {
  /// The shapes of the units' functions.
  public var shapes: (Int) -> ActivationShape {
    if case .uniform(let activation) = self {
      let shape = ActivationShape(activation)
      return { _ in shape }
    }
    return { ActivationShape(activation(of: $0)) }
  }
}
