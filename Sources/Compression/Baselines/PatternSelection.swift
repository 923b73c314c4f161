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

  /// What is kept of filters.
  func mask(_ parameters: [Float], of filters: WeightGroups, after earlier: PruningMask? = nil) -> PruningMask {
    var mask = earlier ?? PruningMask(count: parameters.count)
    for layer in filters.layers {
      for filter in stride(from: layer.range.lowerBound, to: layer.range.upperBound, by: layer.groupSize) {
        for first in stride(from: filter, to: filter + layer.groupSize, by: block) {
          let size = min(block, filter + layer.groupSize - first)
          let magnitudes = (first..<first + size).map { earlier?.isKept[$0] == false ? -1 : Double(parameters[$0].magnitude) }
          for place in SmallestGroups.smallest(size - kept, of: magnitudes) { mask.isKept[first + place] = false }
        }
      }
    }
    return mask
  }
}
