import LinearAlgebra
import Networks

/// The mean of every window, channel by channel.
public struct AveragePoolLayer<Element: Scalar>: Layer {
  /// The name.
  public let name: String
  /// The window; `nil` for the whole image.
  public let window: PoolWindow?
  /// Whether a window that reaches into the padding is divided by its whole size, as PyTorch does unless told otherwise, or by the pixels
  /// of the image in it.
  public let countsPadding: Bool

  /// A pool over a window.
  public init(_ name: String, _ window: PoolWindow, countsPadding: Bool = true) {
    self.name = name
    self.window = window
    self.countsPadding = countsPadding
  }

  /// The mean of the whole image in every channel.
  public static func global(_ name: String) -> AveragePoolLayer { AveragePoolLayer(name) }

  private init(_ name: String) {
    self.name = name
    window = nil
    countsPadding = false
  }

  /// The shape of the output.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    let shape = try single(inputs)
    return try actual(shape).outputShape(of: shape, layer: name)
  }

  private func actual(_ shape: FeatureShape) -> PoolWindow { window ?? PoolWindow(height: shape.height, width: shape.width) }

  /// Computes the output.
  public func forward(_ pass: ForwardPass<Element>) {
    let (x, y, kernels) = (pass.inputs[0], pass.output, LayerKernels<Element>.shared)
    let window = actual(x.shape).onImage(x.shape, y.shape, countsPadding: countsPadding)
    let (from, to) = (x.shape.count, y.shape.count)
    ElementLoop.samples(y.batch, size: from) { samples in
      withUnsafePointer(to: window) { window in
        for sample in samples { kernels.windowMean(window, x.base + sample * from, y.base + sample * to) }
      }
    }
  }

  /// Computes the gradients.
  public func backward(_ pass: BackwardPass<Element>) {
    guard let input = pass.inputGradients[0] else { return }
    let (target, accumulates, gradient, kernels) = (input.tensor, input.accumulates, pass.outputGradient, LayerKernels<Element>.shared)
    let window = actual(target.shape).onImage(target.shape, gradient.shape, countsPadding: countsPadding)
    let (from, to) = (target.shape.count, gradient.shape.count)
    ElementLoop.samples(gradient.batch, size: from) { samples in
      withUnsafePointer(to: window) { window in
        for sample in samples {
          kernels.windowMeanGradient(window, gradient.base + sample * to, target.base + sample * from, accumulates)
        }
      }
    }
  }

  /// Adds the trained layer to a network.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int {
    let input = try export.spatial(inputs[0], name: name)
    guard let window else { return try export.network.add(.globalAveragePool, name: name, to: [input]) }
    return try export.network.add(.averagePool(window.operation(countsPadding: countsPadding)), name: name, to: [input])
  }
}
