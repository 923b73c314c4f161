import LinearAlgebra
import Training

/// Prunes the weights of smallest magnitude.
///
/// Of n weights exactly round(sparsity · n) are pruned, those of an earlier mask counted; of equal ones those that stand first are kept.
/// Han, Pool, Tran, Dally: Learning both weights and connections for efficient neural networks, NeurIPS 2015.
public struct MagnitudeSelection: MaskSelection, Hashable {
  /// The share of weights that are pruned, from 0 to below 1.
  public var sparsity: Double
  /// Which weights.
  public var scope: PruningScope
  /// Whether weights are compared across layers; otherwise every layer gets the same sparsity, and at least one of its weights stays.
  public var isGlobal: Bool

  /// Prunes a share of the weights of a scope.
  public init(sparsity: Double, scope: PruningScope = .hidden, isGlobal: Bool = true) {
    (self.sparsity, self.scope, self.isGlobal) = (sparsity, scope, isGlobal)
  }

  /// Names the settings.
  public var identity: String { "\(sparsity) of the weights of \(scope.rawValue) by magnitude, \(isGlobal ? "global" : "in each layer")" }

  /// Checks the settings.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)``.
  public func check() throws(CompressionError) { try CompressionError.check(share: sparsity, key: "sparsity") }

  /// What is kept.
  ///
  /// - Throws: ``CompressionError/emptyLayer(_:)`` when nothing of a layer is left, or an error of the settings.
  public func mask(_ state: ModelState<Float>, of model: Model<Float>, after earlier: PruningMask?) throws -> PruningMask {
    try check()
    let groups = try WeightGroups(.entries, of: model, scope: scope)
    let mask = SmallestGroups(groups: groups, share: sparsity, norm: .l2, isGlobal: isGlobal).mask(state.parameters, after: earlier)
    try mask.check(groups)
    return mask
  }
}
