import LinearAlgebra
import Networks

/// LipLT's bound: every unit is split into its mean slope and a remainder, and the remainders are chained by norms of linear maps.
///
/// With slopes in [α, β], c about (α + β)/2 and η ≥ max(β − c, c − α), each activation is φ(p) = c p + ψ(p) with ψ η-Lipschitz. Replacing φ
/// by that makes the network linear in the input and the ψ(p_b): with A_ab the linear map from ψ(p_b) to the pre-activation p_a (or to the
/// output) through everything in between, all activations there being c, and A_a0 the one from the input,
///
///     |dp_a| ≤ m_a |dx|,    m_a = ‖A_a0‖ + Σ_b ‖A_ab‖ η_b m_b,
///
/// which is Fazlyab et al. (NeurIPS 2023) for chains and residual networks alike: every skip connection is part of the maps A. The
/// choice of c is free; η is rounded up.
///
/// The norms come from the backward value-function recursion: begun with |dp_a|², its block for ψ(p_b) is A_ab′ A_ab, with rounding errors
/// carried on its diagonal, and an elimination proves that it is at most a stated gain.
public struct LoopTransformation: Sendable {
  /// For every activation node in order, then for the output: bounds on ‖A_ab‖², of the input first, then of the activation nodes before.
  ///
  /// Zero stands for a map that vanishes.
  public let gains: [[Double]]
  /// The bound on the Lipschitz constant from the l₂ norm to the l₂ norm, rounded up.
  public let bound: Double

  /// Proves the bound, choosing each gain when its matrix is known.
  ///
  /// - Parameters:
  ///   - network: the network with the output selection appended.
  ///   - isCancelled: asked often; a cancelled proof throws.
  ///   - choose: candidates for a bound on the largest eigenvalue of a matrix, given the stage and the source in ``gains``, tried in order.
  /// - Throws: ``NotProved`` when none of the candidates is proved, or what `choose` throws.
  /// - Complexity: for l activation nodes of n units about l²/2 eliminations of order n and as many substitutions.
  public init(
    network: LoweredNetwork, isCancelled: () -> Bool = { false },
    choosing choose: (_ stage: Int, _ source: Int, _ gain: Matrix<Double>) throws -> [Double]
  ) throws {
    try network.requireNormalForm()
    let activations = network.activationNodes
    let halves = network.globalSectors.map(Self.split)
    var stages: [[Double]] = []
    var constants: [Double] = []
    for stage in 0...activations.count {
      var start = network.nodes.count - 1
      if stage < activations.count, case .activation(let source, _) = network.nodes[activations[stage]].kind { start = source }
      var gains = [Double](repeating: 0, count: stage + 1)
      var value = ValueFunction(output: start, weights: Array(repeating: 1, count: network.nodes[start].count))
      for index in stride(from: start, through: 0, by: -1) where value.isLive(index) {
        try Interruptible.check(isCancelled)
        let node = network.nodes[index]
        var source: Int?
        var terms: [(key: Int, map: CertifiedMap)] = []
        switch node.kind {
        case .input: source = 0
        case .affine(let parts, _): terms = parts.map { ($0.source, CertifiedMap($0.map, count: network.nodes[$0.source].count)) }
        case .activation(let preactivation, _):
          let position = activations.firstIndex(of: index) ?? 0
          source = position + 1
          terms = [(preactivation, CertifiedMap(DiagonalMap(scale: halves[position].mean), count: node.count))]
        }
        if let source {
          let gain = value.block(rows: index, columns: index)
          gains[source] = try Self.proved(choose(stage, source, gain), for: gain, at: node.name, isCancelled)
        }
        if index > 0 { try value.substitute(index, by: terms, isCancelled: isCancelled) }
      }
      stages.append(gains)
      let norms = gains.map { ErrorBounds.sqrtUp($0) }
      let sum = (0..<stage).reduce(norms[0]) { sum, b in
        // A map that vanishes, or a remainder of no width, adds nothing, whatever its stage's constant.
        let factor = gains[b + 1] == 0 || halves[b].width == 0 ? 0 : ErrorBounds.multiplyUp(halves[b].width, constants[b])
        return ErrorBounds.addUp(sum, ErrorBounds.multiplyUp(norms[b + 1], factor))
      }
      constants.append(sum)
    }
    gains = stages
    bound = constants[constants.count - 1]
    guard bound.isFinite else { throw NotProved("the bound overflows") }
  }

  /// Proves the bound from stated gains.
  ///
  /// - Throws: ``NotProved``.
  public init(network: LoweredNetwork, gains: [[Double]], isCancelled: () -> Bool = { false }) throws {
    let stages = network.activationNodes.count + 1
    guard gains.count == stages, zip(gains, 1...stages).allSatisfy({ $0.count == $1 }) else {
      throw NotProved("the gains do not fit the network's \(stages - 1) activation nodes")
    }
    try self.init(network: network, isCancelled: isCancelled) { stage, source, _ in [gains[stage][source]] }
  }

  /// c for every unit and the largest η.
  private static func split(_ sectors: UnitSectors) -> (mean: [Double], width: Double) {
    var (means, width) = ([Double](), 0.0)
    for (lower, upper) in zip(sectors.lower, sectors.upper) {
      let mean = lower == upper ? lower : 0.5 * lower + 0.5 * upper
      means.append(mean)
      if lower != upper { width = max(width, ErrorBounds.subtractUp(upper, mean), ErrorBounds.subtractUp(mean, lower)) }
    }
    return (means, width)
  }

  /// The first candidate ρ for which ρI − Q ≥ 0 is proved.
  private static func proved(
    _ candidates: [Double], for gain: Matrix<Double>, at node: String, _ isCancelled: () -> Bool
  ) throws -> Double {
    if gain.elements.allSatisfy({ $0 == 0 }) { return 0 }
    for candidate in candidates where candidate.isFinite && candidate > 0 {
      var pivots = gain
      pivots.negate()
      for i in 0..<gain.rows { pivots[i, i] = (candidate + pivots[i, i]).nextDown }
      var coupling = Matrix<Double>(rows: 0, columns: gain.rows)
      do {
        _ = try VerifiedElimination(pivots: &pivots, coupling: &coupling, starts: [], isCancelled: isCancelled)
        return candidate
      } catch let error as NotProved where error != Interruptible.cancelled {
        continue
      }
    }
    throw NotProved("no bound on the gain at '\(node)' was accepted")
  }
}
