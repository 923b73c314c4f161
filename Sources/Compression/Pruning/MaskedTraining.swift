import LinearAlgebra
import Training

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
