import LinearAlgebra
import Training

/// Keeps the weights that are not zero already: for methods that prune while they train.
public struct NonZeroSelection: MaskSelection {
  /// Which weights.
  public let scope: PruningScope

  /// The zeros of a scope.
  public init(scope: PruningScope) { self.scope = scope }

  /// Names the scope.
  public var identity: String { "zeros of \(scope.rawValue)" }

  /// The zeros, beside those of before.
  ///
  /// - Throws: ``CompressionError/setting(key:detail:)`` when the scope is empty.
  public func mask(_ state: ModelState<Float>, of model: Model<Float>, after earlier: PruningMask?) throws -> PruningMask {
    var mask = PruningMask(nonZero: state.parameters, in: try WeightGroups(.entries, of: model, scope: scope))
    if let earlier { mask.formIntersection(earlier) }
    return mask
  }
}
