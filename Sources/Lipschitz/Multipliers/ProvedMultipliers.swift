import Certificates
import LinearAlgebra

/// Multipliers with the bound that they prove on a solver's form of the network: a candidate for the final proof on the network as stored.
struct ProvedMultipliers {
  /// One list for each activation node.
  var multipliers: [[Double]]
  /// The bound on the Lipschitz constant.
  var bound: Double
  /// The input weights that give it.
  var weights: [Double]
  /// The proof itself, kept when it is about the network as stored.
  var proof: GainProof?

  /// The multipliers of a proof.
  ///
  /// - Parameter hint: for l_∞, weights whose direction is believed good.
  /// - Throws: ``NotProved`` when the bound is not finite, and errors of the eigenvalue iteration.
  init(_ proof: GainProof, on solved: SolverNetwork, hint: [Double]? = nil) throws {
    let (bound, weights) = try solved.bound(of: proof, hint: hint)
    guard bound.isFinite else { throw NotProved("the bound is not finite") }
    multipliers = proof.multipliers
    self.bound = bound
    self.weights = weights
    self.proof = solved.isExact ? proof : nil
  }
}

extension Certification {
  /// Concludes with the first of the candidates that can be proved on the network as stored; says in the note why none could.
  static func conclude(
    _ result: inout LipschitzEstimate, problem: LipschitzProblem, candidates: [ProvedMultipliers], lastFailure: String?
  ) throws {
    result.upper = nil
    for candidate in candidates {
      do {
        try conclude(
          &result, problem: problem, multipliers: candidate.multipliers, hint: candidate.weights, proof: candidate.proof)
        return
      } catch let error as NotProved {
        result.note = "no bound could be proved: \(error)"
      }
    }
    if candidates.isEmpty { result.note = "no bound could be proved: \(lastFailure ?? "no multipliers were found")" }
  }
}
