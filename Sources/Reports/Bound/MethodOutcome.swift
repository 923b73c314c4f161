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

  /// Whether it was to bound from above and gave no bound.
  var isWithoutBound: Bool { hasVerdict && estimate.upper == nil }

  /// Whether the method ran at all; one that was left out took no time.
  var isStarted: Bool { !isWithoutBound || estimate.seconds > 0 }

  /// Why there is no upper bound, or `nil` when there is one or none was wanted: "not applicable: ...", "not attempted: ...".
  public var absence: String? {
    guard isWithoutBound else { return nil }
    let reason = estimate.note ?? estimate.stopReason.words
    return reason.hasPrefix("not ") || reason.hasPrefix("no ") ? reason : "no bound: \(reason)"
  }

  /// "yes", "no", or "-" where nothing was to be proved or nothing was found that could be.
  var certified: String { !hasVerdict || isWithoutBound ? "-" : estimate.isCertified ? "yes" : "no" }

  /// What there is to say in a table besides the numbers: why there is no bound, or the method's note and its effort.
  var remark: String {
    if let absence { return absence }
    let effort = [
      estimate.iterations == 0 ? nil : Quantity.counted(estimate.iterations, "iteration"), estimate.rank.map { "rank \($0)" },
    ]
    return ([estimate.note] + effort).compactMap { $0 }.joined(separator: "; ")
  }

  /// How the method ended, or "no bound".
  var ending: String { isWithoutBound ? "no bound" : estimate.stopReason.words }

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
