import Certificates
import LinearAlgebra
import Networks

/// Where a network is cut into blocks and their outputs into tiles.
///
/// Blocks end at nodes through which everything passes. The convolutional part, up to the last image before the first dense layer, is cut after
/// every `layers` *stages*; a stage is what lies between two places where only one tensor is live: one activation layer in a chain, the
/// branch of a residual block up to the sum, the activation after it, a pooling with all it contains. What follows is the dense tail: one
/// block, unless `layers` is given.
struct PartitionPlan {
  /// The part of the network between two cuts, and how its output is tiled.
  struct Block {
    var start: Int
    var end: Int
    /// The coordinates of each tile.
    var tiles: [[Int]]
  }

  /// From the input to the output.
  var blocks: [Block]
  /// Pieces along each axis.
  let factor: Int
  /// Stages in a block.
  let layers: Int

  /// Cuts a network.
  ///
  /// Images are cut into `factor` pieces along each axis. A dense tail is not tiled, because its tiles would depend on all of its input; a
  /// network without images has the outputs of each block cut into `factor` groups.
  init(_ cuts: PartitionCuts, layers: Int, layersInTail: Int?, factor: Int) {
    self.factor = factor
    self.layers = layers
    let ends = Self.ends(cuts.stages, every: layers) + Self.ends(cuts.tail, every: layersInTail ?? max(1, cuts.tail.count))
    var start = 0
    blocks = ends.map { end in
      defer { start = end }
      let count = cuts.counts[end]
      let layout = cuts.layouts[end] ?? TensorLayout(channels: 1, height: 1, width: count)
      let isTiled = cuts.hasImages ? cuts.stages.contains(end) && layout.isImage : true
      let pieces = cuts.hasImages ? layout : TensorLayout(channels: 1, height: 1, width: count)
      return Block(start: start, end: end, tiles: isTiled ? pieces.tiles(factor: factor) : [Array(0..<count)])
    }
  }

  private static func ends(_ stages: [Int], every size: Int) -> [Int] {
    stages.indices.filter { ($0 + 1).isMultiple(of: size) || $0 == stages.count - 1 }.map { stages[$0] }
  }
}
