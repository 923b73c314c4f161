import Certificates
import CommandLineSupport
import Lipschitz
import Logging
import Reports

/// Runs methods one after the other within one budget.
struct MethodRunner {
  /// The part of the time limit that the search for attained gains may take before the upper bounds have their turn.
  private static let attainedShare = 0.2

  let problem: LipschitzProblem
  let budget: Budget
  let timeLimit: Double?
  let settings: EstimatorSettings
  let showsProgress: Bool
  let log: Logger

  /// The outcomes, in the order of `names`, and the product bound after them when nothing else was certified.
  ///
  /// The attained gain is searched for first: it is cheap and puts every upper bound into proportion, also when a long run is interrupted.
  /// Semidefinite programs come last: they reach what `lifted` reaches, and take much longer.
  func run(_ names: [String]) -> [MethodOutcome] {
    let began = ContinuousClock.now
    var outcomes: [String: MethodOutcome] = [:]
    func turn(_ name: String) -> Int { name == "attained" ? 0 : name.hasPrefix("lipsdp") ? 2 : 1 }
    for name in (0...2).flatMap({ own in names.filter { turn($0) == own } }) {
      let remaining = timeLimit.map { $0 - began.duration(to: .now) / .seconds(1) }
      let isOverTime = remaining.map { $0 <= 0 } ?? false
      if name != "attained", Interruption.isRequested || (isOverTime && outcomes.values.contains(where: \.estimate.isCertified)) {
        outcomes[name] = skipped(name)
      } else {
        let share = name == "attained" && names.count > 1 ? Self.attainedShare : 1
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
    estimate.stopReason = Interruption.isRequested ? .cancelled : .timeLimit
    estimate.note = "not started"
    return MethodOutcome(estimate: estimate, peakMemory: PeakMemory.bytes)
  }

  private func run(_ name: String, timeLimit: Double?) -> MethodOutcome? {
    guard let estimator = Estimators.named(name, settings: settings) else { return nil }
    var budget = budget
    budget.timeLimit = timeLimit
    PeakMemory.reset()
    log.debug("\(name) starts")
    if showsProgress { Console.shared.draw { "\(name)  starting" } }
    var estimate: LipschitzEstimate
    var stage = -1
    do {
      estimate = try estimator.estimate(problem, budget: budget) { moment in
        if let proof = moment.proof, proof.stage != stage {
          stage = proof.stage
          log.debug("\(name)  \(proof.words)")
        }
        if showsProgress { Console.shared.draw { Self.line(name, moment) } }
      }
    } catch {
      estimate = LipschitzEstimate(method: name)
      estimate.note = "\(error)"
      log.debug("\(name) failed: \(error)")
    }
    Console.shared.eraseProgress()
    log.debug("\(name) took \(Quantity.seconds(estimate.seconds)) s and stopped: \(estimate.stopReason.rawValue)")
    return MethodOutcome(estimate: estimate, peakMemory: PeakMemory.bytes)
  }

  private static func line(_ name: String, _ moment: LipschitzEstimate.Progress) -> String {
    var parts = ["\(name)  iteration \(Quantity.count(moment.iteration))", "lower \(DecimalBound.down(moment.lower, digits: 6))"]
    if let upper = moment.upper {
      parts.append("upper \(DecimalBound.up(upper, digits: 6))")
      if upper > 0 { parts.append("gap \(DecimalBound.up((upper - moment.lower) / upper, digits: 2))") }
    } else if name != "attained" {
      parts.append("upper -")
    }
    if let proof = moment.proof { parts.append(proof.words) }
    parts.append("\(Quantity.seconds(moment.seconds)) s")
    if Interruption.isRequested { parts.append("stopping; Ctrl-C again ends at once") }
    return parts.joined(separator: "  ")
  }
}
