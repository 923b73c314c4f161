/// A rule that moves parameters along a gradient, with what it remembers of earlier steps.
///
/// Rules work element by element, so the result does not depend on how the loop is cut or vectorised.
public protocol Optimiser: Sendable {
  /// What the rule remembers from step to step; with it set again, the next steps are the same bit for bit.
  var memory: TrainingMemory { get set }

  /// Moves the parameters one step.
  ///
  /// - Parameters:
  ///   - parameters: what is moved.
  ///   - gradient: the gradient of the loss, without weight decay.
  ///   - rate: the learning rate.
  ///   - decay: the weight decay of each range; a range that is in none is not decayed. The ranges are disjoint.
  /// - Precondition: as many parameters and gradients as ``OptimiserSettings/optimiser(count:)`` was told.
  mutating func step(_ parameters: inout [Float], gradient: [Float], rate: Double, decay: [WeightDecay.Share])
}
