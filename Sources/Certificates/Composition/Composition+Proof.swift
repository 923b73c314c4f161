import Foundation
import LinearAlgebra
import Networks
import Synchronization

extension Composition {
  /// Proves the Lipschitz bound and returns it, rounded up.
  ///
  /// Everything but the choice of tiles and numbers is recomputed: the tiles' networks and windows, whether tiles that share a proof have the
  /// same network, and every tile's gain.
  ///
  /// - Parameters:
  ///   - network: in normal form, with the selected outputs as its output.
  ///   - inputNorm: of the network's input.
  ///   - memoryLimit: bytes; a proof that needs more is refused. The machine's memory unless given.
  ///   - isCancelled: asked now and then; a cancelled proof throws.
  /// - Throws: ``NotProved`` that names the block and the tile.
  public func prove(
    _ network: LoweredNetwork, inputNorm: InputNorm, memoryLimit: Int? = nil, isCancelled: () -> Bool = { false }
  ) throws -> Double {
    let memory = memoryLimit ?? Int(clamping: ProcessInfo.processInfo.physicalMemory)
    try network.requireNormalForm()
    guard blocks.last?.output == network.nodes.count - 1 else { throw NotProved("the last block does not end at the output") }
    var starts = [0]
    for block in blocks {
      guard let start = starts.last, block.output > start, block.output < network.nodes.count else {
        throw NotProved("the cuts do not follow one another")
      }
      starts.append(block.output)
    }
    var weights = Array(repeating: 1.0, count: network.outputCount)
    for (number, (block, start)) in zip(blocks, starts).enumerated().reversed() {
      do {
        weights = try block.prove(network, from: start, weights: weights, memoryLimit: memory, isCancelled: isCancelled)
      } catch let error as NotProved where error != Interruptible.cancelled {
        throw NotProved("in block \(number + 1): \(error)")
      }
    }
    switch inputNorm {
    // Σ w du² ≤ max w · |du|₂², and |du|₂ ≤ |du|₁.
    case .l2, .l1: return ErrorBounds.sqrtUp(weights.max() ?? 0)
    case .lInfinity: return ErrorBounds.sqrtUp(weights.reduce(0) { ErrorBounds.addUp($0, $1) })
    }
  }
}

extension Composition.Block {
  /// From weights w of the output's coordinates, weights w′ of the coordinates of node `start`, rounded up: Σ w dv² ≤ Σ w′ du².
  ///
  /// - Throws: ``NotProved``.
  func prove(
    _ network: LoweredNetwork, from start: Int, weights: [Double], memoryLimit: Int = .max, isCancelled: () -> Bool = { false }
  ) throws -> [Double] {
    let count = weights.count
    var isCovered = weights.map { $0 == 0 }
    var representatives = [Int?](repeating: nil, count: proofs.count)
    var sets: [[Int]] = []
    for (number, tile) in tiles.enumerated() {
      guard proofs.indices.contains(tile.proof) else { throw NotProved("tile \(number + 1) has no proof") }
      if representatives[tile.proof] == nil { representatives[tile.proof] = number }
      let own = try tile.outputs.indices(below: count)
      guard !own.isEmpty else { throw NotProved("tile \(number + 1) is empty") }
      for i in own { isCovered[i] = true }
      let stated = proofs[tile.proof].outputWeights
      guard let expanded = Self.expanded(stated, count: own.count), zip(expanded, own).allSatisfy({ $0 >= weights[$1] }) else {
        throw NotProved("tile \(number + 1): the proof's output weights are less than they must be, or do not fit")
      }
      sets.append(own)
    }
    guard isCovered.allSatisfy({ $0 }) else { throw NotProved("some coordinate of the output lies in no tile") }

    let outputs = sets
    // One network and one proof for every proof that is used, then the tiles that share it.
    let used = representatives.compactMap { $0 }
    let proved = try Self.concurrently(used.count, isCancelled: isCancelled) { index in
      let tile = try TileNetwork(of: network, from: start, to: output, outputs: outputs[used[index]])
      let concurrent = max(1, min(used.count, Threads.count))
      return (tile, try Self.inputWeights(proofs[tiles[used[index]].proof], of: tile, memoryLimit: memoryLimit / concurrent))
    }
    let owner = Dictionary(uniqueKeysWithValues: used.enumerated().map { (tiles[$1].proof, $0) })
    let windows = try Self.concurrently(tiles.count, isCancelled: isCancelled) { number -> [Int] in
      guard let place = owner[tiles[number].proof] else { return [] }
      if used[place] == number { return proved[place].0.window }
      let tile = try TileNetwork(of: network, from: start, to: output, outputs: outputs[number])
      guard tile.network.hasSameIncrements(as: proved[place].0.network) else {
        throw NotProved("tile \(number + 1) is not the same network as tile \(used[place] + 1), whose proof it uses")
      }
      return tile.window
    }
    var result = [Double](repeating: 0, count: network.nodes[start].count)
    for (tile, window) in zip(tiles, windows) {
      guard let place = owner[tile.proof] else { continue }
      for (p, d) in zip(window, proved[place].1) { result[p] = ErrorBounds.addUp(result[p], d) }
    }
    return result
  }

  /// d, once Σ ŵ dv² ≤ Σ d du² is proved.
  private static func inputWeights(_ proof: Composition.TileProof, of tile: TileNetwork, memoryLimit: Int) throws -> [Double] {
    let network = tile.network
    try CostEstimate(of: network).require(memoryLimit: memoryLimit)
    guard
      let outputWeights = expanded(proof.outputWeights, count: network.outputCount),
      let inputWeights = expanded(proof.inputWeights, count: network.inputCount)
    else { throw NotProved("the weights do not fit the tile") }
    // A tile that depends on nothing has no increments.
    if network.inputCount == 0 { return [] }
    let gain = try GainProof(
      network: network, sectors: network.globalSectors, outputWeights: outputWeights, multipliers: proof.multipliers)
    try gain.prove(inputWeights: inputWeights)
    return inputWeights
  }

  private static func expanded(_ values: [Double], count: Int) -> [Double]? {
    if values.count == count { return values }
    return values.count == 1 ? Array(repeating: values[0], count: count) : nil
  }

  /// The results of `body` for 0 ..< count, on all threads.
  ///
  /// - Throws: the error of the first index that has one, or ``NotProved`` when cancelled.
  private static func concurrently<T: Sendable>(
    _ count: Int, isCancelled: () -> Bool, _ body: @Sendable (Int) throws -> T
  ) throws -> [T] {
    let results = Mutex([Result<T, any Error>?](repeating: nil, count: count))
    try Interruptible.run(count, cost: 0x1p28, isCancelled: isCancelled) { index in
      let result = Result { try body(index) }
      results.withLock { $0[index] = result }
    }
    return try results.withLock { $0.compactMap { $0 } }.map { try $0.get() }
  }
}
