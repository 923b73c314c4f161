import LinearAlgebra
import Training

/// Which parameters of a model are kept; the others are zero and stay so.
public struct PruningMask: Sendable, Equatable {
  /// One entry for each parameter of the model.
  public var isKept: [Bool]

  /// A mask that keeps everything.
  public init(count: Int) { isKept = Array(repeating: true, count: count) }

  /// The parameters that are not zero.
  ///
  /// - Parameters:
  ///   - parameters: those of the model.
  ///   - groups: the weights that can be pruned; all others are kept.
  public init(nonZero parameters: [Float], in groups: WeightGroups) {
    self.init(count: parameters.count)
    for layer in groups.layers { for place in layer.range { isKept[place] = parameters[place] != 0 } }
  }

  /// Prunes a group of a layer.
  public mutating func remove(_ group: Int, of layer: WeightGroups.Layer) {
    for place in layer.members(group) { isKept[place] = false }
  }

  /// Keeps only what another mask keeps too.
  public mutating func formIntersection(_ other: PruningMask) {
    for place in isKept.indices where !other.isKept[place] { isKept[place] = false }
  }

  /// Makes pruned parameters zero.
  public func apply(to parameters: inout [Float]) {
    for place in isKept.indices where !isKept[place] { parameters[place] = 0 }
  }

  /// The number of kept parameters.
  public var keptCount: Int { isKept.count { $0 } }
}

/// Keeps pruned parameters at zero during training: masked retraining.
public struct MaskedTraining: TrainingHook {
  /// Which parameters are kept.
  public let mask: PruningMask

  /// Training of the kept parameters only.
  public init(_ mask: PruningMask) { self.mask = mask }

  /// Names the mask by a checksum, so that a checkpoint belongs to it.
  public var identity: String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for kept in mask.isKept { hash = (hash ^ (kept ? 1 : 0)) &* 0x100_0000_01B3 }
    return "masked training, \(mask.keptCount) of \(mask.isKept.count) kept, mask \(String(hash, radix: 16))"
  }

  /// Nothing: the mask is fixed.
  public var memory: TrainingMemory {
    get { TrainingMemory() }
    set {}
  }

  /// Pruned parameters begin at zero only if they are given so; see ``PruningMask/apply(to:)``.
  public mutating func project(_ parameters: inout [Float], at position: TrainingPosition) { mask.apply(to: &parameters) }

  /// What is deployed is masked.
  public func deploy(_ parameters: inout [Float]) { mask.apply(to: &parameters) }
}
