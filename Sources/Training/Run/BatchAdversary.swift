import LinearAlgebra

/// What changes samples so that a model errs.
public protocol BatchAdversary: Sendable {
  /// Replaces the clean batch in ``Execution/input`` by an adversarial one.
  ///
  /// - Parameters:
  ///   - execution: the model and its batch.
  ///   - state: the numbers of the model; they are left as they are.
  ///   - labels: the classes of the batch.
  ///   - mode: how the model is run; ``PassMode/attackInTraining`` in a step of training.
  ///   - random: the numbers of this step; every pass draws its own from it.
  func perturb(
    _ execution: Execution<Float>, _ state: inout ModelState<Float>, labels: [Int], mode: PassMode, random: RandomStream)
}
