import Certificates

/// Why a method does not apply to a problem.
public struct NotApplicable: Error, CustomStringConvertible {
  private let reason: String

  /// A reason, for people to read.
  public init(_ reason: String) { self.reason = reason }

  /// The reason.
  public var description: String { reason }

  /// Runs the part of a method that finds out whether it applies: what it cannot treat is no failed proof.
  ///
  /// - Throws: ``NotApplicable`` in place of `NotProved`, other errors as they are.
  static func wording<Result>(_ body: () throws -> Result) throws -> Result {
    do { return try body() } catch let error as NotProved { throw NotApplicable(error.description) }
  }
}

extension LipschitzEstimate {
  /// An estimate without a bound; its note says why: "not applicable: ...", "not proved: ...".
  public init(method: String, failure: any Error, seconds: Double = 0) {
    self.init(method: method)
    self.seconds = seconds
    note =
      switch failure {
      case let failure as NotApplicable: "not applicable: \(failure)"
      case let failure as NotProved: "not proved: \(failure)"
      default: "\(failure)"
      }
  }
}

extension LipschitzEstimator {
  /// Estimates within a budget; where the method does not apply or fails, the estimate's note says so.
  ///
  /// - Parameters:
  ///   - problem: the network, norms and outputs.
  ///   - budget: limits, tolerance and cancellation.
  ///   - progress: called now and then, on the calling thread.
  public func outcome(
    _ problem: LipschitzProblem, budget: Budget = Budget(), progress: (LipschitzEstimate.Progress) -> Void = { _ in }
  ) -> LipschitzEstimate {
    let clock = budget.start()
    do {
      guard problem.region == .global || takesRegions else {
        throw NotApplicable("the method bounds over all inputs, not over a region")
      }
      return try estimate(problem, budget: budget, progress: progress)
    } catch {
      return LipschitzEstimate(method: name, failure: error, seconds: clock.seconds)
    }
  }
}
