import Certificates
import LinearAlgebra
import Networks

/// Closed-form multipliers by one pass from the input to the output, for chains: ECLipsE-Fast and its family.
///
/// With M₀ = I, K_k = W_k M_{k−1}⁻¹ W_k′ and any diagonal S_k ≥ K_k, the multipliers Λ_k = S_k⁻¹ / (2c²) (c = β/2 for a sector [0, β]) give
/// M_k = Λ_k − c² Λ_k K_k Λ_k ≥ Λ_k / 2 > 0, so the bound ρ = λ_max(W M⁻¹ W′) always exists; t = ρ Λ are the multipliers of the certificate.
/// S = λ_max(K) I is ECLipsE-Fast (Xu & Sivaranjani, NeurIPS 2024, arXiv 2404.04375); ``DiagonalMajorant`` has the family. Sectors with α > 0 are
/// widened to α = 0 for the choice; those with α < 0 are not taken.
enum ForwardClosedForm {
  /// The multipliers and the bound on the squared constant, or `nil` when the network is not a chain of maps small enough to be dense with
  /// sectors in [0, β].
  static func multipliers(
    _ network: LoweredNetwork, sectors: [UnitSectors], majorant: DiagonalMajorant, largestOrder: Int = 4096
  ) throws -> (multipliers: [[Double]], squaredBound: Double)? {
    guard network.isChain, sectors.allSatisfy({ $0.lower.allSatisfy { $0 >= 0 } && $0.upper.allSatisfy { $0 > 0 } }) else { return nil }
    guard network.nodes.dropFirst().allSatisfy({ $0.count <= largestOrder }) else { return nil }
    var lambdas: [[Double]] = []
    var factor: Matrix<Double>?  // L with M = LL′
    var pending: Matrix<Double>?
    for node in network.nodes {
      switch node.kind {
      case .input:
        break
      case .affine(let terms, _):
        if let map = terms[0].map {
          let own = map.denseMatrix()
          pending = pending.map { Matrix.product(own, $0) } ?? own
        }
      case .activation:
        let w = pending ?? .identity(node.count)
        pending = nil
        let k = try gram(w, factor)
        let s = try majorant.diagonal(for: k)
        let c = sectors[lambdas.count].upper.map { $0 / 2 }
        // A unit that nothing reaches (a zero row of W) takes any multiplier: the largest that the others have.
        let lambda = inverses(zip(s, c).map { 2 * $1 * $1 * $0 })
        var m = Matrix<Double>.diagonal(lambda)
        for i in 0..<node.count {
          for j in 0..<node.count { m[i, j] -= c[i] * lambda[i] * k[i, j] * lambda[j] * c[j] }
        }
        lambdas.append(lambda)
        factor = try m.cholesky()
      }
    }
    let rho = try gram(pending ?? .identity(network.outputCount), factor).largestEigenvalueEstimate() * (1 + 1e-9)
    guard rho > 0, rho.isFinite else { return nil }
    return (lambdas.map { $0.map { rho * $0 * (1 + 1e-9) } }, rho)
  }

  /// W M⁻¹ W′ = (L⁻¹W′)′(L⁻¹W′).
  private static func gram(_ w: Matrix<Double>, _ factor: Matrix<Double>?) throws -> Matrix<Double> {
    guard let factor else { return w.gram(transposing: true) }
    var z = w.transposed
    try factor.solveTriangular(.lower, &z)
    return z.gram()
  }

  private static func inverses(_ values: [Double]) -> [Double] {
    let largest = values.max() ?? 0
    let least = largest > 0 ? largest * 1e-12 : 1
    return values.map { 1 / max($0, least) }
  }

  /// Forward multipliers τ = (1 + |c|/d) S of a ball's `ForwardProof`, S ≥ P diagonal, zero for linear units.
  ///
  /// They minimise the scalar stage d²τ + c²pτ/(τ − p) ↦ p (|c| + d)². In graphs with branches other nodes depend on the same increments, and
  /// at least 2S is used.
  static func multipliers(_ stage: ForwardStage, isChain: Bool) throws -> [Double] {
    let sectors = CentredSectors(stage.sectors)
    let active = (0..<sectors.count).filter { sectors.radius[$0] > 0 }
    var shape = Matrix<Double>(rows: active.count, columns: active.count)
    for (i, a) in active.enumerated() { for (j, b) in active.enumerated() { shape[i, j] = stage.shape[a, b] } }
    let majorant = try DiagonalMajorant.scaledSpectral.diagonal(for: shape)
    var tau = [Double](repeating: 0, count: sectors.count)
    for (i, a) in active.enumerated() {
      tau[a] = max(1 + sectors.centre[a].magnitude / sectors.radius[a], isChain ? 1 + 1e-6 : 2) * majorant[i]
    }
    return tau
  }
}
