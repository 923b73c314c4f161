import Certificates
import LinearAlgebra
import Networks

/// The form of a problem's network that solvers work on: linear maps merged, and for the l₂ norm a wide input replaced by the triangular
/// factor of its LQ decomposition.
///
/// Merging rounds, so what is found here is only a candidate; ``Certification`` proves it on the network as stored. Activation nodes and
/// their units are the same in both, so multipliers carry over.
struct SolverNetwork: Sendable {
  let network: LoweredNetwork
  let sectors: [UnitSectors]
  let norm: InputNorm
  /// The cost of a proof on this form.
  let cost: CostEstimate
  /// The cost of a proof on the network as stored.
  let certificateCost: CostEstimate
  /// Whether this is the network as stored, because merging would hardly make proofs cheaper: then a proof here is final.
  let isExact: Bool

  init(_ problem: LipschitzProblem) throws {
    let simplified = problem.selected.simplified()
    let merged = problem.inputNorm == .l2 ? try simplified.reducedInput() : simplified
    let isLocal = problem.region != .global
    certificateCost = CostEstimate(of: problem.selected, hasLocalSectors: isLocal)
    let mergedCost = CostEstimate(of: merged, hasLocalSectors: isLocal)
    // Small networks gain from cheaper passes whatever the proofs cost.
    isExact = certificateCost.multiplications > 3e9 && mergedCost.multiplications > 0.8 * certificateCost.multiplications
    network = isExact ? problem.selected : merged
    cost = isExact ? certificateCost : mergedCost
    sectors = problem.sectors
    norm = problem.inputNorm
  }

  /// The form of a problem that selects outputs of the problem, all outputs, whose form is known.
  init(_ problem: LipschitzProblem, sharing whole: SolverNetwork) throws {
    let selected = try whole.isExact ? problem.selected : whole.network.selecting(problem.output).simplified()
    let isLocal = problem.region != .global
    certificateCost = CostEstimate(of: problem.selected, hasLocalSectors: isLocal)
    cost = whole.isExact ? certificateCost : CostEstimate(of: selected, hasLocalSectors: isLocal)
    isExact = whole.isExact
    network = selected
    sectors = problem.sectors
    norm = problem.inputNorm
  }

  /// Why no proof is attempted, or `nil` when it fits into the memory.
  func refusal(memoryLimit: Int) -> String? {
    let bytes = max(cost.bytes, certificateCost.bytes)
    guard bytes > memoryLimit else { return nil }
    return """
      no certificate was attempted: the recursion over \(certificateCost.largestOrder) live coordinates would take \(Self.gigabytes(bytes)) \
      of memory, more than the limit of \(Self.gigabytes(memoryLimit))
      """
  }

  private static func gigabytes(_ bytes: Int) -> String {
    let tenths = (bytes * 10 + (1 << 30) - 1) >> 30
    return "\(tenths / 10).\(tenths % 10) GiB"
  }

  /// A bound on the squared constant from a proof's gain, not yet proved at the input, with the input weights that give it.
  ///
  /// - Parameter hint: for l_∞, weights whose direction is believed good.
  func bound(of proof: GainProof, hint: [Double]? = nil) throws -> (bound: Double, weights: [Double]) {
    try Self.bound(gain: proof.inputGain, norm: norm, hint: hint)
  }

  /// See ``bound(of:hint:)``.
  static func bound(gain q: Matrix<Double>, norm: InputNorm, hint: [Double]?) throws -> (bound: Double, weights: [Double]) {
    switch norm {
    case .l2:
      let rho = max(0, try q.largestEigenvalueEstimate())
      return (rho.squareRoot(), [rho])
    case .l1:
      let rho = (0..<q.rows).reduce(0) { max($0, q[$1, $1]) }
      return (rho.squareRoot(), [rho])
    case .lInfinity:
      var best: [Double]?
      func consider(_ d: [Double]) {
        if d.reduce(0, +) < best?.reduce(0, +) ?? .infinity { best = d }
      }
      for majorant in DiagonalMajorant.allCases { consider(try majorant.diagonal(for: q)) }
      if let hint, hint.count == q.rows, let largest = hint.max(), largest > 0 {
        // diag(s·d) ≥ Q exactly when s ≥ λ_max(D^{-1/2} Q D^{-1/2}); a floor keeps coordinates that the hint calls irrelevant finite.
        for floor in [1e-8, 1e-4] {
          let d = hint.map { max($0, floor * largest) }
          var scaled = q
          for i in 0..<q.rows { for j in 0..<q.rows { scaled[i, j] /= (d[i] * d[j]).squareRoot() } }
          let s = try scaled.largestEigenvalueEstimate() * (1 + 1e-12)
          consider(d.map { $0 * s })
        }
      }
      let weights = best ?? []
      return (weights.reduce(0, +).squareRoot(), weights)
    }
  }
}
