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
  ///   - journal: where to store what is reached, and who is told.
  ///   - isCancelled: asked on the calling thread, many times a second; a cancelled proof throws.
  /// - Throws: ``NotProved`` when some stage is not provably positive definite, or a multiplier is negative, not finite or missing;
  ///   ``WorkFolder/Refusal`` and `FileWriteError` of the journal.
  /// - Complexity: Σ n³/2 over the activation nodes (n units, alone live), and as much for dense affine maps; see ``CostEstimate``.
  public init(
    network: LoweredNetwork, sectors: [UnitSectors], outputWeights: [Double]? = nil, multipliers: [[Double]],
    journal: ProofJournal = ProofJournal(),
    isCancelled: () -> Bool = { false }
  ) throws {
    guard multipliers.count == network.activationNodes.count else {
      throw NotProved("there are \(network.activationNodes.count) activation nodes, but multipliers for \(multipliers.count)")
    }
    var journal = journal
    if journal.folder != nil { journal.rule = ProofJournal.digest(multipliers) }
    try self.init(network: network, sectors: sectors, outputWeights: outputWeights, journal: journal, isCancelled: isCancelled) {
      position, _ in multipliers[position]
    }
  }

  /// Runs the recursion backwards, choosing each activation node's multipliers when it is reached.
  ///
  /// - Parameters:
  ///   - network: the network, with biases irrelevant.
  ///   - sectors: for each activation node, in order, its units' slope sectors.
  ///   - outputWeights: the weight of every output's square; 1 unless given.
  ///   - journal: where to store what is reached, and who is told. Its rule stands for `choose`.
  ///   - isCancelled: asked on the calling thread, many times a second; a cancelled proof throws.
  ///   - choose: given an activation node's position among them and the gain at that stage, returns its multipliers. The proof is sound
  ///     whatever it returns.
  /// - Throws: ``NotProved``, what `choose` throws, or ``WorkFolder/Refusal`` and `FileWriteError` of the journal.
  public init(
    network: LoweredNetwork, sectors: [UnitSectors], outputWeights: [Double]? = nil, journal: ProofJournal = ProofJournal(),
    isCancelled: () -> Bool = { false },
    choosing choose: (_ position: Int, _ stage: StageGain) throws -> [Double]
  ) throws {
    try network.requireNormalForm()
    let activations = network.activationNodes
    guard zip(activations, sectors).allSatisfy({ $1.fits(count: network.nodes[$0].count) }), sectors.count == activations.count else {
      throw NotProved("the sectors do not fit the network")
    }
    let last = network.nodes.count - 1
    let weights = outputWeights ?? Array(repeating: 1, count: network.outputCount)
    guard weights.count == network.outputCount, weights.allSatisfy({ $0 >= 0 && $0.isFinite }) else {
      throw NotProved("the weights of the outputs do not fit the network")
    }
    let affine = network.affineTerms()
    let key = journal.folder == nil ? "" : Self.key(network, sectors: sectors, rule: journal.rule, weights: weights)
    var state = ProofState(
      next: last, multipliers: Array(repeating: [], count: activations.count),
      value: ValueFunction(output: last, weights: weights))
    if let lists = try journal.folder?.load(journal.name, key: key) {
      guard let stored = ProofState(lists, network: network) else {
        throw WorkFolder.Refusal(description: "the work file '\(journal.name)' does not fit the network; delete it to start over")
      }
      state = stored
    }
    let meter = ProgressMeter(network, resumedAt: state.next, report: journal.report)
    func isInterrupted() -> Bool {
      meter.tick()
      return isCancelled()
    }
    var position = activations.count { $0 <= state.next } - 1
    for index in stride(from: state.next, through: 0, by: -1) {
      try Interruptible.check(isInterrupted)
      let node = network.nodes[index]
      meter.begin(index)
      do {
        switch node.kind {
        case .input:
          break
        case .affine:
          guard state.value.isLive(index), let terms = affine[index] else { continue }
          try state.value.substitute(index, by: terms.map { ($0.source, $0.map) }, isCancelled: isInterrupted)
        case .activation(let source, _):
          let own = position
          position -= 1
          let t = try choose(own, StageGain(value: state.value, key: index))
          guard t.count == node.count else { throw NotProved("there are \(node.count) units, but \(t.count) multipliers") }
          guard t.allSatisfy({ $0 >= 0 && $0.isFinite }) else { throw NotProved("a multiplier is negative or not finite") }
          state.multipliers[own] = t
          let fusion = Fusion(
            affine[source], units: node.count, isReplaceable: !state.value.isLive(source) && ValueFunction.isReplaceable(sectors[own]),
            others: state.value.gain.counts.filter { $0.key != index })
          let through = fusion.pays ? affine[source]?.map { (key: $0.source, map: $0.map) } : nil
          try state.value.eliminate(
            index, preactivation: source, count: node.count, sectors: sectors[own], multipliers: t, through: through,
            isCancelled: isInterrupted)
          meter.finishStage()
          state.next = index - 1
          if let folder = journal.folder { try folder.save(state.lists, as: journal.name, key: key) }
        }
      } catch let error as NotProved where error != Interruptible.cancelled {
        throw NotProved("at '\(node.name)': \(error)")
      }
    }
    multipliers = state.multipliers
    let value = state.value
    peakBytes = value.peakBytes
    guard value.liveNodes.allSatisfy({ $0 == 0 }) else { throw NotProved("a node other than the input was left over") }
    inputGain = value.isLive(0) ? value.q : Matrix(rows: network.inputCount, columns: network.inputCount)
  }

  /// What stored states of a proof belong to.
  private static func key(_ network: LoweredNetwork, sectors: [UnitSectors], rule: String, weights: [Double]) -> String {
    var sha = SHA256()
    sha.update(NetworkDigest.sha256(of: network).utf8)
    for sector in sectors {
      sha.update(sector.lower)
      sha.update(sector.upper)
    }
    sha.update(weights)
    sha.update(rule.utf8)
    return sha.finish()
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
    let n = inputGain.rows
    guard d.count == n, d.allSatisfy({ $0.isFinite && $0 >= 0 }) else { throw NotProved("the input weights do not fit the input") }
    var pivots = Matrix<Double>.unwritten(rows: n, columns: n)
    inputGain.copyBlock(rows: 0..<n, columns: 0..<n, to: &pivots, row: 0, column: 0, negated: true)
    for i in 0..<n { pivots[i, i] = (d[i] + pivots[i, i]).nextDown }
    var coupling = Matrix<Double>(rows: 0, columns: n)
    do {
      _ = try VerifiedElimination(pivots: &pivots, coupling: &coupling, starts: [], isCancelled: isCancelled)
    } catch let error as NotProved where error != Interruptible.cancelled {
      throw NotProved("at the input: \(error)")
    }
  }
}
