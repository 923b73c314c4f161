import Certificates
import LinearAlgebra
import Networks

/// The best closed-form bound: ECLipsE-Fast and the wider family of diagonal majorants, from the input side and from the output side.
///
/// No optimiser runs, so the answer is there after milliseconds; it also starts and scales the other methods.
public struct ClosedFormEstimator: LipschitzEstimator {
  public let name = "closed-form"

  /// The estimator.
  public init() {}

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
    try Certification.conclude(&result, problem: problem, multipliers: best.multipliers, budget: budget)
    result.note = (result.note.map { $0 + "; " } ?? "") + "variant: \(best.variant)"
    result.seconds = clock.seconds
    return result
  }

  /// The variant with the least bound, evaluated on the solver's network.
  static func best(
    _ solved: SolverNetwork, budget: Budget, clock: Stopwatch
  ) throws -> (multipliers: [[Double]], bound: Double, variant: String)? {
    var best: (multipliers: [[Double]], bound: Double, variant: String)?
    func consider(_ variant: String, _ proof: GainProof) throws {
      let bound = try solved.bound(of: proof).bound
      if bound < best?.bound ?? .infinity { best = (proof.multipliers, bound, variant) }
    }
    // Large networks take only the two variants that are never far off.
    let isLarge = solved.cost.multiplications > 2e9
    let majorants = isLarge ? [DiagonalMajorant.spectral, .scaledSpectral] : DiagonalMajorant.allCases
    for majorant in majorants {
      if let forward = try? ForwardClosedForm.multipliers(solved.network, sectors: solved.sectors, majorant: majorant) {
        if let proof = try? GainProof(network: solved.network, sectors: solved.sectors, multipliers: forward.multipliers) {
          try consider(majorant == .spectral ? "ECLipsE-Fast" : "forward, \(majorant.rawValue)", proof)
        }
      }
      if clock.mustStop && best != nil { break }
      if let proof = try? BackwardClosedForm.proof(
        solved.network, sectors: solved.sectors, majorant: majorant, isCancelled: budget.isCancelled)
      {
        try consider("backward, \(majorant.rawValue)", proof)
      }
      if clock.mustStop && best != nil { break }
    }
    return best
  }
}
