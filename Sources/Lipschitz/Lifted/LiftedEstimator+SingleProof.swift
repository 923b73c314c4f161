import Certificates
import LinearAlgebra
import Networks

/// Networks whose proof takes minutes or hours: passes first, then one proof on the network as stored.
extension LiftedEstimator {
  /// Iterations between two looks at the progress.
  private static var window: Int { 10 }
  /// The least inflation e of the multipliers, and the energy of their random columns.
  ///
  /// A single proof must not depend on luck: with e of 10⁻³ some residual networks of 19 stages keep a direction that the iterate does not
  /// excite and X nearly singular in it, and their bounds grow by 10⁴; with 0.02, and a rank that does not bind, the bound
  /// ends two per cent above the lower estimate.
  private static var leastInflation: Double { 0.02 }
  /// The rank r. Where a direction is missing in the iterate, its multipliers are too small in it and the bound grows by orders of magnitude:
  /// on 23,552 units rank 12 ended at 102639, rank 48 at 61.2, with lower estimates of 60.0 and 60.2.
  private static var startingRankOfOne: Int { 48 }
  /// The part of the time limit that passes may take.
  private static var shareOfPasses: Double { 0.2 }

  /// Iterates until little moves, then proves the iterate's multipliers once.
  ///
  /// - Throws: errors of the work folder; a failed proof is a note in the result.
  func proveOnce(
    _ solved: SolverNetwork, _ problem: LipschitzProblem, budget: Budget, clock: Stopwatch, into result: inout LipschitzEstimate,
    progress: (LipschitzEstimate.Progress) -> Void
  ) throws {
    let iterate = try iterate(solved, budget: budget, clock: clock, into: &result, progress: progress)
    defer { result.seconds = clock.seconds }
    guard !budget.isCancelled() else {
      result.stopReason = .cancelled
      result.note = "no bound was proved: cancelled"
      return
    }
    let inflation = max(0.15 * iterate.movement, Self.leastInflation)
    let (iterations, lower) = (result.iterations, result.lower ?? 0)
    var failure: NotProved?
    // With a work folder, a second attempt begins where the first one failed, with multipliers further from the boundary.
    for factor in [1.0, 5, 25] {
      let rule = SelfConsistentMultipliers(
        solved.network, sectors: solved.sectors, values: iterate.values, inflation: factor * inflation,
        noise: factor * inflation, seed: budget.seed &+ 1)
      do {
        let proof = try withoutActuallyEscaping(progress) { progress in
          try GainProof(
            network: solved.network, sectors: solved.sectors,
            journal: ProofJournal(folder: workFolder, name: "proof", rule: iterate.digest) {
              progress(.init(iteration: iterations, lower: lower, upper: nil, seconds: clock.seconds, proof: $0))
            },
            isCancelled: budget.isCancelled, choosing: rule.callAsFunction)
        }
        let hint = solved.norm == .l2 ? nil : rule.inputWeights(gain: proof.inputGain)
        try Certification.conclude(&result, problem: problem, multipliers: proof.multipliers, hint: hint, proof: proof)
        record(&result, progress: progress, seconds: clock.seconds)
        return
      } catch let error as NotProved {
        failure = error
        if budget.isCancelled() || clock.isOverTime { break }
      }
    }
    result.stopReason = budget.isCancelled() ? .cancelled : clock.isOverTime ? .timeLimit : .stalled
    result.note = "no bound was proved: \(failure?.description ?? "there was no time")"
  }

  /// A lifted iterate: every node's increments.
  private struct Iterate {
    var values: [Matrix<Double>]
    var movement: Double
    var digest: String { ProofJournal.digest([[movement]] + values.map(\.elements)) }
  }

  private func iterate(
    _ solved: SolverNetwork, budget: Budget, clock: Stopwatch, into result: inout LipschitzEstimate,
    progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> Iterate {
    let rows = rank ?? Self.startingRankOfOne
    result.rank = rows
    let key = ProofJournal.digest(
      [
        NetworkDigest.sha256(of: solved.network).utf8.map { Double($0) },
        [Double(rows), Double(budget.seed), solved.norm == .l2 ? 2 : .infinity],
      ])
    if let lists = try workFolder?.load("iterate", key: key), let stored = Self.iterate(lists, solved.network, rows, into: &result) {
      return stored
    }
    var iteration = LiftedIteration<Float>(
      solved.network, sectors: solved.sectors, norm: solved.norm, rank: rows, seed: budget.seed, memory: 10)
    if let warmStart { iteration.start(from: warmStart) }
    var recent: [Double] = []
    var lower = 0.0
    result.stopReason = .stalled
    while true {
      result.iterations += 1
      lower = max(lower, iteration.step().squareRoot())
      result.lower = lower
      recent.append(lower)
      record(&result, progress: progress, seconds: clock.seconds)
      if budget.isCancelled() || clock.seconds > Self.shareOfPasses * (budget.timeLimit ?? .infinity) { break }
      if result.iterations >= budget.iterationLimit ?? 1000 {
        result.stopReason = .iterationLimit
        break
      }
      // Neither the value nor the vectors move: multipliers of this iterate are about as good as they get.
      let isStill = recent.count > Self.window && lower <= recent[recent.count - 1 - Self.window] * (1 + 0.1 * budget.tolerance)
      if isStill && (iteration.movement <= budget.tolerance || recent.count >= 300) { break }
    }
    result.state = iteration.state
    let values = iteration.snapshot()
    let movement = iteration.movement.isFinite ? iteration.movement : 1
    try workFolder?.save([[Double(result.iterations), lower, movement]] + values.map(\.elements), as: "iterate", key: key)
    return Iterate(values: values, movement: movement)
  }

  private static func iterate(
    _ lists: [[Double]], _ network: LoweredNetwork, _ rows: Int, into result: inout LipschitzEstimate
  ) -> Iterate? {
    guard let head = lists.first, head.count == 3, lists.count == network.nodes.count + 1,
      zip(lists.dropFirst(), network.nodes).allSatisfy({ $0.count == rows * $1.count })
    else { return nil }
    (result.iterations, result.lower) = (Int(head[0]), head[1])
    result.stopReason = .stalled
    return Iterate(
      values: zip(lists.dropFirst(), network.nodes).map { Matrix(rows: rows, columns: $1.count, elements: $0) }, movement: head[2])
  }
}
