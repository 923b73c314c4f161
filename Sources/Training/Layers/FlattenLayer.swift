import LinearAlgebra

/// A feature map as a vector, channel by channel (channels × height × width), so that the weights of a dense layer behind it have the order
/// of NCHW model files.
public struct FlattenLayer<Element: Scalar>: Layer {
  /// The name.
  public let name: String

  /// A layer that makes vectors.
  public init(_ name: String) { self.name = name }

  /// The shape of the output.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape { .vector(try single(inputs).count) }

  /// Computes the output.
  public func forward(_ pass: ForwardPass<Element>) {
    let (x, y, kernels) = (pass.inputs[0], pass.output, LayerKernels<Element>.shared)
    let (shape, size) = (x.shape, x.shape.count)
    ElementLoop.samples(y.batch, size: size) { samples in
      for sample in samples { kernels.transpose(shape.pixels, shape.channels, x.base + sample * size, y.base + sample * size, 0) }
    }
  }

  /// Computes the gradients.
  public func backward(_ pass: BackwardPass<Element>) {
    guard let input = pass.inputGradients[0] else { return }
    let (target, accumulates, gradient, kernels) = (input.tensor, input.accumulates, pass.outputGradient, LayerKernels<Element>.shared)
    let (shape, size) = (target.shape, target.shape.count)
    ElementLoop.samples(gradient.batch, size: size) { samples in
      for sample in samples {
        kernels.transpose(shape.channels, shape.pixels, gradient.base + sample * size, target.base + sample * size, accumulates)
      }
    }
  }

  /// Adds the trained layer to a network.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int {
    try export.vector(inputs[0], name: name)
  }
}
