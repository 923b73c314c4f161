import Certificates
import LinearAlgebra
import Networks

/// Input weights of all types of a block for given gains: diag(d) ≥ Q for each type, small where prices are high.
///
/// The program min Σ π w, with w the sums of the d over each coordinate, has the dual max Σ tr QX over X ≥ 0 with diagonals of the prices. With
/// X = VV′ it is ascended coordinate by coordinate: V_p = √π_p a_p/|a_p| with a = QV; then d_p = |a_p|/√π_p nearly dominates, and is scaled up
/// until it does. At the input of the network the largest w counts, so the prices move too, √π ← √π w, as in ``PartitionIteration``.
struct WeightBalance {
  private static let phases = 12
  private static let roundsOfPhase = 10
  private static let noiseRows = 8

  private let block: PartitionedNetwork.Block
  private let gains: [Matrix<Double>]
  private let tolerance: Double
  private let movesPrices: Bool
  /// √π of the block's input coordinates.
  private var scales: [Double]
  /// Unit vectors of each type's window coordinates, one row for each direction.
  private var directions: [Matrix<Double>]

  /// Prepares the ascent.
  ///
  /// - Parameters:
  ///   - gains: Q of each type.
  ///   - vectors: each type's input vectors, one row for each direction.
  ///   - prices: π of the block's input coordinates.
  ///   - movesPrices: whether the largest weight is to be small, rather than Σ π w.
  init(
    _ block: PartitionedNetwork.Block, gains: [Matrix<Double>], vectors: [Matrix<Double>], prices: [Double], movesPrices: Bool,
    tolerance: Double, seed: UInt64
  ) {
    self.block = block
    self.gains = gains
    self.tolerance = tolerance
    self.movesPrices = movesPrices
    scales = PartitionPrices.floored(prices).map { $0.squareRoot() }
    var random = SplitMix64(seed: seed)
    directions = vectors.map { v in
      let norms = v.columnNorms()
      var rows = v.elements
      for k in 0..<v.rows { for i in 0..<v.columns { rows[k * v.columns + i] /= max(norms[i], 1e-300) } }
      rows += (0..<Self.noiseRows * v.columns).map { _ in 0.004 * random.nextGaussian() }
      return Matrix(rows: v.rows + Self.noiseRows, columns: v.columns, elements: rows)
    }
  }

  /// The best weights met, for each type, and what they cost: the largest weight or Σ π w. `nil` when there are none.
  mutating func run(isCancelled: () -> Bool) throws -> (cost: Double, weights: [[Double]])? {
    var best: (cost: Double, weights: [[Double]])?
    var stalled = 0
    for _ in 0..<Self.phases {
      var weights: [[Double]] = []
      for _ in 0..<Self.roundsOfPhase { weights = round() }
      let gains = gains
      let own = weights
      let dominating = try ParallelFor.map(gains.count) { try Self.dominating(gains[$0], own[$0]) }
      let sums = block.weights(dominating.map(\.weights))
      let price = zip(sums, scales).reduce(0) { $0 + $1.0 * $1.1 * $1.1 }
      let cost = movesPrices ? sums.max() ?? 0 : price
      stalled = cost > (best?.cost ?? .infinity) * (1 - 0.05 * tolerance) ? stalled + 1 : 0
      if cost < (best?.cost ?? .infinity) || best == nil { best = (cost, dominating.map(\.weights)) }
      let total = scales.reduce(0) { $0 + $1 * $1 }
      let isBalanced = !movesPrices || cost * total <= price * (1 + 0.2 * tolerance)
      if isCancelled() || stalled == 2 || (isBalanced && dominating.allSatisfy { $0.factor <= 1 + 0.2 * tolerance }) { break }
    }
    return best
  }

  private mutating func round() -> [[Double]] {
    let (block, scales, old, gains) = (block, scales, directions, gains)
    let results = ParallelFor.map(gains.count) { number -> (Matrix<Double>, [Double]) in
      let own = block.types[number].scales(scales)
      var v = old[number]
      for k in 0..<v.rows { for i in 0..<v.columns { v[k, i] *= own[i] } }
      var a = Matrix<Double>(rows: v.rows, columns: v.columns)
      Matrix.multiply(v, gains[number], into: &a, accumulating: false)
      let norms = a.columnNorms()
      for i in norms.indices {
        let factor = norms[i] > 0 ? 1 / norms[i] : 0
        for k in 0..<v.rows { v[k, i] = norms[i] > 0 ? a[k, i] * factor : old[number][k, i] }
      }
      return (v, zip(norms, own).map { $0 / $1 })
    }
    directions = results.map(\.0)
    let weights = results.map(\.1)
    if movesPrices {
      let sums = block.weights(weights)
      let moved = zip(self.scales, sums).map { $0 * $1 }
      let total = moved.reduce(0) { $0 + $1 * $1 }
      if total > 0 { self.scales = PartitionPrices.floored(moved.map { $0 * $0 / total }).map { $0.squareRoot() } }
    }
    return weights
  }

  /// The least s with diag(s d) ≥ Q, about, and s d.
  private static func dominating(_ q: Matrix<Double>, _ d: [Double]) throws -> (factor: Double, weights: [Double]) {
    guard let largest = d.max(), largest > 0 else { return (1, d) }
    let floored = d.map { max($0, 1e-6 * largest) }
    var scaled = q
    let roots = floored.map { 1 / $0.squareRoot() }
    for i in 0..<q.rows { for j in 0..<q.columns { scaled[i, j] *= roots[i] * roots[j] } }
    let s = try scaled.largestEigenvalueEstimate()
    return (s, floored.map { $0 * s })
  }
}

extension PartitionedNetwork.TileType {
  /// √ of the sums, over the type's places, of the squares of the cut's scales: one for each coordinate of the window.
  func scales(_ scales: [Double]) -> [Double] {
    var sums = [Double](repeating: 0, count: network.inputCount)
    for window in windows { for (k, p) in window.enumerated() { sums[k] += scales[p] * scales[p] } }
    let least = 1e-12 * (sums.max() ?? 0) + 1e-300
    return sums.map { max($0, least).squareRoot() }
  }
}
