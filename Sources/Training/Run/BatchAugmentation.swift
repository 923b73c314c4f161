import LinearAlgebra

/// What changes samples at random before a step, such as crops and flips.
public protocol BatchAugmentation: Sendable {
  /// Changes the samples of a batch in place.
  ///
  /// - Parameters:
  ///   - batch: the samples.
  ///   - random: the numbers of this step; those of a sample depend on its place in the batch only.
  func augment(_ batch: Tensor<Float>, random: RandomStream)
}
