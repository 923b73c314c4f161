/// How much an estimator may spend and when it is good enough.
public struct Budget: Sendable {
  /// The relative gap (upper − lower) / upper at which an anytime method stops.
  public var tolerance: Double
  /// Seconds an estimator may take, measured from when it starts.
  public var timeLimit: Double?
  /// The most iterations of a method's main loop.
  public var iterationLimit: Int?
  /// Bytes of memory a proof may take; larger ones are refused before they start.
  public var memoryLimit = 8 << 30
  /// The seed of every random choice.
  public var seed: UInt64
  /// Asked often; when it says true the method returns the best it has.
  public var isCancelled: @Sendable () -> Bool = { false }

  /// A budget: tolerance 10⁻³ and no time limit unless others are given.
  public init(tolerance: Double = 1e-3, timeLimit: Double? = nil, seed: UInt64 = 0) {
    (self.tolerance, self.timeLimit, self.seed) = (tolerance, timeLimit, seed)
  }

  /// A clock that starts now and knows the limits.
  package func start() -> Stopwatch { Stopwatch(budget: self) }
}

/// Time spent against a budget.
package struct Stopwatch {
  private let began = ContinuousClock.now
  private let budget: Budget

  package init(budget: Budget) { self.budget = budget }

  /// Seconds since the start.
  package var seconds: Double {
    let elapsed = began.duration(to: .now).components
    return Double(elapsed.seconds) + Double(elapsed.attoseconds) * 1e-18
  }

  /// Whether the time limit has passed.
  package var isOverTime: Bool { budget.timeLimit.map { seconds >= $0 } ?? false }

  /// Seconds left before the time limit; infinite when there is none.
  package var remaining: Double { budget.timeLimit.map { $0 - seconds } ?? .infinity }

  /// Whether to stop now: cancelled or over time.
  package var mustStop: Bool { budget.isCancelled() || isOverTime }

  /// Why ``mustStop`` is true.
  package var reason: LipschitzEstimate.StopReason { budget.isCancelled() ? .cancelled : .timeLimit }
}
