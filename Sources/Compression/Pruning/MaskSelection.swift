import LinearAlgebra
import Training

/// A rule by which a trained model's weights are chosen for pruning.
public protocol MaskSelection: Sendable {
  /// The rule and its settings in words.
  var identity: String { get }

  /// The mask for the numbers that training came to.
  ///
  /// Ties go to the weight that stands first, so a mask depends on the numbers only.
  ///
  /// - Parameters:
  ///   - state: the trained numbers.
  ///   - model: their model.
  ///   - earlier: what was kept before, if anything was pruned; nothing comes back.
  /// - Throws: ``CompressionError`` when settings do not fit the model or a whole layer would be pruned.
  func mask(_ state: ModelState<Float>, of model: Model<Float>, after earlier: PruningMask?) throws -> PruningMask
}
