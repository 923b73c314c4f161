import Certificates
import LinearAlgebra
import Networks

/// Bounds for every linear function of the outputs at once, from one set of multipliers: the recursion from the input to the output.
///
/// With weights D of the inputs and multipliers t, M₀ = D, X = M_{k−1} + W′diag(t αβ)W, B = diag(t c)W and M_k = diag(t) − B X⁻¹ B′ satisfy
/// Δh_k′ M_k Δh_k ≤ Δx′DΔx as long as every M is positive definite. So Δy Δy′ ≤ G · Δx′DΔx for the outputs y = W h, G = W M⁻¹ W′, and every row
/// c has |c′Δy|² ≤ c′Gc · Δx′DΔx. The certificate's multipliers for that row are c′Gc · t. It is the same elimination as the backward recursion,
/// taken from the other end, where the outputs still are open. Computed in floating point: a start and a comparison, never a bound by itself.
struct ForwardGain {
  /// G, over the outputs.
  let gain: Matrix<Double>
  /// What dx′D dx is at most for a unit input: ρ, or Σ d for l_∞.
  private let inputSize: Double
  private let multipliers: [[Double]]

  /// The recursion, or `nil` for networks that are no chains of maps small enough to be dense, and where some M is not positive definite.
  init?(
    _ network: LoweredNetwork, sectors: [UnitSectors], norm: InputNorm, multipliers: ProvedMultipliers, largestOrder: Int = 4096
  ) throws {
    guard network.isChain, network.nodes.dropFirst().allSatisfy({ $0.count <= largestOrder }), norm != .l1 else { return nil }
    // A little room: the proved weights are those of a positive definite matrix up to rounding.
    let weights = multipliers.weights.map { $0 * (1 + 1e-7) }
    inputSize = weights.reduce(0, +)
    self.multipliers = multipliers.multipliers
    guard var smallest = weights.max(), smallest > 0 else { return nil }
    smallest *= 1e-12
    var m = Matrix<Double>.diagonal(
      norm == .l2 ? Array(repeating: weights[0], count: network.inputCount) : weights.map { max($0, smallest) })
    var pending: Matrix<Double>?
    var position = 0
    for node in network.nodes {
      switch node.kind {
      case .input: break
      case .affine(let terms, _):
        guard let map = terms[0].map else { continue }
        let own = map.denseMatrix()
        pending = pending.map { Matrix.product(own, $0) } ?? own
      case .activation:
        let w = pending ?? .identity(node.count)
        pending = nil
        let (sector, t) = (sectors[position], multipliers.multipliers[position])
        let largest = t.max() ?? 0
        let indices = t.indices
        // Units without a multiplier are linear or move nothing; in place of infinity.
        guard largest > 0, indices.allSatisfy({ t[$0] > 0 || sector.lower[$0] < sector.upper[$0] }) else { return nil }
        let own = t.map { $0 > 0 ? $0 : largest * 1e8 }
        let products = indices.map { own[$0] * sector.lower[$0] * sector.upper[$0] }
        var x = m
        if products.contains(where: { $0 != 0 }) {
          var scaled = w
          for i in 0..<w.rows { for j in 0..<w.columns { scaled[i, j] *= products[i] } }
          let curvature = Matrix.product(w.transposed, scaled)
          for i in x.elements.indices { x.elements[i] += curvature.elements[i] }
        }
        var b = w
        for i in 0..<w.rows {
          let factor = 0.5 * own[i] * (sector.lower[i] + sector.upper[i])
          for j in 0..<w.columns { b[i, j] *= factor }
        }
        guard let removed = try Self.congruence(b, inverse: x) else { return nil }
        m = Matrix.diagonal(own)
        for i in m.elements.indices { m.elements[i] -= removed.elements[i] }
        position += 1
      }
    }
    guard let gain = try Self.congruence(pending ?? .identity(network.outputCount), inverse: m) else { return nil }
    self.gain = gain
  }

  /// The bound on a function of the outputs, with the multipliers that prove it.
  func bound(of target: OutputSelection) -> (bound: Double, multipliers: [[Double]])? {
    let square: Double
    switch target {
    case .all: return nil
    case .output(let i): square = gain[i, i]
    case .difference(let i, let j): square = gain[i, i] - 2 * gain[i, j] + gain[j, j]
    }
    guard square > 0, square.isFinite else { return nil }
    // Room for the rounding of the proof.
    let factor = square * (1 + 1e-6)
    return ((factor * inputSize).squareRoot(), multipliers.map { t in t.map { $0 * factor } })
  }

  /// B X⁻¹ B′, or `nil` when X is not positive definite.
  private static func congruence(_ b: Matrix<Double>, inverse x: Matrix<Double>) throws -> Matrix<Double>? {
    guard let factor = try? x.cholesky() else { return nil }
    var z = b.transposed
    try factor.solveTriangular(.lower, &z)
    return z.gram()
  }
}
