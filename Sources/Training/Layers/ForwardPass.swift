import LinearAlgebra

/// What a layer computes its output from.
public struct ForwardPass<Element: Scalar> {
  /// The inputs.
  public let inputs: [Tensor<Element>]
  /// Where the output goes; its batch is set.
  public let output: Tensor<Element>
  /// The layer's own parameters.
  public let parameters: UnsafePointer<Element>
  /// The layer's own statistics.
  public let statistics: UnsafeMutablePointer<Element>
  /// The layer's own memory.
  public let memory: LayerMemory<Element>
  /// What the pass is for.
  public let mode: PassMode
  /// The layer's own random numbers in this pass.
  public let random: RandomStream
}
