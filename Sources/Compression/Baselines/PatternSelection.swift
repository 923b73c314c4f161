import LinearAlgebra
import Training

/// Keeps the N largest of every M weights that a filter has behind each other: N:M sparsity.
///
/// A filter's weights are taken as they are stored: inputs of a dense layer in their order, of a convolution input channel by input channel
/// and within it row by row. Where M does not divide their number, the last block is shorter and keeps up to N. Of equal weights those that
/// stand first are kept. Mishra et al.: Accelerating sparse deep neural networks, arXiv 2104.08378.
public struct PatternSelection: MaskSelection, Hashable {
  /// N: the weights that are kept of a block.
  public var kept: Int
  /// M: the weights of a block.
  public var block: Int
  /// Which weights.
  public var scope: PruningScope

  /// Keeps `kept` of every `block` weights of a scope.
  public init(keeping kept: Int, of block: Int, scope: PruningScope = .hidden) {
    (self.kept, self.block, self.scope) = (kept, block, scope)
  }

  /// Names the settings.
  public var identity: String { "\(kept):\(block) of \(scope.rawValue)" }

  /// Checks the settings.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)``.
  public func check() throws(CompressionError) {
    guard block > 0, 1...block ~= kept else {
      throw .setting(key: "pattern", detail: "\(kept):\(block) does not keep from one weight to all of a block")
    }
  }

  /// What is kept.
  ///
  /// - Throws: ``CompressionError/emptyLayer(_:)`` when nothing of a layer was left already, or an error of the settings.
  public func mask(_ state: ModelState<Float>, of model: Model<Float>, after earlier: PruningMask?) throws -> PruningMask {
    try check()
    let groups = try WeightGroups(.filters, of: model, scope: scope)
    let mask = mask(state.parameters, of: groups, after: earlier)
    try mask.check(groups)
    return mask
  }

  /// What is kept of filters: weights of which fewer than N of their block go before.
  func mask(_ parameters: [Float], of filters: WeightGroups, after earlier: PruningMask? = nil) -> PruningMask {
    var mask = earlier ?? PruningMask(count: parameters.count)
    for layer in filters.layers {
      let magnitudes = layer.range.map { mask.isKept[$0] ? parameters[$0].magnitude : -1 }
      for filter in stride(from: 0, to: magnitudes.count, by: layer.groupSize) {
        for first in stride(from: filter, to: filter + layer.groupSize, by: block) {
          let block = first..<min(first + block, filter + layer.groupSize)
          for i in block {
            var rank = 0
            for j in block where magnitudes[j] > magnitudes[i] || (magnitudes[j] == magnitudes[i] && j < i) { rank += 1 }
            if rank >= kept { mask.isKept[layer.range.lowerBound + i] = false }
          }
        }
      }
    }
    return mask
  }
}
