import Certificates
import LinearAlgebra
import Networks

/// The best closed-form bound: ECLipsE-Fast and the wider family of diagonal majorants, from the input side and from the output side.
///
/// No optimiser runs, so the answer is there after milliseconds; it also starts and scales the other methods.
public struct ClosedFormEstimator: LipschitzEstimator {
  /// The id of the method.
  public let name = "closed-form"
  /// Sectors of the region serve as well as global ones.
  public var takesRegions: Bool { true }

  /// The estimator.
  public init() {}

  /// See ``LipschitzEstimator/estimate(_:budget:progress:)``, also for what is thrown.
  public func estimate(
    _ problem: LipschitzProblem, budget: Budget, progress: (LipschitzEstimate.Progress) -> Void
  ) throws -> LipschitzEstimate {
    let clock = budget.start()
    var result = LipschitzEstimate(method: name)
    let solved = try SolverNetwork(problem)
    if let refusal = solved.refusal(memoryLimit: budget.memoryLimit) {
      result.note = refusal
      result.seconds = clock.seconds
      return result
    }
    guard let best = try Self.best(solved, budget: budget, clock: clock) else {
      result.note = "no closed form could be proved"
      result.seconds = clock.seconds
      return result
    }
    try Certification.conclude(
      &result, problem: problem, multipliers: best.proof.multipliers, proof: solved.isExact ? best.proof : nil)
    result.note = (result.note.map { $0 + "; " } ?? "") + "variant: \(best.variant)"
    result.seconds = clock.seconds
    return result
  }

  /// A variant with its proof on the solver's network.
  struct Candidate {
    var proof: GainProof
    var bound: Double
    var variant: String
  }

  /// The variant with the least bound, evaluated on the solver's network.
  ///
  /// - Parameter majorants: the variants to try; by default all, or those that are never far off for large networks.
  static func best(
    _ solved: SolverNetwork, majorants: [DiagonalMajorant]? = nil, budget: Budget, clock: Stopwatch
  ) throws -> Candidate? {
    var best: Candidate?
    var lastSeconds = 0.0
    func consider(_ variant: String, _ makeProof: () throws -> GainProof?) throws {
      // A first answer always; further ones while there is time for them and for the concluding proof.
      guard best == nil || (!budget.isCancelled() && clock.remaining > 2.5 * lastSeconds) else { return }
      let began = clock.seconds
      guard let proof = try? makeProof() else { return }
      let bound = try solved.bound(of: proof).bound
      if bound < best?.bound ?? .infinity { best = Candidate(proof: proof, bound: bound, variant: variant) }
      lastSeconds = clock.seconds - began
    }
    // Large networks take only the two variants that are never far off, first the one that on a chain is never above the product of norms.
    let isLarge = solved.cost.multiplications > 2e9
    for majorant in majorants ?? (isLarge ? [.spectral, .scaledSpectral] : DiagonalMajorant.allCases) {
      try consider("backward, \(majorant.rawValue)") {
        try BackwardClosedForm.proof(solved.network, sectors: solved.sectors, majorant: majorant, isCancelled: budget.isCancelled)
      }
      try consider(majorant == .spectral ? "ECLipsE-Fast" : "forward, \(majorant.rawValue)") {
        guard let forward = try ForwardClosedForm.multipliers(solved.network, sectors: solved.sectors, majorant: majorant) else {
          return nil
        }
        return try GainProof(
          network: solved.network, sectors: solved.sectors, multipliers: forward.multipliers, isCancelled: budget.isCancelled)
      }
    }
    return best
  }
}
