import Certificates
import LinearAlgebra
import Networks

/// The lifted vectors of all tiles of one type: one pass up and one pass down at a time.
///
/// The input's vectors are V_p = √π_p u_p with unit vectors u_p of the type's own and prices π_p given from outside.
struct TileIteration {
  private var passes: LiftedPasses<Double>
  /// Unit vectors of the units, then of the inputs, r for each.
  private var point: [Double]
  private var previous: [Double]
  private var tau: [Double]
  private var moved: [Double]
  private var directions: [Double]
  /// √π of each coordinate of the window, at the last pass up.
  private var scales: [Double] = []

  private let outputCount: Int

  private var rank: Int { passes.rank }
  private var firstInput: Int { passes.rank * passes.unitCount }

  init(_ type: PartitionedNetwork.TileType, rank: Int, seed: UInt64) {
    passes = LiftedPasses(type.network, sectors: type.sectors, rank: rank)
    outputCount = type.network.outputCount
    var random = SplitMix64(seed: seed)
    point = (0..<passes.pointCount).map { _ in random.nextGaussian() }
    tau = Array(repeating: 0, count: passes.unitCount)
    moved = tau
    for block in passes.blocks {
      let first = rank * block.start
      Self.normalise(&point, first: first, rank: rank, count: block.count)
    }
    Self.normalise(&point, first: rank * passes.unitCount, rank: rank, count: passes.inputCount)
    previous = point
    directions = Array(point[(rank * passes.unitCount)...])
  }

  /// Sends prices through the tile.
  ///
  /// - Returns: |Y|² of each of the tile's coordinates.
  mutating func goUp(scales: [Double]) -> [Double] {
    self.scales = scales
    // A tile that depends on nothing has no increments.
    if scales.isEmpty { return Array(repeating: 0, count: outputCount) }
    enterInput()
    _ = point.withUnsafeBufferPointer { point in point.baseAddress.map { passes.forward($0) } ?? 0 }
    return passes.output.columnNorms().map { $0 * $0 }
  }

  private mutating func enterInput() {
    let count = passes.inputCount
    for k in 0..<rank { for i in 0..<count { point[firstInput + k * count + i] = scales[i] * directions[k * count + i] } }
  }

  /// Sends weights of the tile's coordinates back, and moves every unit vector to where the linearised value is largest.
  ///
  /// - Returns: |A_p| / √π_p for each coordinate of the window: the input weights that this iterate suggests.
  mutating func goDown(weights: [Double], momentum: Double) -> [Double] {
    if scales.isEmpty { return [] }
    let rows = rank
    let units = passes.units
    var gradient = Matrix<Double>(rows: rows, columns: passes.inputCount)
    if passes.unitCount == 0 {
      gradient = passes.backward(scale: 1, outputWeights: weights) { _, _, _ in }
    } else {
      withMutablePointers(&point, &previous, &tau, &moved) { s, old, tau, moved in
        gradient = passes.backward(scale: 1, outputWeights: weights) { block, p, a in
          let first = block.start * rows
          units.step(
            block, momentum: momentum, p: p, a: a, s: s + first, old: old + first, tau: tau + block.start, moved: moved + block.start)
        }
      }
    }
    let count = passes.inputCount
    let norms = gradient.columnNorms()
    for i in 0..<count where norms[i] > 0 {
      var square = 0.0
      for k in 0..<rows {
        let fresh = gradient[k, i] / norms[i]
        let place = k * count + i
        directions[place] = fresh + momentum * (fresh - previous[firstInput + place])
        previous[firstInput + place] = fresh
        square += directions[place] * directions[place]
      }
      let scale = square > 0 ? 1 / square.squareRoot() : 0
      for k in 0..<rows { directions[k * count + i] *= scale }
    }
    return zip(norms, scales).map { $0 / $1 }
  }

  /// Every node's vectors at the current point.
  mutating func snapshot() -> [Matrix<Double>] {
    enterInput()
    return point.withUnsafeBufferPointer { point in point.baseAddress.map { passes.snapshot($0) } ?? [] }
  }

  private static func normalise(_ x: inout [Double], first: Int, rank: Int, count: Int) {
    for i in 0..<count {
      var square = 0.0
      for k in 0..<rank { square += x[first + k * count + i] * x[first + k * count + i] }
      let scale = square > 0 ? 1 / square.squareRoot() : 0
      for k in 0..<rank { x[first + k * count + i] *= scale }
    }
  }
}
