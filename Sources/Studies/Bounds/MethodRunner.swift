import Certificates
import CommandLineSupport
import Lipschitz
import Reports

/// Runs methods one after the other on one problem.
public struct MethodRunner {
  /// Seconds that methods may take.
  public enum TimeLimit: Sendable, Equatable {
    /// As many as they want.
    case none
    /// So many for all of them together.
    case together(Double)
    /// So many for each.
    case each(Double)
  }

  /// Who wants to know what happens meanwhile; called on the running thread.
  public struct Observer {
    /// A method starts.
    public var starts: (String) -> Void = { _ in }
    /// A method reports where it is.
    public var progresses: (String, LipschitzEstimate.Progress) -> Void = { _, _ in }
    /// A method ended.
    public var ends: (MethodOutcome) -> Void = { _ in }

    /// One that does nothing yet.
    public init() {}
  }

  /// The part of a common time limit that the search for attained gains may take before the upper bounds have their turn.
  private static let attainedShare = 0.2

  private let problem: LipschitzProblem
  private let budget: Budget
  private let timeLimit: TimeLimit
  private let settings: EstimatorSettings
  private let observer: Observer

  /// A runner.
  ///
  /// - Parameters:
  ///   - problem: what is bounded.
  ///   - budget: tolerance, memory, seed and cancellation; its time limit is replaced.
  ///   - timeLimit: for all methods together or for each.
  ///   - settings: choices of single methods.
  ///   - observer: who is told what happens.
  public init(
    problem: LipschitzProblem, budget: Budget, timeLimit: TimeLimit = .none, settings: EstimatorSettings = EstimatorSettings(),
    observer: Observer = Observer()
  ) {
    (self.problem, self.budget, self.timeLimit, self.settings, self.observer) = (problem, budget, timeLimit, settings, observer)
  }

  /// The outcomes, in the order of `names`, and the product bound after them when nothing else was certified.
  ///
  /// The attained gain is searched for first: it is cheap and puts every upper bound into proportion, also when a long run is interrupted.
  /// Methods that need little come next, so that slower ones cannot take their time; semidefinite programs come last: they reach what `lifted`
  /// reaches, and take much longer.
  public func run(_ names: [String]) -> [MethodOutcome] {
    let began = ContinuousClock.now
    var outcomes: [String: MethodOutcome] = [:]
    func turn(_ name: String) -> Int {
      switch name {
      case "attained": 0
      case "product", "lip-lt", "closed-form", "lifted": 1
      default: name.hasPrefix("lipsdp") ? 3 : 2
      }
    }
    for name in (0...3).flatMap({ own in names.filter { turn($0) == own } }) {
      let remaining: Double? =
        switch timeLimit {
        case .none: nil
        case .together(let seconds): seconds - began.duration(to: .now) / .seconds(1)
        case .each(let seconds): seconds
        }
      let isOverTime = remaining.map { $0 <= 0 } ?? false
      if name != "attained", budget.isCancelled() || (isOverTime && outcomes.values.contains(where: \.estimate.isCertified)) {
        outcomes[name] = skipped(name)
      } else {
        var share = 1.0
        if case .together = timeLimit, name == "attained", names.count > 1 { share = Self.attainedShare }
        outcomes[name] = run(name, timeLimit: remaining.map { max(0.01, $0 * share) })
      }
    }
    return names.compactMap { outcomes[$0] } + fallback(names, outcomes)
  }

  /// The product of norms, when upper bounds were wanted and none of them could be proved: a loose certified answer is better than none.
  private func fallback(_ names: [String], _ outcomes: [String: MethodOutcome]) -> [MethodOutcome] {
    guard names != ["attained"], !names.contains("product"), !outcomes.values.contains(where: \.estimate.isCertified) else { return [] }
    guard var outcome = run("product", timeLimit: nil) else { return [] }
    let reason = "added because no other method proved an upper bound"
    outcome.estimate.note = outcome.estimate.note.map { "\($0); \(reason)" } ?? reason
    return [outcome]
  }

  private func skipped(_ name: String) -> MethodOutcome {
    var estimate = LipschitzEstimate(method: name)
    estimate.stopReason = budget.isCancelled() ? .cancelled : .timeLimit
    estimate.note = "not started"
    return MethodOutcome(estimate: estimate, peakMemory: PeakMemory.bytes)
  }

  private func run(_ name: String, timeLimit: Double?) -> MethodOutcome? {
    guard let estimator = Estimators.named(name, settings: settings) else { return nil }
    var budget = budget
    budget.timeLimit = timeLimit
    PeakMemory.reset()
    observer.starts(name)
    let estimate = estimator.outcome(problem, budget: budget) { observer.progresses(name, $0) }
    let outcome = MethodOutcome(estimate: estimate, peakMemory: PeakMemory.bytes)
    observer.ends(outcome)
    return outcome
  }
}
