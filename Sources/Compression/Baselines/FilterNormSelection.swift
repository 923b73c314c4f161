import LinearAlgebra
import Training

/// Prunes whole filters or input channels of smallest norm.
///
/// Of n groups exactly round(share · n) are pruned, those of an earlier mask counted; of equal ones those that stand first are kept. Only
/// weights are pruned: a pruned filter keeps its bias and its normalisation, so its channel becomes a constant.
/// Li, Kadav, Durdanovic, Samet, Graf: Pruning filters for efficient ConvNets, ICLR 2017.
public struct FilterNormSelection: MaskSelection, Hashable {
  /// The share of groups that are pruned, from 0 to below 1.
  public var share: Double
  /// Filters or input channels.
  public var kind: WeightGroups.Kind
  /// How a group is measured.
  public var norm: WeightGroups.Norm
  /// Which weights.
  public var scope: PruningScope
  /// Whether groups are compared across layers, by ‖w‖₁ / n or ‖w‖₂ / √n of groups of n weights; otherwise every layer loses the same share,
  /// and at least one of its groups stays.
  public var isGlobal: Bool

  /// Prunes a share of the groups of a scope.
  public init(
    share: Double, kind: WeightGroups.Kind = .filters, norm: WeightGroups.Norm = .l2, scope: PruningScope = .hidden, isGlobal: Bool = false
  ) {
    (self.share, self.kind, self.norm, self.scope, self.isGlobal) = (share, kind, norm, scope, isGlobal)
  }

  /// Names the settings.
  public var identity: String {
    "\(share) of the \(kind.rawValue) of \(scope.rawValue) by \(norm.rawValue) norm, \(isGlobal ? "global" : "in each layer")"
  }

  /// Checks the settings.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)``.
  public func check() throws(CompressionError) {
    try CompressionError.check(share: share, key: "share")
    guard kind != .entries else { throw .setting(key: "kind", detail: "groups are filters or input channels, not single weights") }
  }

  /// What is kept.
  ///
  /// - Throws: ``CompressionError/emptyLayer(_:)`` when nothing of a layer is left, or an error of the settings.
  public func mask(_ state: ModelState<Float>, of model: Model<Float>, after earlier: PruningMask?) throws -> PruningMask {
    try check()
    let groups = try WeightGroups(kind, of: model, scope: scope)
    let mask = SmallestGroups(groups: groups, share: share, norm: norm, isGlobal: isGlobal).mask(state.parameters, after: earlier)
    try mask.check(groups)
    return mask
  }
}
