import CommandLineSupport
import Lipschitz

/// What one method found, and the memory it took.
public struct MethodOutcome: Sendable {
  /// The result.
  public var estimate: LipschitzEstimate
  /// Bytes held at most while it ran.
  public var peakMemory: Int

  /// Collects the parts.
  public init(estimate: LipschitzEstimate, peakMemory: Int) {
    (self.estimate, self.peakMemory) = (estimate, peakMemory)
  }

  /// Whether the method bounds from above at all.
  var hasVerdict: Bool { estimate.method != "attained" }

  /// "yes", "no", or "-" where nothing was to be proved.
  var certified: String { !hasVerdict ? "-" : estimate.isCertified ? "yes" : "no" }

  /// The upper bound, rounded up.
  func upper(digits: Int) -> String { estimate.upper.map { DecimalBound.up($0, digits: digits) } ?? "-" }

  /// The lower bound, rounded down.
  func lower(digits: Int) -> String { estimate.lower.map { DecimalBound.down($0, digits: digits) } ?? "-" }

  /// The relative gap, rounded up.
  var gap: String { estimate.gap.map { DecimalBound.up(max(0, $0), digits: 2) } ?? "-" }

  /// The upper bound over another number, or `nil`.
  func ratio(to other: Double?) -> Double? {
    guard let upper = estimate.upper, let other, other > 0 else { return nil }
    return upper == other ? 1 : (upper / other).nextUp
  }
}

extension LipschitzEstimate.StopReason {
  /// The reason in words.
  public var words: String {
    switch self {
    case .finished: "finished"
    case .tolerance: "tolerance met"
    case .iterationLimit: "iteration limit"
    case .timeLimit: "time limit"
    case .cancelled: "interrupted"
    case .stalled: "no more progress"
    }
  }
}
