import Certificates
import Foundation
import LinearAlgebra
import Networks

/// ECLipsE (Xu & Sivaranjani, NeurIPS 2024, arXiv 2404.04375): LipSDP in one pass through a chain, a small semidefinite program for each layer.
///
/// Going from the input to the output, each layer's multipliers are chosen for the sake of the next linear map only (`LookaheadProgram`), so the
/// cost grows linearly with depth, and the bound lies between LipSDP's and the closed form's. For one hidden layer it is LipSDP's. On a ball the
/// same pass narrows the sectors of each layer before it chooses its multipliers (ECLipsE-Gen-Local, TMLR 2026). Any multipliers are a
/// certificate, so what the programs return is only a candidate: the bound is proved on the network as stored.
public struct CompositionalEstimator: LipschitzEstimator {
  /// The id of the method.
  public let name = "compositional"
  /// A ball narrows the sectors.
  public var takesRegions: Bool { true }
  /// How multipliers are chosen.
  public var rule: CompositionalRule
  /// The part of the time limit that the pass may take; the rest is for the closed form, should it be needed.
  private static let passShare = 0.7
  /// The relative error of every layer's program.
  var tolerance = 1e-10

  /// The estimator.
  public init(rule: CompositionalRule = .semidefinite) {
    self.rule = rule
  }

  /// See ``LipschitzEstimator/estimate(_:budget:progress:)``, also for what is thrown.
  public func estimate(
    _ problem: LipschitzProblem, budget: Budget, progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> LipschitzEstimate {
    let clock = budget.start()
    guard problem.inputNorm == .l2 else { throw NotApplicable("the method bounds gains from the Euclidean norm") }
    var result = LipschitzEstimate(method: name)
    let solved = try SolverNetwork(problem)
    if let refusal = solved.refusal(memoryLimit: budget.memoryLimit) {
      result.note = refusal
      result.seconds = clock.seconds
      return result
    }
    var own = budget
    own.timeLimit = budget.timeLimit.map { Self.passShare * $0 }
    let passClock = own.start()
    var pass = CompositionalPass(rule: LayerRule(rule, tolerance: tolerance), budget: own, clock: passClock)
    let report: (Int) -> Void = { layer in
      progress(.init(iteration: layer, lower: 0, upper: nil, seconds: clock.seconds))
    }
    var problem = problem
    switch problem.region {
    case .global: try pass.run(ChainLayers(solved.network), sectors: problem.sectors, report: report)
    case .ball, .box: try pass.run(ChainLayers(problem.selected), localising: &problem, report: report)
    }
    result.iterations = problem.sectors.count
    // The pass's own value is the method's; a proof that reaches it is enough. When time is short the first proof must do.
    let target = passClock.mustStop ? .infinity : pass.bound * (1 + 1e-8)
    let localised = try SolverNetwork(problem)
    let outcome = MultiplierRepair(localised) { false }.uniform(pass.multipliers, hint: nil, target: target)
    var candidates = [outcome.candidate].compactMap { $0 }
    var remark: String?
    if rule == .semidefinite, pass.rule.isCut, !budget.isCancelled(),
      let closed = try ClosedFormEstimator.best(localised, budget: budget, clock: clock),
      closed.bound < candidates.first?.bound ?? .infinity
    {
      // Layers that were cut short know nothing of what follows them: then a closed form through all of them may be the better choice.
      candidates.insert(try ProvedMultipliers(closed.proof, on: localised), at: 0)
      remark = "closed form throughout, which is better: \(closed.variant)"
    }
    try Certification.conclude(&result, problem: problem, candidates: candidates, lastFailure: outcome.failure)
    result.note = [result.note, pass.rule.note, remark].compactMap { $0 }.joined(separator: "; ")
    if pass.rule.isCut && passClock.mustStop { result.stopReason = passClock.reason }
    result.seconds = clock.seconds
    return result
  }
}
