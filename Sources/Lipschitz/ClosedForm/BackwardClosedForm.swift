import Certificates
import LinearAlgebra
import Networks

/// Closed-form multipliers by one pass from the output to the input, for every network the recursion takes.
///
/// At an activation node with gain Q_hh ≤ S, S diagonal, the multipliers t = (1 + |c|/d) S minimise the scalar stage
/// t²c²/(t − q) + t(d² − c²) ↦ q (|c| + d)² at t = q (1 + |c|/d), and X = t − Q_hh ≥ (|c|/d) S. With other nodes live (residual and dense
/// branches) X must stay away from singular whatever c is, so at least 2S is used there. It is the counterpart of ECLipsE-Fast for the
/// output side, for any sectors and any graph.
enum BackwardClosedForm {
  /// The multipliers of one activation node.
  static func multipliers(gain: Matrix<Double>, sectors: UnitSectors, majorant: DiagonalMajorant, floor: Double) throws -> [Double] {
    let s = try majorant.diagonal(for: gain)
    return s.indices.map { i in
      let c = 0.5 * (sectors.lower[i] + sectors.upper[i])
      let d = 0.5 * (sectors.upper[i] - sectors.lower[i])
      return d > 0 ? max(1 + c.magnitude / d, floor) * s[i] : 0
    }
  }

  /// Proves a gain with these multipliers, the largest of its group for every unit where groups share.
  static func proof(
    _ network: LoweredNetwork, sectors: [UnitSectors], groups: [UnitGroups]? = nil, majorant: DiagonalMajorant,
    isCancelled: () -> Bool = { false }
  ) throws -> GainProof {
    let floor = network.isChain ? 1.0 + 1e-6 : 2.0
    return try GainProof(network: network, sectors: sectors, isCancelled: isCancelled) { position, stage in
      let own = try multipliers(gain: stage.units, sectors: sectors[position], majorant: majorant, floor: floor)
      return groups?[position].shared(own) ?? own
    }
  }
}

extension LoweredNetwork {
  /// Whether every node is used by exactly the next one: no residual or dense branches.
  var isChain: Bool {
    for (index, node) in nodes.enumerated() {
      switch node.kind {
      case .input: if index != 0 { return false }
      case .affine(let terms, _): if terms.count != 1 || terms[0].source != index - 1 { return false }
      case .activation(let source, _): if source != index - 1 { return false }
      }
    }
    return true
  }
}
