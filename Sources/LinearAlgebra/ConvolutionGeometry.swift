/// The sizes of a two-dimensional convolution (cross-correlation, as neural networks use the word); height 1 makes it one-dimensional.
///
/// Tensors are channels × height × width, flattened in that order. Output pixel (y, x) of a channel reads input pixels
/// (y · stride + i · dilation − padTop, x · stride + j · dilation − padLeft) for kernel position (i, j); pixels outside are zero.
public struct ConvolutionGeometry: Hashable, Sendable {
  /// Channels of the input.
  public var inputChannels: Int
  /// Channels of the output.
  public var outputChannels: Int
  /// Rows of the input.
  public var inputHeight: Int
  /// Columns of the input.
  public var inputWidth: Int
  /// Rows of the kernel.
  public var kernelHeight: Int
  /// Columns of the kernel.
  public var kernelWidth: Int
  /// Input rows between consecutive output rows.
  public var strideHeight: Int
  /// Input columns between consecutive output columns.
  public var strideWidth: Int
  /// Input rows between consecutive kernel rows.
  public var dilationHeight: Int
  /// Input columns between consecutive kernel columns.
  public var dilationWidth: Int
  /// Zero rows before the input.
  public var padTop: Int
  /// Zero columns before the input.
  public var padLeft: Int
  /// Zero rows after the input.
  public var padBottom: Int
  /// Zero columns after the input.
  public var padRight: Int
  /// The number of groups: output channel group g reads input channel group g only.
  public var groups: Int

  /// Collects the sizes without checking them; see ``validated()``.
  public init(
    inputChannels: Int, outputChannels: Int, inputHeight: Int, inputWidth: Int, kernelHeight: Int, kernelWidth: Int, strideHeight: Int = 1,
    strideWidth: Int = 1, dilationHeight: Int = 1, dilationWidth: Int = 1, padTop: Int = 0, padLeft: Int = 0, padBottom: Int = 0,
    padRight: Int = 0, groups: Int = 1
  ) {
    self.inputChannels = inputChannels
    self.outputChannels = outputChannels
    self.inputHeight = inputHeight
    self.inputWidth = inputWidth
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideHeight = strideHeight
    self.strideWidth = strideWidth
    self.dilationHeight = dilationHeight
    self.dilationWidth = dilationWidth
    self.padTop = padTop
    self.padLeft = padLeft
    self.padBottom = padBottom
    self.padRight = padRight
    self.groups = groups
  }

  /// Rows of the output: ⌊(inputHeight + pads − dilation (kernel − 1) − 1) / stride⌋ + 1.
  public var outputHeight: Int {
    (inputHeight + padTop + padBottom - dilationHeight * (kernelHeight - 1) - 1) / strideHeight + 1
  }

  /// Columns of the output.
  public var outputWidth: Int {
    (inputWidth + padLeft + padRight - dilationWidth * (kernelWidth - 1) - 1) / strideWidth + 1
  }

  /// inputChannels · inputHeight · inputWidth.
  public var inputCount: Int { inputChannels * inputHeight * inputWidth }
  /// outputChannels · outputHeight · outputWidth.
  public var outputCount: Int { outputChannels * outputHeight * outputWidth }
  /// Columns of the weight matrix: inputChannels / groups · kernelHeight · kernelWidth.
  public var kernelCount: Int { inputChannels / groups * kernelHeight * kernelWidth }

  /// The fifteen sizes in the order of the declaration.
  public var integers: [Int] {
    [
      inputChannels, outputChannels, inputHeight, inputWidth, kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight,
      dilationWidth, padTop, padLeft, padBottom, padRight, groups,
    ]
  }

  /// The geometry itself when it describes a convolution with at least one output pixel.
  ///
  /// Sizes come from files, so they are checked here once: positive sizes, strides, dilations and groups, non-negative pads, channels that
  /// divide into the groups, every size and element count below 2³¹, and a kernel that fits into the padded input.
  ///
  /// - Throws: ``LinearAlgebraError/invalidGeometry(_:)``.
  public func validated() throws(LinearAlgebraError) -> ConvolutionGeometry {
    let positive = [
      inputChannels, outputChannels, inputHeight, inputWidth, kernelHeight, kernelWidth, strideHeight, strideWidth, dilationHeight,
      dilationWidth, groups,
    ]
    guard positive.allSatisfy({ $0 > 0 }) else { throw .invalidGeometry("sizes, strides, dilations and groups must be positive") }
    guard [padTop, padLeft, padBottom, padRight].allSatisfy({ $0 >= 0 }) else { throw .invalidGeometry("padding must not be negative") }
    guard integers.allSatisfy({ $0 < 1 << 31 }) else { throw .invalidGeometry("a size is 2^31 or more") }
    guard inputChannels % groups == 0, outputChannels % groups == 0 else {
      throw .invalidGeometry("\(inputChannels) input and \(outputChannels) output channels do not divide into \(groups) groups")
    }
    guard
      inputHeight + padTop + padBottom > dilationHeight * (kernelHeight - 1),
      inputWidth + padLeft + padRight > dilationWidth * (kernelWidth - 1)
    else { throw .invalidGeometry("the kernel is larger than the padded input") }
    for factors in [
      [inputChannels, inputHeight, inputWidth], [outputChannels, outputHeight, outputWidth],
      [outputChannels, inputChannels / groups, kernelHeight, kernelWidth],
    ] {
      var count = 1
      for factor in factors {
        let (product, overflow) = count.multipliedReportingOverflow(by: factor)
        guard !overflow, product < 1 << 31 else { throw .invalidGeometry("a tensor has 2^31 elements or more") }
        count = product
      }
    }
    return self
  }
}
