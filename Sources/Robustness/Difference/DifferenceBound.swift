/// Certified bounds of a(x) − b(x), output by output, for all x of a region.
public struct DifferenceBound: Sendable, Equatable {
  /// Lower bounds of aᵢ(x) − bᵢ(x), one for each output.
  public let lower: [Double]
  /// Upper bounds.
  public let upper: [Double]
  /// What proved the largest of them: `increments` or `propagation`; see ``DifferenceProblem``.
  public let method: String
  /// Seconds that it took.
  public let seconds: Double

  /// The largest |aᵢ(x) − bᵢ(x)| that is possible, over all outputs.
  public var largest: Double { zip(lower, upper).reduce(0) { max($0, $1.0.magnitude, $1.1.magnitude) } }

  /// Collects the parts.
  public init(lower: [Double], upper: [Double], method: String, seconds: Double) {
    self.lower = lower
    self.upper = upper
    self.method = method
    self.seconds = seconds
  }
}
