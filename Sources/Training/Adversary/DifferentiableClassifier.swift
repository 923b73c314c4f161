import LinearAlgebra

/// A classifier on batches whose logits can be differentiated with respect to the input: what attacks and measurements of accuracy work on.
public protocol DifferentiableClassifier<Element>: AnyObject {
  associatedtype Element: Scalar

  /// The input; write a batch here before a forward pass.
  var input: Tensor<Element> { get }
  /// The gradient with respect to the input, after a backward pass.
  var inputGradient: Tensor<Element> { get }
  /// The gradient with respect to the logits; write it here before a backward pass.
  var outputGradient: Tensor<Element> { get }
  /// Whether the logits depend on random numbers.
  var isNoisy: Bool { get }

  /// The logits of the batch in ``input``.
  func forward(random: RandomStream) -> Tensor<Element>

  /// Computes ``inputGradient`` from ``outputGradient``, which is used up, at the point of the last forward pass.
  func backward()
}
