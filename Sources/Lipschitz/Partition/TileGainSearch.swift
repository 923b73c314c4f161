import Certificates
import LinearAlgebra
import Networks

/// Finds provable multipliers of one type of tile from its lifted vectors.
struct TileGainSearch {
  let type: PartitionedNetwork.TileType
  /// ŵ.
  let outputWeights: [Double]
  /// The tile's vectors, one row for each direction; those of the input have the lengths √π.
  let values: [Matrix<Double>]
  let tolerance: Double
  let seed: UInt64

  /// The gain with the least lower bound of Σ π d that was found: tr QX with the diagonal of X = VV′ given by the prices.
  ///
  /// - Throws: ``NotProved`` when none could be proved.
  func best(isCancelled: () -> Bool) throws -> GainProof {
    var best: (price: Double, gain: GainProof)?
    var failure: (any Error)?
    let last = values[values.count - 1].columnNorms()
    let target = zip(outputWeights, last).reduce(0) { $0 + $1.0 * $1.1 * $1.1 } * (1 + 0.3 * tolerance)
    func consider(_ makeGain: () throws -> GainProof) {
      do {
        let gain = try makeGain()
        let price = try reachable(gain.inputGain)
        if price < best?.price ?? .infinity { best = (price, gain) }
      } catch {
        failure = error
      }
    }
    let depth = Double(max(1, type.sectors.count))
    for inflation in [0.1, 1, 10, 100].map({ $0 * tolerance / depth }) where best.map({ $0.price > target }) ?? true {
      if isCancelled() && best != nil { break }
      let rule = SelfConsistentMultipliers(type.network, sectors: type.sectors, values: values, inflation: inflation, seed: seed)
      let before = best?.price
      consider {
        try GainProof(network: type.network, sectors: type.sectors, outputWeights: outputWeights, choosing: rule.callAsFunction)
      }
      // Once larger inflations lose, they go on losing.
      if let before, best?.price == before { break }
      if type.sectors.isEmpty { break }
    }
    if best == nil {
      let floor = type.network.isChain ? 1.0 + 1e-6 : 2.0
      consider {
        try GainProof(network: type.network, sectors: type.sectors, outputWeights: outputWeights) { position, stage in
          try BackwardClosedForm.multipliers(
            gain: stage.units, sectors: type.sectors[position], majorant: .scaledSpectral, floor: floor)
        }
      }
    }
    guard let best else { throw failure ?? NotProved("no multipliers were found") }
    return best.gain
  }

  /// Σ √π |QV| after some rounds of V ← √π QV/|QV|: what Σ π d cannot fall below, about.
  private func reachable(_ q: Matrix<Double>) throws -> Double {
    var v = values[0]
    let scales = v.columnNorms()
    var price = 0.0
    for _ in 0..<20 {
      var a = Matrix<Double>(rows: v.rows, columns: v.columns)
      Matrix.multiply(v, q, into: &a, accumulating: false)
      let norms = a.columnNorms()
      price = zip(norms, scales).reduce(0) { $0 + $1.0 * $1.1 }
      for i in norms.indices where norms[i] > 0 { for k in 0..<v.rows { v[k, i] = scales[i] * a[k, i] / norms[i] } }
    }
    return price
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
