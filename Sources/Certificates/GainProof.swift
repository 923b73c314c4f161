import LinearAlgebra
import Networks

/// Proves quadratic gain bounds of a lowered network from given multipliers.
///
/// For multipliers t ≥ 0 of the slope constraints, one for each unit, the backward recursion yields a floating-point matrix Q over the input
/// with |f(x) − f(x′)|² ≤ (x − x′)′ Q (x − x′), true in real arithmetic whatever the multipliers are; bad multipliers only make it large or
/// make the proof fail.
public struct GainProof: Sendable {
  /// Q over the input's coordinates.
  public let inputGain: Matrix<Double>

  /// The multipliers the proof rests on, one list for each activation node.
  public let multipliers: [[Double]]

  /// The greatest sum of bytes of the recursion's matrices that were held at once; ``CostEstimate/bytes`` is not less.
  let peakBytes: Int

  /// Runs the recursion backwards over the network with given multipliers.
  ///
  /// - Parameters:
  ///   - network: the network, with biases irrelevant.
  ///   - sectors: for each activation node, in order, its units' slope sectors.
  ///   - outputWeights: for a proof about Σ wᵢ dyᵢ² instead of |dy|², the weights w ≥ 0.
  ///   - multipliers: for each activation node, in order, one t ≥ 0 for each unit.
  ///   - isCancelled: asked on the calling thread, many times a second; a cancelled proof throws.
  /// - Throws: ``NotProved`` when some stage is not provably positive definite, or a multiplier is negative, not finite or missing.
  /// - Complexity: Σ n³/2 over the activation nodes (n units, alone live), and as much for dense affine maps; see ``CostEstimate``.
  public init(
    network: LoweredNetwork, sectors: [UnitSectors], outputWeights: [Double]? = nil, multipliers: [[Double]],
    isCancelled: () -> Bool = { false }
  ) throws {
    guard multipliers.count == network.activationNodes.count else {
      throw NotProved("there are \(network.activationNodes.count) activation nodes, but multipliers for \(multipliers.count)")
    }
    try self.init(network: network, sectors: sectors, outputWeights: outputWeights, isCancelled: isCancelled) { position, _ in
      multipliers[position]
    }
  }

  /// Runs the recursion backwards, choosing each activation node's multipliers when it is reached.
  ///
  /// - Parameters:
  ///   - network: the network, with biases irrelevant.
  ///   - sectors: for each activation node, in order, its units' slope sectors.
  ///   - isCancelled: asked on the calling thread, many times a second; a cancelled proof throws.
  ///   - choose: given an activation node's position among them and the gain at that stage, returns its multipliers. The proof is sound
  ///     whatever it returns.
  /// - Throws: ``NotProved``, or what `choose` throws.
  public init(
    network: LoweredNetwork, sectors: [UnitSectors], outputWeights: [Double]? = nil, isCancelled: () -> Bool = { false },
    choosing choose: (_ position: Int, _ stage: StageGain) throws -> [Double]
  ) throws {
    try network.requireNormalForm()
    let activations = network.activationNodes
    guard zip(activations, sectors).allSatisfy({ $1.fits(count: network.nodes[$0].count) }), sectors.count == activations.count else {
      throw NotProved("the sectors do not fit the network")
    }
    var chosen = [[Double]](repeating: [], count: activations.count)
    var position = activations.count - 1
    let last = network.nodes.count - 1
    let weights = outputWeights ?? Array(repeating: 1, count: network.outputCount)
    guard weights.count == network.outputCount, weights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw NotProved("the weights of the outputs do not fit the network")
    }
    var value = ValueFunction(output: last, weights: weights)
    for index in stride(from: last, through: 0, by: -1) {
      try Interruptible.check(isCancelled)
      let node = network.nodes[index]
      switch node.kind {
      case .input:
        break
      case .affine(let terms, _):
        guard value.isLive(index) else { continue }
        do {
          try value.substitute(
            index, by: terms.map { ($0.source, CertifiedMap($0.map, count: network.nodes[$0.source].count)) }, isCancelled: isCancelled)
        } catch let error as NotProved where error != Interruptible.cancelled {
          throw NotProved("at '\(node.name)': \(error)")
        }
      case .activation(let source, _):
        let own = position
        position -= 1
        let t = try choose(own, StageGain(value: value, key: index))
        guard t.count == node.count else {
          throw NotProved("'\(node.name)' has \(node.count) units, but \(t.count) multipliers")
        }
        guard t.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
          throw NotProved("'\(node.name)' has a multiplier that is negative or not finite")
        }
        chosen[own] = t
        do {
          try value.eliminate(
            index, preactivation: source, count: node.count, sectors: sectors[own], multipliers: t, isCancelled: isCancelled)
        } catch let error as NotProved where error != Interruptible.cancelled {
          throw NotProved("at '\(node.name)': \(error)")
        }
      }
    }
    multipliers = chosen
    peakBytes = value.peakBytes
    guard value.liveNodes.allSatisfy({ $0 == 0 }) else { throw NotProved("a node other than the input was left over") }
    inputGain = value.isLive(0) ? value.q : Matrix(rows: network.inputCount, columns: network.inputCount)
  }

  /// Proves |f(x) − f(x′)|² ≤ Σ dᵢ (xᵢ − x′ᵢ)², that is diag(d) − Q > 0.
  ///
  /// With all dᵢ = ρ it bounds the l₂ gain by √ρ; in general it bounds the gain from l_∞ to l₂ by √(Σ dᵢ).
  ///
  /// - Parameters:
  ///   - d: the dᵢ.
  ///   - isCancelled: asked on the calling thread, many times a second.
  /// - Throws: ``NotProved``, also when cancelled.
  public func prove(inputWeights d: [Double], isCancelled: () -> Bool = { false }) throws {
    guard d.count == inputGain.rows, d.allSatisfy({ $0.isFinite && $0 >= 0 }) else {
      throw NotProved("the input weights do not fit the input")
    }
    var difference = Matrix<Double>.unwritten(rows: d.count, columns: d.count)
    inputGain.copyBlock(rows: 0..<d.count, columns: 0..<d.count, to: &difference, row: 0, column: 0, negated: true)
    for i in d.indices { difference[i, i] = (d[i] + difference[i, i]).nextDown }
    do {
      try VerifiedElimination.provePositive(&difference, isCancelled: isCancelled)
    } catch let error as NotProved where error != Interruptible.cancelled {
      throw NotProved("at the input: \(error)")
    }
  }
}
