import Certificates
import LinearAlgebra
import Networks

/// Finds provable multipliers and input weights of a block's types of tiles from their lifted vectors.
///
/// Multipliers are rebuilt inside each type's proof, larger by a factor 1 + e: too small an e leaves directions that the vectors do not excite
/// with too little, too large a one is loose by itself. A few e are tried for the whole block, because what counts is the weights' cost over all
/// of it.
struct BlockProofSearch {
  /// The block; every type depends on something.
  let block: PartitionedNetwork.Block
  /// ŵ of each type.
  let outputWeights: [[Double]]
  /// Each type's vectors, one row for each direction; those of the input have the lengths √π.
  let values: [[Matrix<Double>]]
  /// π of the block's input coordinates.
  let prices: [Double]
  /// Whether the largest weight is to be small, rather than Σ π w.
  let movesPrices: Bool
  let budget: Budget

  /// The proofs' data, for each type.
  ///
  /// - Throws: ``NotProved`` when a type has none.
  func best() throws -> [Composition.TileProof] {
    var best: (cost: Double, gains: [GainProof], weights: [[Double]])?
    // No weights cost less than Σ ŵ |Y|².
    let target = zip(outputWeights, values).reduce(0) { sum, type in
      let lengths = type.1[type.1.count - 1].columnNorms()
      return sum + zip(type.0, lengths).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
    }
    let hasUnits = block.types.contains { !$0.sectors.isEmpty }
    for factor in hasUnits ? [0.3, 2, 10, 60] : [0.3] where !(best != nil && budget.isCancelled()) {
      let known = best?.gains
      let (budget, outputWeights, values, block) = (budget, outputWeights, values, block)
      let gains = try ParallelFor.map(block.types.count) { number in
        let type = block.types[number]
        let inflation = factor * budget.tolerance / Double(max(1, type.sectors.count))
        do {
          return try Self.rebuilt(type, outputWeights[number], values[number], inflation: inflation, seed: budget.seed &+ 1)
        } catch {
          return try known?[number] ?? Self.closedForm(type, outputWeights[number])
        }
      }
      var balance = WeightBalance(
        block, gains: gains.map(\.inputGain), vectors: values.map { $0[0] }, prices: prices, movesPrices: movesPrices,
        tolerance: budget.tolerance, seed: budget.seed &+ 1)
      guard let balanced = try balance.run(isCancelled: budget.isCancelled) else { break }
      if let best, balanced.cost >= best.cost { break }
      best = (balanced.cost, gains, balanced.weights)
      if balanced.cost <= target * (1 + budget.tolerance) { break }
    }
    guard let best else { throw NotProved("no weights of the tiles' inputs were found") }
    let proved = try ParallelFor.map(best.gains.count) { try best.gains[$0].provedWeights(best.weights[$0]) }
    return block.types.indices.map { number in
      .init(outputWeights: outputWeights[number], multipliers: best.gains[number].multipliers, inputWeights: proved[number])
    }
  }

  private static func rebuilt(
    _ type: PartitionedNetwork.TileType, _ outputWeights: [Double], _ values: [Matrix<Double>], inflation: Double, seed: UInt64
  ) throws -> GainProof {
    let rule = SelfConsistentMultipliers(type.network, sectors: type.sectors, values: values, inflation: inflation, seed: seed)
    return try GainProof(
      network: type.network, sectors: type.sectors, outputWeights: outputWeights, choosing: rule.callAsFunction)
  }

  private static func closedForm(_ type: PartitionedNetwork.TileType, _ outputWeights: [Double]) throws -> GainProof {
    let floor = type.network.isChain ? 1.0 + 1e-6 : 2.0
    return try GainProof(network: type.network, sectors: type.sectors, outputWeights: outputWeights) { position, stage in
      try BackwardClosedForm.multipliers(
        gain: stage.units, sectors: type.sectors[position], majorant: .scaledSpectral, floor: floor)
    }
  }
}

extension GainProof {
  /// Raises weights by rounding errors until they are proved.
  ///
  /// - Throws: ``NotProved`` when no inflation up to 10⁻⁶ was accepted.
  func provedWeights(_ weights: [Double]) throws -> [Double] {
    for inflation in [1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6] {
      let raised = weights.map { max($0 * (1 + inflation), 0x1p-900) }
      do { try prove(inputWeights: raised) } catch is NotProved { continue }
      return raised
    }
    throw NotProved("no inflation of a tile's input weights up to 1e-6 was accepted")
  }
}
