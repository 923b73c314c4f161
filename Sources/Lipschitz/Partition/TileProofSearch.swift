import Certificates
import LinearAlgebra
import Networks

/// Finds provable multipliers and input weights of one type of tile from its lifted vectors.
struct TileProofSearch {
  let type: PartitionedNetwork.TileType
  /// ŵ.
  let outputWeights: [Double]
  /// The tile's vectors, one row for each direction.
  let values: [Matrix<Double>]
  /// √π of the window's coordinates: what the weights are to be small against.
  let scales: [Double]
  let tolerance: Double
  let seed: UInt64

  /// The proof's data with the least Σ π d that was found.
  ///
  /// - Throws: ``NotProved`` when none could be proved.
  func best(isCancelled: () -> Bool) throws -> Composition.TileProof {
    if scales.isEmpty { return type.constantProof(outputWeights: outputWeights) }
    var best: (price: Double, gain: GainProof, weights: [Double])?
    var failure: (any Error)?
    // Σ π d ≥ Σ ŵ |Y|²: at that the search ends.
    let last = values[values.count - 1].columnNorms()
    let target = zip(outputWeights, last).reduce(0) { $0 + $1.0 * $1.1 * $1.1 } * (1 + tolerance)
    func consider(_ makeGain: () throws -> GainProof) {
      do {
        let gain = try makeGain()
        let weights = try inputWeights(gain.inputGain)
        let price = zip(weights, scales).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
        if price < best?.price ?? .infinity { best = (price, gain, weights) }
      } catch {
        failure = error
      }
    }
    let depth = Double(max(1, type.sectors.count))
    for inflation in [0.3, 3, 30, 300].map({ $0 * tolerance / depth }) where best.map({ $0.price > target }) ?? true {
      if isCancelled() && best != nil { break }
      let rule = SelfConsistentMultipliers(
        type.network, sectors: type.sectors, values: values, inflation: inflation, seed: seed)
      let before = best?.price
      consider {
        try GainProof(
          network: type.network, sectors: type.sectors, outputWeights: outputWeights, choosing: rule.callAsFunction)
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
    return try conclude(best.gain, best.weights)
  }

  /// Raises the weights by rounding errors until the checker's proof accepts them.
  private func conclude(_ gain: GainProof, _ weights: [Double]) throws -> Composition.TileProof {
    for inflation in [1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6] {
      let raised = weights.map { max($0 * (1 + inflation), 0x1p-900) }
      do { try gain.prove(inputWeights: raised) } catch is NotProved { continue }
      return .init(outputWeights: outputWeights, multipliers: gain.multipliers, inputWeights: raised)
    }
    throw NotProved("no inflation of a tile's input weights up to 1e-6 was accepted")
  }

  /// Weights d with diag(d) ≥ Q and small Σ π d.
  ///
  /// The dual of that program is max tr QX over X ≥ 0 with diagonal π. With X = VV′ it is ascended coordinate by coordinate, V_p = √π_p a_p/|a_p|
  /// with a = QV, from the tile's vectors and some random rows; d_p = |a_p|/√π_p is then nearly feasible, and scaled up until it dominates.
  private func inputWeights(_ q: Matrix<Double>) throws -> [Double] {
    var v = values[0]
    let noiseRows = 8
    var random = SplitMix64(seed: seed)
    let deviation = (1e-4 / Double(noiseRows)).squareRoot()
    v.elements += (0..<noiseRows).flatMap { _ in scales.map { $0 * deviation * random.nextGaussian() } }
    v = Matrix(rows: v.rows + noiseRows, columns: v.columns, elements: v.elements)
    var best: (price: Double, weights: [Double])?
    for _ in 0..<8 {
      var norms: [Double] = []
      for _ in 0..<10 {
        var a = Matrix<Double>(rows: v.rows, columns: v.columns)
        Matrix.multiply(v, q, into: &a, accumulating: false)
        norms = a.columnNorms()
        for i in norms.indices where norms[i] > 0 { for k in 0..<v.rows { v[k, i] = scales[i] * a[k, i] / norms[i] } }
      }
      let d = zip(norms, scales).map { $0 / $1 }
      guard let largest = d.max(), largest > 0 else { return d }
      let (factor, weights) = try Self.dominating(q, d.map { max($0, 1e-6 * largest) })
      let price = zip(weights, scales).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
      if price < best?.price ?? .infinity { best = (price, weights) }
      if factor < 1 + 0.1 * tolerance { break }
    }
    return best?.weights ?? []
  }

  /// The least s with diag(s d) ≥ Q, about, and s d.
  private static func dominating(_ q: Matrix<Double>, _ d: [Double]) throws -> (factor: Double, weights: [Double]) {
    var scaled = q
    let roots = d.map { 1 / $0.squareRoot() }
    for i in 0..<q.rows { for j in 0..<q.columns { scaled[i, j] *= roots[i] * roots[j] } }
    let s = try scaled.largestEigenvalueEstimate()
    return (s, d.map { $0 * s })
  }
}
