import Certificates
import LinearAlgebra
import Networks
import Synchronization

/// Certified bounds for many functions of one network's outputs, such as the margins of all pairs of classes.
///
/// What does not depend on the target is done once: merging linear maps, the triangular factor of a wide first map, the digest of the weights,
/// and one loose solve for all outputs together. Its end is the warm start of every target, and its multipliers, run through the recursion
/// from the input (`ForwardGain`), give every target multipliers of its own before its solve begins. The targets then run in parallel, each on
/// one thread; results do not depend on the number of threads.
public struct TargetEstimator: Sendable {
  /// What was found out about one target.
  public struct Result: Sendable {
    /// The function of the outputs.
    public let target: OutputSelection
    /// The method's answer, with its certificate.
    public let estimate: LipschitzEstimate
    /// The bound from the forward recursion with shared multipliers, computed in floating point; `nil` where it does not apply.
    public let forward: Double?
  }

  /// The tolerance of the solve for all outputs.
  private static let sharedTolerance = 0.02

  /// The method; ``LiftedEstimator`` shares its work between targets, others run once for each.
  public var method: any LipschitzEstimator

  /// Targets by a method.
  public init(method: any LipschitzEstimator = LiftedEstimator()) { self.method = method }

  /// Bounds every target.
  ///
  /// - Parameters:
  ///   - problem: the network and the norm of its input; its own selection of outputs does not matter.
  ///   - targets: the functions of the outputs.
  ///   - budget: the tolerance and limits of each target; the time limit is for all of them together.
  ///   - progress: called after each target with the number of those done, on any thread, one call at a time.
  /// - Returns: one result for each target, in order. A target whose estimate fails has a note that says why.
  /// - Throws: `NetworkError` when an output does not exist.
  public func estimate(
    _ problem: LipschitzProblem, targets: [OutputSelection], budget: Budget = Budget(),
    progress: @Sendable (_ done: Int, _ result: Result) -> Void = { _, _ in }
  ) throws -> [Result] {
    let clock = budget.start()
    let whole = try problem.selecting(.all).withDigest()
    let problems = try targets.map { try whole.selecting($0) }
    let shared = try sharedWork(whole, targetCount: targets.count, budget: budget)
    let results = Mutex<(done: Int, results: [Result?])>((0, Array(repeating: nil, count: targets.count)))
    let started = Atomic<Int>(0)
    ParallelFor.run(targets.count) { index in
      let first = started.wrappingAdd(1, ordering: .relaxed).oldValue
      var own = budget
      let share = Double(min(Threads.count, targets.count - first)) / Double(targets.count - first)
      own.timeLimit = budget.timeLimit.map { _ in max(0.001, clock.remaining * share) }
      let result = estimate(targets[index], problems[index], shared, own)
      results.withLock { results in
        results.results[index] = result
        results.done += 1
        progress(results.done, result)
      }
    }
    return results.withLock { $0.results.compactMap { $0 } }
  }

  private func estimate(_ target: OutputSelection, _ problem: LipschitzProblem, _ shared: SharedWork?, _ budget: Budget) -> Result {
    let clock = budget.start()
    let forward = shared?.forward?.bound(of: target)
    do {
      guard let lifted = method as? LiftedEstimator, let shared else {
        return Result(target: target, estimate: method.outcome(problem, budget: budget), forward: nil)
      }
      var own = lifted
      own.warmStart = shared.state ?? lifted.warmStart
      let solved = try SolverNetwork(problem, sharing: shared.solved)
      let estimate = try own.estimate(
        problem, solved: solved, groups: shared.groups, start: forward?.multipliers, budget: budget, clock: clock
      ) { _ in }
      return Result(target: target, estimate: estimate, forward: forward?.bound)
    } catch {
      let estimate = LipschitzEstimate(method: method.name, failure: error, seconds: clock.seconds)
      return Result(target: target, estimate: estimate, forward: forward?.bound)
    }
  }

  // MARK: - What the targets share

  private struct SharedWork: Sendable {
    var solved: SolverNetwork
    var groups: [UnitGroups]?
    var state: LiftedState?
    var forward: ForwardGain?
  }

  private func sharedWork(_ whole: LipschitzProblem, targetCount: Int, budget: Budget) throws -> SharedWork? {
    guard let lifted = method as? LiftedEstimator, whole.inputNorm != .l1, !whole.lowered.activationNodes.isEmpty else { return nil }
    let solved = try SolverNetwork(whole)
    guard solved.refusal(memoryLimit: budget.memoryLimit) == nil else { return nil }
    var work = SharedWork(solved: solved, groups: try lifted.tying.groups(of: whole))
    guard targetCount > 2 else { return work }
    var loose = budget
    loose.tolerance = max(budget.tolerance, Self.sharedTolerance)
    loose.timeLimit = budget.timeLimit.map { 0.2 * $0 }
    let clock = loose.start()
    let solution = try lifted.solve(solved, groups: work.groups, start: nil, budget: loose, clock: clock) { _ in }
    work.state = solution.estimate.state
    work.forward = try solution.candidates.first.flatMap {
      try ForwardGain(solved.network, sectors: solved.sectors, norm: solved.norm, multipliers: $0)
    }
    return work
  }
}
