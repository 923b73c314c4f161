import LinearAlgebra
import Networks

/// The greatest element of every window, channel by channel; padding never wins.
public struct MaximumPoolLayer<Element: Scalar>: Layer {
  /// The name.
  public let name: String
  /// The window.
  public let window: PoolWindow

  /// A pool over a window.
  public init(_ name: String, _ window: PoolWindow) {
    self.name = name
    self.window = window
  }

  /// The shape of the output.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    try window.outputShape(of: single(inputs), layer: name)
  }

  /// Room for the place of every maximum.
  public func memory(capacity: Int, inputs: [FeatureShape]) -> LayerMemory<Element> {
    LayerMemory(indices: capacity * ((try? outputShape(of: inputs))?.count ?? 0))
  }

  /// Computes the output.
  public func forward(_ pass: ForwardPass<Element>) {
    let (x, y, memory, kernels) = (pass.inputs[0], pass.output, pass.memory, LayerKernels<Element>.shared)
    let window = window.onImage(x.shape, y.shape)
    let (from, to) = (x.shape.count, y.shape.count)
    ElementLoop.samples(y.batch, size: from) { samples in
      withUnsafePointer(to: window) { window in
        for sample in samples {
          kernels.windowMaximum(window, x.base + sample * from, y.base + sample * to, memory.indices.baseAddress.map { $0 + sample * to })
        }
      }
    }
  }

  /// Computes the gradients.
  public func backward(_ pass: BackwardPass<Element>) {
    guard let input = pass.inputGradients[0] else { return }
    let (target, accumulates, gradient, memory) = (input.tensor, input.accumulates, pass.outputGradient, pass.memory)
    let kernels = LayerKernels<Element>.shared
    let window = window.onImage(target.shape, gradient.shape)
    let (from, to) = (target.shape.count, gradient.shape.count)
    ElementLoop.samples(gradient.batch, size: from) { samples in
      withUnsafePointer(to: window) { window in
        for sample in samples {
          kernels.windowMaximumGradient(
            window, memory.indices.baseAddress.map { UnsafePointer($0 + sample * to) }, gradient.base + sample * to,
            target.base + sample * from, accumulates)
        }
      }
    }
  }

  /// Adds the trained layer to a network.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int {
    let input = try export.spatial(inputs[0], name: name)
    return try export.network.add(.maxPool(window.operation()), name: name, to: [input])
  }
}
