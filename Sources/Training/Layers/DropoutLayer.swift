import LinearAlgebra

/// Each element is zero with a probability p and divided by 1 − p otherwise, in training; the identity outside.
///
/// Srivastava et al.: "Dropout", Journal of Machine Learning Research 15 (2014).
public struct DropoutLayer<Element: Scalar>: Layer {
  /// The name.
  public let name: String
  /// p.
  public let probability: Double

  /// A layer that drops elements.
  public init(_ name: String, probability: Double = 0.5) {
    self.name = name
    self.probability = probability
  }

  /// The shape of the output.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    guard probability >= 0, probability < 1 else {
      throw .setting(key: name, detail: "a probability of \(probability) to be dropped is not in [0, 1)")
    }
    return try single(inputs)
  }

  /// Computes the output.
  public func forward(_ pass: ForwardPass<Element>) {
    guard pass.mode.isTraining else { return copy(pass) }
    drop(pass.inputs[0], to: pass.output, accumulates: 0, pass.random)
  }

  /// Computes the gradients, with the same elements dropped.
  public func backward(_ pass: BackwardPass<Element>) {
    guard pass.mode.isTraining else { return self.pass(pass) }
    guard let input = pass.inputGradients[0] else { return }
    drop(pass.outputGradient, to: input.tensor, accumulates: input.accumulates, pass.random)
  }

  private func drop(_ x: Tensor<Element>, to y: Tensor<Element>, accumulates: Int32, _ random: RandomStream) {
    let (size, kernels) = (x.shape.count, LayerKernels<Element>.shared)
    let (threshold, scale) = (UInt32(probability * 0x1p32), Element(1 / (1 - probability)))
    ElementLoop.samples(x.batch, size: size) { samples in
      for sample in samples {
        kernels.drop(size, random.key(sample), threshold, scale, x.base + sample * size, y.base + sample * size, accumulates)
      }
    }
  }

  /// Adds nothing: the network is deployed without dropout.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int { inputs[0] }
}
