import Networks

/// A bound put together from bounds of tiles: the network is cut into blocks, each block's output into tiles.
///
/// Let u₀ (the input), u₁, …, u_B (the output) be the tensors at the cuts, and let tile j of a block have the coordinates O_j of the later
/// tensor v and the window R_j of the earlier one u: dv restricted to O_j is a function of du restricted to R_j. Weights w ≥ 0 with
/// |dy|² ≤ Σ wᵢ dvᵢ² go backwards through a block. With ŵ_j ≥ w on O_j and a proof Σ ŵ_j dv² ≤ Σ d_j du² for every tile,
///
///     |dy|² ≤ Σᵢ wᵢ dvᵢ² ≤ Σ_j Σ_{i ∈ O_j} ŵ_ji dvᵢ² ≤ Σ_j Σ_{p ∈ R_j} d_jp du_p² = Σ_p w′_p du_p²,    w′_p = Σ_{j : p ∈ R_j} d_jp.
///
/// From w = 1 at the output it leads to |dy|² ≤ Σ w_p dx_p² ≤ max w · |dx|²₂, or Σ w · |dx|²_∞. With d_j = L_j² constant on each window this is
/// the coverage rule max_p Σ_{j : p ∈ R_j} L_j², and with one block and disjoint windows the largest L_j. Tiles with the same network share
/// one proof: those of the interior of an image, for example.
///
/// Layer- and width-wise partition: Sulehman and Mu, "Scalable Lipschitz estimation for CNNs", arXiv 2403.18613, which adds up all tiles.
public struct Composition: Codable, Sendable, Equatable {
  /// Some coordinates of a block's output.
  public struct Tile: Codable, Sendable, Equatable {
    /// O_j.
    public var outputs: IndexRuns
    /// The place of its proof among the block's.
    public var proof: Int

    /// A tile with its proof.
    public init(outputs: IndexRuns, proof: Int) {
      self.outputs = outputs
      self.proof = proof
    }
  }

  /// A proof of Σ ŵ dv² ≤ Σ d du² for all tiles that refer to it.
  public struct TileProof: Codable, Sendable, Equatable {
    /// ŵ, one for each coordinate of the tile, or one for all.
    public var outputWeights: [Double]
    /// For each activation node of the tile, in order, the multipliers of its units.
    public var multipliers: [[Double]]
    /// d, one for each coordinate of the window, or one for all.
    public var inputWeights: [Double]

    /// A proof's data.
    public init(outputWeights: [Double], multipliers: [[Double]], inputWeights: [Double]) {
      self.outputWeights = outputWeights
      self.multipliers = multipliers
      self.inputWeights = inputWeights
    }
  }

  /// The part of the network between two cuts.
  public struct Block: Codable, Sendable, Equatable {
    /// The node at its end, in the network with the selected outputs. It begins where the block before it ends, or at the input.
    public var output: Int
    /// The tiles: every coordinate of the output with a positive weight lies in at least one.
    public var tiles: [Tile]
    /// The proofs.
    public var proofs: [TileProof]

    /// A block with its tiles.
    public init(output: Int, tiles: [Tile], proofs: [TileProof]) {
      self.output = output
      self.tiles = tiles
      self.proofs = proofs
    }
  }

  /// The blocks, from the input to the output.
  public var blocks: [Block]

  /// A composition of these blocks.
  public init(blocks: [Block]) { self.blocks = blocks }

  /// Adds everything that bears on the proof.
  func digest(into sha: inout SHA256) {
    sha.update("composition".utf8)
    sha.update(integer: blocks.count)
    for block in blocks {
      sha.update(integer: block.output)
      sha.update(integer: block.tiles.count)
      for tile in block.tiles {
        sha.update(integer: tile.proof)
        sha.update(integer: tile.outputs.ends.count)
        for end in tile.outputs.ends { sha.update(integer: end) }
      }
      sha.update(integer: block.proofs.count)
      for proof in block.proofs {
        sha.update(list: proof.outputWeights)
        sha.update(lists: proof.multipliers)
        sha.update(list: proof.inputWeights)
      }
    }
  }
}
