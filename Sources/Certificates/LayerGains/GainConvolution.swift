import LinearAlgebra

/// A convolution's kernel and strides: what of it matters on an infinite plane.
public struct GainConvolution: Sendable {
  /// outputChannels × (inputChannels · kernelHeight · kernelWidth), without groups.
  public var weight: Matrix<Double>
  /// Channels of the input.
  public var inputChannels: Int
  /// Rows of the kernel, zeros of dilation included.
  public var kernelHeight: Int
  /// Columns of the kernel.
  public var kernelWidth: Int
  /// Input rows between output rows.
  public var strideHeight: Int
  /// Input columns between output columns.
  public var strideWidth: Int

  /// Collects the parts; strides default to one.
  public init(weight: Matrix<Double>, inputChannels: Int, kernelHeight: Int, kernelWidth: Int, strideHeight: Int = 1, strideWidth: Int = 1)
  {
    self.weight = weight
    self.inputChannels = inputChannels
    self.kernelHeight = kernelHeight
    self.kernelWidth = kernelWidth
    self.strideHeight = strideHeight
    self.strideWidth = strideWidth
  }

  /// The convolution of a map: groups become zeros; a dilation stays when the stride is one, because it only separates pixels into
  /// interleaved images, and becomes zeros of the kernel otherwise.
  public init(_ map: ConvolutionMap<Double>) {
    let g = map.geometry
    let (dilationHeight, dilationWidth) = (g.strideHeight == 1 ? 1 : g.dilationHeight, g.strideWidth == 1 ? 1 : g.dilationWidth)
    let (height, width) = ((g.kernelHeight - 1) * dilationHeight + 1, (g.kernelWidth - 1) * dilationWidth + 1)
    var weight = Matrix<Double>(rows: g.outputChannels, columns: g.inputChannels * height * width)
    let (inner, outer) = (g.inputChannels / g.groups, g.outputChannels / g.groups)
    for o in 0..<g.outputChannels {
      for c in 0..<inner {
        for i in 0..<g.kernelHeight {
          for j in 0..<g.kernelWidth {
            let channel = o / outer * inner + c
            weight[o, (channel * height + i * dilationHeight) * width + j * dilationWidth] =
              map.weight[o, (c * g.kernelHeight + i) * g.kernelWidth + j]
          }
        }
      }
    }
    self.init(
      weight: weight, inputChannels: g.inputChannels, kernelHeight: height, kernelWidth: width, strideHeight: g.strideHeight,
      strideWidth: g.strideWidth)
  }

  /// Channels of the output.
  public var outputChannels: Int { weight.rows }

  var isValid: Bool {
    let sizes = [inputChannels, kernelHeight, kernelWidth, strideHeight, strideWidth]
    return sizes.allSatisfy { $0 > 0 && $0 < 1 << 16 } && weight.rows > 0 && weight.columns == inputChannels * kernelHeight * kernelWidth
  }

  /// The stride-one convolution of blocks of strideHeight × strideWidth pixels that it is: `taps[a][b]` takes the block a rows and b columns
  /// after the first, each a vector of `phases` pixels of channels. Rows and columns that no output sees are left out.
  ///
  /// Blocks are cut so that the kernel ends with a block: what lies before its beginning is zero, and `oldest[j]` says with which b the
  /// kernel of pixel j of a block begins.
  var polyphase: (taps: [[Matrix<Double>]], oldest: [Int], phases: Int) {
    func axis(_ kernel: Int, _ stride: Int) -> (blocks: Int, lead: Int) {
      let blocks = (kernel + stride - 1) / stride
      return (blocks, blocks * stride - kernel)
    }
    let (rows, columns) = (axis(kernelHeight, strideHeight), axis(kernelWidth, strideWidth))
    // The last block of an axis is whole unless the stride exceeds the kernel: then the pixels before it are seen by nobody.
    let rowPhases = (0..<strideHeight).filter { (rows.blocks - 1) * strideHeight + $0 >= rows.lead }
    let columnPhases = (0..<strideWidth).filter { (columns.blocks - 1) * strideWidth + $0 >= columns.lead }
    let phases = rowPhases.count * columnPhases.count
    var taps = Array(
      repeating: Array(repeating: Matrix<Double>(rows: outputChannels, columns: phases * inputChannels), count: columns.blocks),
      count: rows.blocks)
    for a in 0..<rows.blocks {
      for b in 0..<columns.blocks {
        for (p, row) in rowPhases.enumerated() {
          for (q, column) in columnPhases.enumerated() {
            let (i, j) = (a * strideHeight + row - rows.lead, b * strideWidth + column - columns.lead)
            guard i >= 0, j >= 0 else { continue }
            for o in 0..<outputChannels {
              for c in 0..<inputChannels {
                taps[a][b][o, (p * columnPhases.count + q) * inputChannels + c] =
                  weight[o, (c * kernelHeight + i) * kernelWidth + j]
              }
            }
          }
        }
      }
    }
    let oldest = rowPhases.flatMap { _ in columnPhases.map { $0 >= columns.lead ? 0 : 1 } }
    return (taps, oldest, phases)
  }
}
