import Certificates
import LinearAlgebra
import Networks

/// Turns multipliers into a proved bound on the network as stored.
enum Certification {
  /// Proves the bound that multipliers give and records it, with its certificate, in an estimate.
  ///
  /// The least provable ρ (or scale of the input weights) lies a rounding error above the largest eigenvalue; inflations grow until the
  /// checker accepts one.
  ///
  /// - Parameters:
  ///   - hint: for l_∞, weights whose direction is believed good.
  ///   - known: the recursion with these multipliers on the network as stored, when it was run already.
  /// - Throws: ``NotProved`` when the recursion fails on the network as stored.
  static func conclude(
    _ result: inout LipschitzEstimate, problem: LipschitzProblem, multipliers: [[Double]], hint: [Double]? = nil,
    proof known: GainProof? = nil
  ) throws {
    let proof = try known ?? GainProof(network: problem.selected, sectors: problem.sectors, multipliers: multipliers)
    let candidate = try SolverNetwork.bound(gain: proof.inputGain, norm: problem.inputNorm, hint: hint)
    for inflation in [1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6] {
      let smallest = 0x1p-900
      let weights = candidate.weights.map { max($0 * (1 + inflation), smallest) }
      guard let upper = try? proof.bound(inputNorm: problem.inputNorm, weights: weights) else { continue }
      result.upper = upper
      result.isCertified = true
      result.certificate = Certificate(
        generator: "lipcert \(Version.current)", modelName: "", network: problem.lowered,
        statement: Statement(inputNorm: problem.inputNorm, output: problem.output, region: problem.region, bound: upper),
        inputWeights: weights, sectors: problem.sectors, multipliers: multipliers, forwardMultipliers: problem.forwardMultipliers,
        digest: problem.digest)
      return
    }
    throw NotProved("no inflation of the input weights up to 1e-6 was accepted")
  }
}
