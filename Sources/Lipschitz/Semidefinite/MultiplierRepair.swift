import Certificates
import LinearAlgebra
import Networks

/// Makes proved multipliers out of those of a semidefinite solver.
///
/// The solver's multipliers are infeasible by about its tolerance, and even exact ones leave no room for the rounding of a proof, so they are
/// inflated by the least of a few factors that proves well. From the dual side the multipliers are rebuilt inside the recursion
/// (``SelfConsistentMultipliers``), which gains a digit where the solver stopped early.
struct MultiplierRepair {
  /// What a repair came to.
  struct Outcome {
    /// The multipliers with the least bound.
    var candidate: ProvedMultipliers?
    /// Why the last proof failed.
    var failure: String?
    /// How long the last proof took.
    var seconds: Double?
  }

  /// Factors e. The bound grows by about e; below the solver's error there may be no proof.
  private static let inflations = [0, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1]

  private let solved: SolverNetwork
  private let mustStop: () -> Bool
  private let inflate: UniformInflation

  /// Repairs for a network; when `mustStop` says true no further proof starts.
  init(_ solved: SolverNetwork, mustStop: @escaping () -> Bool) {
    self.solved = solved
    self.mustStop = mustStop
    inflate = UniformInflation(solved.network)
  }

  /// The best bound with uniformly inflated multipliers.
  ///
  /// - Parameters:
  ///   - multipliers: t of the certificate, zero for units about which the solver says nothing.
  ///   - hint: for l_∞, the solver's input weights.
  ///   - target: a bound that is good enough.
  func uniform(_ multipliers: [[Double]], hint: [Double]?, target: Double) -> Outcome {
    best(target: target) { e in
      let inflated = inflate(multipliers, by: e)
      let proof = try GainProof(network: solved.network, sectors: solved.sectors) { position, stage in
        Self.completed(inflated[position], gain: stage.units)
      }
      return try ProvedMultipliers(proof, on: solved, hint: hint)
    }
  }

  /// The best bound with multipliers rebuilt from a point of the dual.
  func selfConsistent(_ point: DualPoint, target: Double) -> Outcome {
    best(target: target) { e in
      let rule = SelfConsistentMultipliers(solved.network, sectors: solved.sectors, values: point.values, inflation: e, seed: 1)
      let proof = try GainProof(network: solved.network, sectors: solved.sectors, choosing: rule.callAsFunction)
      return try ProvedMultipliers(proof, on: solved, hint: solved.norm.hasOneWeight ? nil : rule.inputWeights(gain: proof.inputGain))
    }
  }

  /// Multipliers for units that nothing reaches or that reach nothing: they cost nothing, so these are as good as infinite.
  private static func completed(_ multipliers: [Double], gain: Matrix<Double>) -> [Double] {
    multipliers.enumerated().map { i, t in t > 0 ? t : 1e8 * max(0, gain[i, i]) }
  }

  private func best(target: Double, _ prove: (Double) throws -> ProvedMultipliers) -> Outcome {
    var outcome = Outcome()
    for e in Self.inflations where !mustStop() {
      let began = ContinuousClock.now
      do {
        let candidate = try prove(e)
        outcome.seconds = began.duration(to: .now) / .seconds(1)
        // Growing inflations only raise the bound once they are beyond the solver's error.
        if let best = outcome.candidate, candidate.bound > best.bound * (1 + 0.1 * e) { break }
        if candidate.bound < outcome.candidate?.bound ?? .infinity { outcome.candidate = candidate }
        if candidate.bound <= target { break }
      } catch {
        outcome.failure = "\(error)"
      }
    }
    return outcome
  }
}
