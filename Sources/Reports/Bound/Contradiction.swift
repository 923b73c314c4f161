import CommandLineSupport
import Lipschitz

/// A gain that the network attains above a bound that was certified: one of the two is wrong, and nothing of the run may be relied on.
public struct Contradiction: Error, CustomStringConvertible, Equatable {
  /// The model's path.
  public var model: String
  /// The methods whose certified bounds lie below the attained gain, with these bounds.
  public var bounds: [(method: String, bound: Double)]
  /// The gain attained.
  public var attained: Double

  /// What happened, and what to do about it.
  public var description: String {
    let words = bounds.map { "\($0.method) certifies \(DecimalBound.up($0.bound, digits: 17))" }.joined(separator: ", ")
    return """
      \(model): STOP: \(words), but a gain of \(DecimalBound.down(attained, digits: 17)) is attained. One of them is wrong, so no number of \
      this run may be used and nothing was kept. Please report the model, the command and this line.
      """
  }

  /// Whether two say the same.
  public static func == (a: Self, b: Self) -> Bool { a.description == b.description }
}

extension BoundReport {
  /// Compares every certified bound with the attained gain, which is stated with a margin far above the rounding errors of its evaluation.
  ///
  /// - Throws: ``Contradiction``.
  public func requireConsistency() throws {
    guard let attained else { return }
    let below = estimates.compactMap { estimate -> (method: String, bound: Double)? in
      guard estimate.isCertified, let upper = estimate.upper, !(upper >= attained) else { return nil }
      return (estimate.method, upper)
    }
    guard below.isEmpty else { throw Contradiction(model: model.path, bounds: below, attained: attained) }
  }
}
