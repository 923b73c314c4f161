import LinearAlgebra

/// What a layer computes its gradients from.
public struct BackwardPass<Element: Scalar> {
  /// A gradient to be computed.
  public struct InputGradient {
    /// Where it goes; its batch is set.
    public let tensor: Tensor<Element>
    /// Whether it is added to what is there.
    public let isAccumulating: Bool
  }

  /// The inputs of the forward pass.
  public let inputs: [Tensor<Element>]
  /// The output of the forward pass.
  public let output: Tensor<Element>
  /// The gradient of the loss with respect to the output.
  public let outputGradient: Tensor<Element>
  /// The gradients wanted, `nil` where none is or its memory is shared; see ``Layer/passesGradientTo``.
  public let inputGradients: [InputGradient?]
  /// The layer's own parameters.
  public let parameters: UnsafePointer<Element>
  /// Where the gradient of the parameters is added, or `nil` when only inputs matter.
  public let parameterGradient: UnsafeMutablePointer<Element>?
  /// The layer's own statistics.
  public let statistics: UnsafePointer<Element>
  /// The layer's own memory, as the forward pass left it.
  public let memory: LayerMemory<Element>
  /// The mode of the forward pass.
  public let mode: PassMode
  /// The layer's own random numbers, the same as in the forward pass.
  public let random: RandomStream
}
