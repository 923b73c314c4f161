internal import CKernels
import LinearAlgebra
import Networks

/// A window that moves over an image, as PyTorch's pools have it: the same padding on both sides, output lengths rounded down.
public struct PoolWindow: Hashable, Sendable {
  /// The window's rows and columns.
  public var height, width: Int
  /// The distance between windows.
  public var strideHeight, strideWidth: Int
  /// What is added on each side of the image.
  public var padHeight, padWidth: Int

  /// A square window; it moves by its own length unless told otherwise.
  public init(_ size: Int, stride: Int? = nil, padding: Int = 0) {
    self.init(height: size, width: size, strideHeight: stride, strideWidth: stride, padHeight: padding, padWidth: padding)
  }

  /// A window whose axes differ.
  public init(height: Int, width: Int, strideHeight: Int? = nil, strideWidth: Int? = nil, padHeight: Int = 0, padWidth: Int = 0) {
    self.height = height
    self.width = width
    self.strideHeight = strideHeight ?? height
    self.strideWidth = strideWidth ?? width
    self.padHeight = padHeight
    self.padWidth = padWidth
  }

  func outputShape(of shape: FeatureShape, layer: String) throws(TrainingError) -> FeatureShape {
    guard min(height, width, strideHeight, strideWidth) > 0, 0...height / 2 ~= padHeight, 0...width / 2 ~= padWidth else {
      throw .setting(key: layer, detail: "windows and strides must be positive, and padding at most half a window")
    }
    guard shape.height + 2 * padHeight >= height, shape.width + 2 * padWidth >= width else {
      throw .shape(
        layer: layer, detail: "a window of \(height)x\(width) does not fit into \(shape) with padding \(padHeight) and \(padWidth)")
    }
    return FeatureShape(
      height: (shape.height + 2 * padHeight - height) / strideHeight + 1, width: (shape.width + 2 * padWidth - width) / strideWidth + 1,
      channels: shape.channels)
  }

  fileprivate func onImage(_ input: FeatureShape, _ output: FeatureShape, countsPadding: Bool = false) -> lipcert_window {
    lipcert_window(
      height: input.height, width: input.width, channels: input.channels, kernel_height: height, kernel_width: width,
      stride_height: strideHeight, stride_width: strideWidth, pad_height: padHeight, pad_width: padWidth, output_height: output.height,
      output_width: output.width, counts_padding: countsPadding ? 1 : 0)
  }

  fileprivate func operation(countsPadding: Bool = false) -> Operation.Pooling {
    Operation.Pooling(
      kernel: [height, width], strides: [strideHeight, strideWidth], padBefore: [padHeight, padWidth], padAfter: [padHeight, padWidth],
      countsPadding: countsPadding)
  }
}

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
