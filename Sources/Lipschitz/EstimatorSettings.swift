import Certificates

/// Choices that belong to single methods; each method reads its own.
public struct EstimatorSettings: Sendable {
  /// `lifted`: the rank of the lifted vectors at the start, or `nil` for its default.
  public var rank: Int?
  /// `compositional`: how a layer's multipliers are chosen.
  public var compositionalRule = CompositionalRule.semidefinite
  /// `partition`: pieces along each axis of each block's output, or `nil` to choose for the budget.
  public var partitionFactor: Int?
  /// `partition`: activation layers in a block, or `nil` to choose for the budget.
  public var partitionLayers: Int?
  /// `partition`: how tiles are bounded.
  public var partitionMethod = PartitionEstimator.Method.joint
  /// `lifted`: which units share a multiplier.
  public var tying = MultiplierTying.neuron
  /// `frequency`: whether to prove the bound for images of any size.
  public var coversAllImageSizes = false

  /// `lifted`: a folder for a long proof's state. With one, there is a single proof, which goes on where it was interrupted.
  public var workFolder: WorkFolder?

  /// The default choices.
  public init() {}
}
