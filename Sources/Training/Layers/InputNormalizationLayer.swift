import LinearAlgebra
import Networks

/// y = (x − mean) / deviation in every channel, with constants that are not trained: how a data set's inputs are centred and scaled.
public struct InputNormalizationLayer<Element: Scalar>: Layer {
  /// The name.
  public let name: String
  /// What is subtracted from each channel.
  public let mean: [Element]
  /// What each channel is divided by; positive.
  public let deviation: [Element]

  /// A normalisation with one mean and one deviation for each channel.
  public init(_ name: String, mean: [Element], deviation: [Element]) {
    self.name = name
    self.mean = mean
    self.deviation = deviation
  }

  /// The shape of the output.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    let shape = try single(inputs)
    guard mean.count == shape.channels, deviation.count == shape.channels else {
      throw .shape(
        layer: name, detail: "it has \(mean.count) means and \(deviation.count) deviations for the \(shape.channels) channels of \(shape)")
    }
    guard mean.allSatisfy(\.isFinite), deviation.allSatisfy({ $0 > 0 && $0.isFinite && (1 / $0).isFinite }) else {
      throw .setting(key: name, detail: "means must be finite and deviations positive")
    }
    return shape
  }

  private var parts: PixelParts { PixelParts(channels: mean.count) }

  /// Computes the output.
  public func forward(_ pass: ForwardPass<Element>) {
    let (x, y, kernels, channels) = (pass.inputs[0], pass.output, LayerKernels<Element>.shared, mean.count)
    let (mean, scale, zeros) = (mean, deviation.map { 1 / $0 }, [Element](repeating: 0, count: channels))
    parts.run(y.batch * y.shape.pixels) { _, element, pixels in
      kernels.channelNormalize(pixels, channels, x.base + element, mean, scale, zeros, -.infinity, y.base + element)
    }
  }

  /// Computes the gradients.
  public func backward(_ pass: BackwardPass<Element>) {
    guard let input = pass.inputGradients[0] else { return }
    let (target, accumulates, kernels, channels) = (input.tensor, input.accumulates, LayerKernels<Element>.shared, mean.count)
    let (gradient, x) = (pass.outputGradient, pass.inputs[0])
    let (mean, scale, zeros) = (mean, deviation.map { 1 / $0 }, [Element](repeating: 0, count: channels))
    parts.run(gradient.batch * gradient.shape.pixels) { _, element, pixels in
      kernels.channelGradient(
        pixels, channels, x.base + element, gradient.base + element, mean, scale, zeros, -.infinity, zeros, zeros, target.base + element,
        accumulates)
    }
  }

  /// Adds the trained layer to a network, with its constants as they are.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int {
    let rank = export.network.nodes[inputs[0]].shape.rank
    let shape = Shape([1, mean.count] + [Int](repeating: 1, count: rank - 2))
    let centred = try export.network.add(
      .addConstant(Operation.Constant(shape: shape, values: mean.map { -Double($0) }), sign: 1), name: "\(name).mean", to: inputs)
    return try export.network.add(
      .divideConstant(Operation.Constant(shape: shape, values: deviation.map(Double.init))), name: name, to: [centred])
  }
}
