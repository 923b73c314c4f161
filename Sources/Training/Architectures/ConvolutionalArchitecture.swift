import LinearAlgebra
import Networks

/// Convolutions with a non-linearity after each, then dense layers, such as the 2C2F and 4C3F networks of certified training.
public struct ConvolutionalArchitecture: Hashable, Sendable {
  /// One convolution.
  public struct Convolution: Hashable, Sendable {
    /// Channels of its output.
    public var channels: Int
    /// Rows and columns of its kernel.
    public var kernel: Int
    /// Its stride.
    public var stride: Int
    /// Zeros around its input.
    public var padding: Int

    /// Collects the parts.
    public init(channels: Int, kernel: Int = 3, stride: Int = 1, padding: Int = 1) {
      self.channels = channels
      self.kernel = kernel
      self.stride = stride
      self.padding = padding
    }
  }

  /// The convolutions.
  public var convolutions: [Convolution]
  /// The widths of the hidden dense layers after them.
  public var widths: [Int]
  /// What stands between the layers.
  public var nonlinearity: HiddenNonlinearity
  /// Whether there is batch normalisation between a convolution and the non-linearity.
  public var isNormalized: Bool

  /// Collects the parts.
  public init(
    convolutions: [Convolution], widths: [Int], nonlinearity: HiddenNonlinearity = .scalar(.relu), isNormalized: Bool = false
  ) {
    self.convolutions = convolutions
    self.widths = widths
    self.nonlinearity = nonlinearity
    self.isNormalized = isNormalized
  }

  func build<Element: Scalar>(_ model: inout Model<Element>, classes: Int) throws(TrainingError) {
    var node = 0
    for (index, convolution) in convolutions.enumerated() {
      let name = "conv\(index + 1)"
      let inputs = model.nodes[node].shape.channels
      let layer = ConvolutionLayer<Element>(
        name, inputs: inputs, outputs: convolution.channels, size: convolution.kernel, stride: convolution.stride,
        padding: convolution.padding, hasBias: !isNormalized,
        initialiser: nonlinearity.initialiser(fan: inputs * convolution.kernel * convolution.kernel))
      node = try model.add(layer, to: [node])
      if isNormalized { node = try model.add(BatchNormalizationLayer("\(name).norm", channels: convolution.channels), to: [node]) }
      node = try model.add(nonlinearity.layer("\(name).activation"), to: [node])
    }
    try model.addHidden(widths, nonlinearity: nonlinearity, after: try model.addFlattening("flatten", of: node), classes: classes)
  }
}
