import Certificates
import LinearAlgebra
import Networks

/// Finds multipliers with a small provable bound from lifted iterates, and decides when to look.
///
/// A proof costs Σ n³, an iteration only passes, so proofs are scheduled: the gap an iterate can prove is predicted from its movement σ as
/// ϱσ with ϱ learnt from earlier proofs, and a proof is due when that meets the tolerance, or when the iterations since the last have more
/// than doubled. The inflation e = kσ of the multipliers adapts too: too small and a stage is not positive definite, too large and the bound
/// is loose. The bound is not unimodal in e, so only factors of three around the last good k are tried.
struct MultiplierSearch {
  private let solved: SolverNetwork
  private let groups: [UnitGroups]?
  private let budget: Budget
  private let clock: Stopwatch
  private let inflate: UniformInflation
  private var k = 0.15
  private let uniformK = 0.5
  private var predictedRatio = 0.2
  private var nextCheck = 12
  private var lastCheck = 0
  /// How many iterations are worth a proof, about: a proof multiplies faster than a pass, but needs its multipliers and an eigenvalue besides.
  private let iterationsPerProof: Double

  /// The best candidates, least bound first.
  private(set) var candidates: [ProvedMultipliers] = []
  /// Whether multipliers of an iterate were proved at least once.
  private(set) var hasProvedIterate = false
  /// Why the last proof failed.
  private(set) var lastFailure: String?
  /// How long the last proof took.
  private var proofSeconds = 0.0

  /// A search.
  ///
  /// - Parameter groups: for each activation node the units that share a multiplier, or `nil` when each has its own.
  init(_ solved: SolverNetwork, groups: [UnitGroups]? = nil, rank: Int, budget: Budget, clock: Stopwatch) {
    self.solved = solved
    self.groups = groups
    self.budget = budget
    self.clock = clock
    inflate = UniformInflation(solved.network)
    iterationsPerProof = solved.cost.multiplications / (4 * Double(rank) * max(1, solved.network.passCost))
  }

  /// The candidate with the least bound.
  var best: ProvedMultipliers? { candidates.first }

  // MARK: - When

  /// Whether a proof is worth its cost now.
  ///
  /// Where a proof costs as much as many iterations, it waits until it is likely to be the last one or as much work went into iterations.
  func isDue(iteration: Int, movement: Double) -> Bool {
    if !hasProvedIterate && timeForProofs < 2 * proofSeconds { return true }
    guard iteration >= nextCheck else { return false }
    let predictedGap = predictedRatio * movement
    return isExpensive
      ? predictedGap <= 0.5 * budget.tolerance || iteration >= lastCheck + Int(iterationsPerProof)
      : predictedGap <= budget.tolerance || iteration >= 2 * nextCheck
  }

  /// Whether a proof costs so much more than an iteration that its number matters most.
  private var isExpensive: Bool { iterationsPerProof > 30 }

  /// Seconds that may still go into the search: what is left but for the concluding proof.
  private var timeForProofs: Double { clock.remaining - (solved.isExact ? 0.2 : 1.5) * proofSeconds }

  /// Whether to conclude with what there is.
  var mustConclude: Bool { budget.isCancelled() || timeForProofs <= 0 }

  // MARK: - What

  /// Enters multipliers found elsewhere, or the closed form if they prove nothing, so that there is always an answer.
  mutating func considerStart(_ multipliers: [[Double]]?) {
    if let multipliers {
      let began = clock.seconds
      do {
        try consider(
          GainProof(network: solved.network, sectors: solved.sectors, multipliers: multipliers, isCancelled: budget.isCancelled), hint: nil)
        proofSeconds = clock.seconds - began
        return
      } catch {
        lastFailure = "\(error)"
      }
    }
    considerClosedForm()
  }

  /// Enters the closed form.
  private mutating func considerClosedForm() {
    let began = clock.seconds
    defer { proofSeconds = clock.seconds - began }
    do {
      let proof = try BackwardClosedForm.proof(
        solved.network, sectors: solved.sectors, groups: groups, majorant: groups == nil ? .scaledSpectral : .spectral,
        isCancelled: budget.isCancelled)
      try consider(proof, hint: nil)
    } catch {
      lastFailure = "\(error)"
    }
  }

  /// Proves multipliers of an iterate, with a few inflations if the first does not meet the tolerance.
  mutating func tryIterate(
    _ iteration: inout LiftedIteration<Double>, movement: Double, lower: Double, iterations: Int
  ) {
    // Inflating the multipliers of L layers by 1 + e raises the bound by about (1 + e)^(L/2): half the tolerance is free. Without this floor
    // rounding alone makes a well converged iterate fail.
    let free = budget.tolerance
    let deepest = inflate.depth
    let values = iteration.snapshot()
    let sigma = movement.isFinite ? movement : 1
    var reached = mustStop ? nil : proveSelfConsistent(values, inflation: max(k * sigma, free / deepest))
    let isClose = predictedRatio * sigma <= budget.tolerance
    func meets(_ bound: Double?) -> Bool { bound.map { ($0 - lower) / $0 <= budget.tolerance } ?? false }
    if !meets(reached) && !mustStop && (!isExpensive || reached == nil) {
      let uniform = proveUniform(iteration.multipliers, inflation: max(uniformK * sigma, free), hint: iteration.inputWeights)
      if uniform ?? .infinity < reached ?? .infinity { reached = uniform }
    }
    if !meets(reached) && (isClose || reached == nil) {
      for factor in [3.0, 1.0 / 3] where !mustStop {
        let bound = proveSelfConsistent(values, inflation: factor * max(k * sigma, free / deepest))
        if bound ?? .infinity < reached ?? .infinity {
          k = min(5, max(0.01, k * factor))
          reached = bound
          break
        }
      }
    }
    if let reached {
      hasProvedIterate = true
      predictedRatio = min(3, max(0.03, (reached / lower - 1) / sigma))
    }
    lastCheck = iterations
    nextCheck = iterations + max(5, Int(0.15 * Double(iterations)))
  }

  /// Whether another proof may not start.
  private var mustStop: Bool { budget.isCancelled() || (timeForProofs < proofSeconds && !candidates.isEmpty) }

  private mutating func proveSelfConsistent(_ values: [Matrix<Double>], inflation: Double) -> Double? {
    let began = clock.seconds
    let rule = SelfConsistentMultipliers(
      solved.network, sectors: solved.sectors, groups: groups, values: values, inflation: inflation, seed: budget.seed &+ 1)
    do {
      let proof = try GainProof(
        network: solved.network, sectors: solved.sectors, isCancelled: budget.isCancelled, choosing: rule.callAsFunction)
      proofSeconds = clock.seconds - began
      let hint = solved.norm.hasOneWeight ? nil : rule.inputWeights(gain: proof.inputGain)
      return try consider(proof, hint: hint)
    } catch {
      lastFailure = "\(error)"
      return nil
    }
  }

  /// Uniformly inflated multipliers: strictly feasible once e exceeds the iterate's error.
  private mutating func proveUniform(_ multipliers: [[Double]], inflation: Double, hint: [Double]) -> Double? {
    do {
      let proof = try GainProof(
        network: solved.network, sectors: solved.sectors, multipliers: inflate(multipliers, by: inflation), isCancelled: budget.isCancelled)
      return try consider(proof, hint: solved.norm.hasOneWeight ? nil : hint)
    } catch {
      lastFailure = "\(error)"
      return nil
    }
  }

  @discardableResult
  private mutating func consider(_ proof: GainProof, hint: [Double]?) throws -> Double {
    let candidate = try ProvedMultipliers(proof, on: solved, hint: hint)
    candidates.append(candidate)
    candidates.sort { $0.bound < $1.bound }
    if candidates.count > (solved.isExact ? 1 : 3) { candidates.removeLast() }
    return candidate.bound
  }
}
