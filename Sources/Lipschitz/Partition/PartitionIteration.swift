import Certificates
import LinearAlgebra
import Networks

/// The lifted iteration on a partitioned network: prices go up, weights come down, all tiles of a block at once.
///
/// The program is: choose multipliers and input weights d of every type of tile so that the largest weight of an input coordinate (for l_∞
/// their sum) is least, see `Composition` for the rule. Its dual has a price π_p ≥ 0 for each coordinate of each cut. A type of tile sees
/// the sum of the prices over its places; the price of an output coordinate is the squared length of its lifted vector. Coming down, the
/// weights d_p = |A_p| / √π_p of the tiles over a coordinate add up to its weight w_p, and a type's output weights ŵ are the largest at any of
/// its places; a place's share of the price is multiplied by w/ŵ, so that it ends where the largest weights are. At the input √π_p ← √π_p
/// w_p, normalised: the same power iteration as that of V₀ in ``LiftedIteration``, with lengths that are shared by all tiles and directions
/// that are not.
struct PartitionIteration {
  private let partition: PartitionedNetwork
  private let norm: InputNorm
  private var tiles: [[TileIteration]]
  /// √π of the input's coordinates.
  private var scales: [Double]
  /// For each block's output coordinates, their share of the price of their coordinate of the type.
  private var shares: [[Double]]
  private var sinceRestart = 0
  /// π of each block's input coordinates, at the last pass up.
  private(set) var prices: [[Double]]

  /// Σ w π over the input's coordinates: about the optimum from below.
  private(set) var value = 0.0
  /// The bound on the squared constant that the iterate suggests.
  private(set) var suggested = Double.infinity

  init(_ partition: PartitionedNetwork, norm: InputNorm, rank: Int, seed: UInt64) {
    self.partition = partition
    self.norm = norm
    var random = SplitMix64(seed: seed)
    tiles = partition.blocks.map { block in block.types.map { TileIteration($0, rank: rank, seed: random.next()) } }
    shares = partition.blocks.map { block in
      var result = [Double](repeating: 0, count: block.outputCount)
      for type in block.types { for outputs in type.outputs { for i in outputs { result[i] = 1 / Double(type.outputs.count) } } }
      return result
    }
    let count = partition.blocks.first?.inputCount ?? 0
    prices = partition.blocks.map { Array(repeating: 0, count: $0.inputCount) }
    scales = Array(repeating: norm.hasOneWeight ? 1 / Double(max(1, count)).squareRoot() : 1, count: count)
  }

  /// One pass up and one down.
  mutating func step() {
    let up = goUp()
    if up < value { sinceRestart = 0 }
    value = up
    let weights = goDown(momentum: Double(sinceRestart) / Double(sinceRestart + 3))
    sinceRestart += 1
    suggested = norm.hasOneWeight ? weights.max() ?? 0 : weights.reduce(0, +)
    guard norm.hasOneWeight else { return }
    var total = 0.0
    for p in scales.indices {
      scales[p] *= weights[p]
      total += scales[p] * scales[p]
    }
    guard total > 0 else { return }
    // A price of zero would never rise again.
    let factor = 1 / total.squareRoot()
    let least = 1e-6 / Double(scales.count).squareRoot()
    for p in scales.indices { scales[p] = max(scales[p] * factor, least) }
  }

  private mutating func goUp() -> Double {
    var prices = scales.map { $0 * $0 }
    for (place, block) in partition.blocks.enumerated() {
      self.prices[place] = prices
      let roots = prices.map { $0.squareRoot() }
      let squares = Self.each(&tiles[place]) { number, tile in tile.goUp(scales: block.types[number].scales(roots)) }
      prices = Array(repeating: 0, count: block.outputCount)
      for (type, squares) in zip(block.types, squares) {
        for outputs in type.outputs { for (k, i) in outputs.enumerated() { prices[i] += shares[place][i] * squares[k] } }
      }
    }
    return prices.reduce(0, +)
  }

  private mutating func goDown(momentum: Double) -> [Double] {
    var weights = Array(repeating: 1.0, count: partition.blocks.last?.outputCount ?? 0)
    for (place, block) in partition.blocks.enumerated().reversed() {
      let own = weights
      let inputWeights = Self.each(&tiles[place]) { number, tile in
        tile.goDown(weights: block.types[number].largestWeights(own), momentum: momentum)
      }
      moveShares(place, weights: own)
      weights = block.weights(inputWeights)
    }
    return weights
  }

  private mutating func moveShares(_ place: Int, weights: [Double]) {
    for type in partition.blocks[place].types where type.outputs.count > 1 {
      var sums = [Double](repeating: 0, count: type.network.outputCount)
      let least = 1e-9 / Double(type.outputs.count)
      for outputs in type.outputs {
        for (k, i) in outputs.enumerated() {
          shares[place][i] = max(shares[place][i] * weights[i], 1e-300)
          sums[k] += shares[place][i]
        }
      }
      for outputs in type.outputs {
        for (k, i) in outputs.enumerated() { shares[place][i] = max(shares[place][i] / sums[k], least) }
      }
    }
  }

  /// Every node's vectors, for each type of a block.
  mutating func snapshot(block: Int) -> [[Matrix<Double>]] {
    Self.each(&tiles[block]) { _, tile in tile.snapshot() }
  }

  /// The results of `body` for each element, changed in place, on all threads.
  private static func each<T: Sendable>(
    _ tiles: inout [TileIteration], _ body: @Sendable (Int, inout TileIteration) -> T
  ) -> [T] {
    tiles.withUnsafeMutableBufferPointer { buffer in
      guard let shared = SharedBuffer(buffer) else { return [] }
      return ParallelFor.map(buffer.count) { body($0, &shared.base[$0]) }
    }
  }
}

extension PartitionedNetwork.TileType {
  /// For every coordinate of the tile, the largest of the weights at its places.
  func largestWeights(_ weights: [Double]) -> [Double] {
    var result = [Double](repeating: 0, count: network.outputCount)
    for own in outputs { for (k, i) in own.enumerated() { result[k] = max(result[k], weights[i]) } }
    return result
  }
}

extension PartitionedNetwork.Block {
  /// The weights of the block's input from those of its types' windows, rounded up.
  func weights(_ inputWeights: [[Double]]) -> [Double] {
    var result = [Double](repeating: 0, count: inputCount)
    for (type, weights) in zip(types, inputWeights) {
      for window in type.windows { for (p, d) in zip(window, weights) { result[p] = ErrorBounds.addUp(result[p], d) } }
    }
    return result
  }
}
