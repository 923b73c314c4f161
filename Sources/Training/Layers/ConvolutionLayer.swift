import LinearAlgebra
import Networks

/// y = w ∗ x + b, or w ∗ x + b + s with a second input s of the output's shape, the shortcut of a residual block.
///
/// Output pixel (r, c) reads input pixels (r · stride + i − top, c · stride + j − left) for kernel position (i, j); pixels outside are
/// zero. The kernel is outputs × inputs / groups × rows × columns: output channels of group g read input channels of group g only.
public struct ConvolutionLayer<Element: Scalar>: Layer {
  /// Numbers along the two axes of an image.
  public struct Extent: Hashable, Sendable {
    /// Along columns: rows.
    public var height: Int
    /// Along rows: columns.
    public var width: Int

    /// The two numbers.
    public init(height: Int, width: Int) {
      self.height = height
      self.width = width
    }
  }

  /// The rows and columns of zeros around an image.
  public struct Padding: Hashable, Sendable {
    /// Rows above.
    public var top: Int
    /// Columns before.
    public var left: Int
    /// Rows below.
    public var bottom: Int
    /// Columns behind.
    public var right: Int

    /// The four numbers.
    public init(top: Int = 0, left: Int = 0, bottom: Int = 0, right: Int = 0) {
      self.top = top
      self.left = left
      self.bottom = bottom
      self.right = right
    }

    /// The same on every side.
    public static func all(_ count: Int) -> Padding { Padding(top: count, left: count, bottom: count, right: count) }
  }

  /// The name.
  public let name: String
  /// Channels of the input.
  public let inputChannels: Int
  /// Channels of the output.
  public let outputChannels: Int
  /// The kernel's size.
  public let kernel: Extent
  /// Pixels of the input from one pixel of the output to the next.
  public let stride: Extent
  /// The zeros around the input.
  public let padding: Padding
  /// The number of groups.
  public let groups: Int
  /// Whether b is there.
  public let hasBias: Bool
  /// Whether there is a second input, which is added to the output.
  public let hasShortcut: Bool
  /// How w begins.
  public let initialiser: Initialiser

  /// The vectors that the kernels may use; nil for the widest there are. Tests set it.
  var instructions: Int32?

  /// A convolution; w begins as He's normal numbers by the number of inputs of a sum unless told otherwise, b as zero.
  public init(
    _ name: String, inputs: Int, outputs: Int, kernel: Extent, stride: Extent = Extent(height: 1, width: 1), padding: Padding,
    groups: Int = 1, hasBias: Bool = false, hasShortcut: Bool = false, initialiser: Initialiser? = nil
  ) {
    self.name = name
    inputChannels = inputs
    outputChannels = outputs
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
    self.groups = groups
    self.hasBias = hasBias
    self.hasShortcut = hasShortcut
    self.initialiser = initialiser ?? .he(fan: inputs / max(1, groups) * kernel.height * kernel.width)
  }

  /// A convolution with a square kernel and, unless told otherwise, as much padding as keeps an image's size at stride one: ⌊size / 2⌋.
  public init(
    _ name: String, inputs: Int, outputs: Int, size: Int, stride: Int = 1, padding: Int? = nil, groups: Int = 1, hasBias: Bool = false,
    hasShortcut: Bool = false, initialiser: Initialiser? = nil
  ) {
    self.init(
      name, inputs: inputs, outputs: outputs, kernel: Extent(height: size, width: size), stride: Extent(height: stride, width: stride),
      padding: .all(padding ?? size / 2), groups: groups, hasBias: hasBias, hasShortcut: hasShortcut, initialiser: initialiser)
  }

  /// `weight`, and `bias` where there is one.
  public var parameters: [ParameterDeclaration] {
    let weight = ParameterDeclaration(
      name: "weight", shape: [outputChannels, inputChannels / max(1, groups), kernel.height, kernel.width], role: .convolutionWeight,
      initialiser: initialiser)
    let bias = ParameterDeclaration(name: "bias", shape: [outputChannels], role: .bias, initialiser: .constant(0))
    return hasBias ? [weight, bias] : [weight]
  }

  /// The second input, when there is one.
  public var passesGradientTo: Int? { hasShortcut ? 1 : nil }

  /// ⌊(height + padding − kernel) / stride⌋ + 1 rows and likewise columns of ``outputChannels``, from an image of ``inputChannels``.
  public func outputShape(of inputs: [FeatureShape]) throws(TrainingError) -> FeatureShape {
    guard inputs.count == (hasShortcut ? 2 : 1), inputs[0].channels == inputChannels else {
      throw .shape(
        layer: name,
        detail: "it takes an image of \(inputChannels) channels\(hasShortcut ? " and a shortcut" : ""), not "
          + inputs.map(\.description).joined(separator: ", "))
    }
    let geometry: ConvolutionGeometry
    do {
      geometry = try self.geometry(inputs[0]).validated()
    } catch {
      throw .shape(layer: name, detail: "on an image of \(inputs[0]): \(error)")
    }
    let shape = FeatureShape(height: geometry.outputHeight, width: geometry.outputWidth, channels: outputChannels)
    guard !hasShortcut || inputs[1] == shape else {
      throw .shape(layer: name, detail: "its output is \(shape), its shortcut \(inputs[1])")
    }
    return shape
  }

  /// Packed kernels, a kernel's gradient for each part of a batch, and copies of images with zeros around them.
  public func memory(capacity: Int, inputs: [FeatureShape]) -> LayerMemory<Element> {
    LayerMemory(reals: sums(inputs[0]).places(capacity: capacity).count)
  }

  private func geometry(_ input: FeatureShape) -> ConvolutionGeometry {
    ConvolutionGeometry(
      inputChannels: inputChannels, outputChannels: outputChannels, inputHeight: input.height, inputWidth: input.width,
      kernelHeight: kernel.height, kernelWidth: kernel.width, strideHeight: stride.height, strideWidth: stride.width,
      padTop: padding.top, padLeft: padding.left, padBottom: padding.bottom, padRight: padding.right, groups: groups)
  }

  func sums(_ input: FeatureShape) -> ConvolutionSums {
    ConvolutionSums(geometry(input), size: MemoryLayout<Element>.size, instructions: instructions)
  }

  /// `Operation.convolution`, and a sum where there is a shortcut.
  public func export(_ values: LayerValues, inputs: [Int], to export: inout NetworkExport) throws -> Int {
    let input = try export.spatial(inputs[0], name: name)
    let weight = Matrix(
      rows: outputChannels, columns: inputChannels / groups * kernel.height * kernel.width, elements: values.parameters[0])
    let convolution = Operation.Convolution(
      weight: weight, bias: hasBias ? values.parameters[1] : nil, kernel: [kernel.height, kernel.width],
      strides: [stride.height, stride.width], padBefore: [padding.top, padding.left], padAfter: [padding.bottom, padding.right],
      groups: groups)
    let output = try export.network.add(.convolution(convolution), name: name, to: [input])
    guard hasShortcut else { return output }
    let shortcut = try export.spatial(inputs[1], name: "\(name).shortcut")
    return try export.network.add(.sum(signs: [1, 1]), name: "\(name).sum", to: [output, shortcut])
  }
}
