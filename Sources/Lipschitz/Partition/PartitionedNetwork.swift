import Certificates
import LinearAlgebra
import Networks

/// A network cut by a plan, tiles with the same network put together.
struct PartitionedNetwork: Sendable {
  /// All tiles of a block that are the same network at different places.
  struct TileType: Sendable {
    let network: LoweredNetwork
    let sectors: [UnitSectors]
    /// The coordinates of each tile in its block's output.
    var outputs: [[Int]]
    /// The coordinates on which each tile depends in its block's input.
    var windows: [[Int]]
  }

  /// The part of the network between two cuts.
  struct Block: Sendable {
    let start: Int
    let end: Int
    /// The lengths of the tensors at its ends.
    let inputCount: Int
    let outputCount: Int
    var types: [TileType]
  }

  /// From the input to the output.
  let blocks: [Block]

  /// The number of tiles.
  var tileCount: Int { blocks.reduce(0) { $0 + $1.types.reduce(0) { $0 + $1.outputs.count } } }
  /// The number of tiles that differ.
  var distinctCount: Int { blocks.reduce(0) { $0 + $1.types.count } }

  /// Builds every tile's network.
  ///
  /// - Throws: ``NotProved`` when a plan cuts where several tensors are live, or when cancelled.
  init(_ network: LoweredNetwork, plan: PartitionPlan, isCancelled: () -> Bool = { false }) throws {
    blocks = try plan.blocks.map { block in
      var result = Block(
        start: block.start, end: block.end, inputCount: network.nodes[block.start].count, outputCount: network.nodes[block.end].count,
        types: [])
      let chunk = 4 * Threads.count
      for first in stride(from: 0, to: block.tiles.count, by: chunk) {
        if isCancelled() { throw NotProved("cancelled") }
        let own = Array(block.tiles[first..<min(first + chunk, block.tiles.count)])
        let tiles = try ParallelFor.map(own.count) {
          try TileNetwork(of: network, from: block.start, to: block.end, outputs: own[$0])
        }
        for (outputs, tile) in zip(own, tiles) { result.add(tile, outputs: outputs) }
      }
      return result
    }
  }

  /// The costs of the plan's proofs, and the lengths of windows, from the middle tile of every block: the largest.
  static func costs(_ network: LoweredNetwork, plan: PartitionPlan) throws -> [(proof: CostEstimate, inputCount: Int)] {
    try plan.blocks.map { block in
      // The middle one of the tiles in row-major order stands at the middle of a row where their number per axis is odd; one half row on it
      // does for even numbers.
      let count = block.tiles.count
      let perAxis = Int(Double(count).squareRoot())
      let middle = perAxis * perAxis == count ? perAxis / 2 * perAxis + perAxis / 2 : count / 2
      let tile = try TileNetwork(of: network, from: block.start, to: block.end, outputs: block.tiles[middle]).network
      return (CostEstimate(of: tile), tile.inputCount)
    }
  }
}

extension PartitionedNetwork.Block {
  fileprivate mutating func add(_ tile: TileNetwork, outputs own: [Int]) {
    if let place = types.firstIndex(where: { $0.network.hasSameIncrements(as: tile.network) }) {
      types[place].outputs.append(own)
      types[place].windows.append(tile.window)
    } else {
      types.append(
        .init(network: tile.network, sectors: tile.network.globalSectors, outputs: [own], windows: [tile.window]))
    }
  }
}
