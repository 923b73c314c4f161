/// A convolution (cross-correlation with zero padding) on flat channels × height × width vectors.
public struct ConvolutionMap<Element: Scalar>: LinearMap {
  /// Sizes, strides, dilations, pads and groups.
  public let geometry: ConvolutionGeometry
  /// The kernels, outputChannels × (inputChannels / groups · kernelHeight · kernelWidth).
  public let weight: Matrix<Element>
  private let forward: ConvolutionPlan
  private let backward: ConvolutionPlan

  /// The length of a flat input image.
  public var inputCount: Int { geometry.inputCount }
  /// The length of a flat output image.
  public var outputCount: Int { geometry.outputCount }

  /// The convolution with these sizes and kernels.
  ///
  /// - Precondition: `geometry` passes ``ConvolutionGeometry/validated()`` and `weight` is
  ///   outputChannels × ``ConvolutionGeometry/kernelCount``.
  public init(geometry: ConvolutionGeometry, weight: Matrix<Element>) {
    precondition((try? geometry.validated()) != nil, "a convolution map needs a valid geometry")
    precondition(
      weight.rows == geometry.outputChannels && weight.columns == geometry.kernelCount,
      "a convolution's weight must be \(geometry.outputChannels) × \(geometry.kernelCount), not \(weight.rows) × \(weight.columns)")
    self.geometry = geometry
    self.weight = weight
    forward = ConvolutionPlan(geometry, adjoint: false)
    backward = ConvolutionPlan(geometry, adjoint: true)
  }

  /// Correlates every image with the kernels.
  ///
  /// Every output element is one sum in the order (channel, kernel row, kernel column) including padding zeros, so it carries at most
  /// ``ConvolutionGeometry/kernelCount`` rounding errors of products and as many of sums.
  ///
  /// - Complexity: O(batch · outputCount · kernelCount).
  public func apply(_ input: Matrix<Element>, to output: inout Matrix<Element>, accumulating: Bool) {
    checkShapes(input, inputCount, output, outputCount)
    run(forward, input, &output, accumulating)
  }

  /// The transposed convolution of every image.
  ///
  /// - Complexity: O(batch · outputCount · kernelCount).
  public func adjoint(_ input: Matrix<Element>, to output: inout Matrix<Element>, accumulating: Bool) {
    checkShapes(input, outputCount, output, inputCount)
    run(backward, input, &output, accumulating)
  }

  private func run(_ plan: ConvolutionPlan, _ input: Matrix<Element>, _ output: inout Matrix<Element>, _ accumulating: Bool) {
    input.elements.withUnsafeBufferPointer { x in
      weight.elements.withUnsafeBufferPointer { w in
        output.elements.withUnsafeMutableBufferPointer { y in
          guard input.rows > 0, let x = x.baseAddress, let w = w.baseAddress, let y = y.baseAddress else { return }
          plan.run(weight: w, input: x, output: y, batch: input.rows, accumulating: accumulating)
        }
      }
    }
  }

  /// The map in another precision; coefficients are rounded to nearest when it is narrower.
  public func converted<Other: Scalar>(to type: Other.Type) -> any LinearMap<Other> {
    ConvolutionMap<Other>(geometry: geometry, weight: weight.converted(to: type))
  }

  /// The explicit matrix: row (channel, y, x) holds the kernel's non-zero weights that fall inside the input.
  ///
  /// - Complexity: O(outputCount · kernelCount) time and memory.
  public func sparseRows() -> SparseRows<Element> { sparseRows(Array(0..<outputCount)) }

  /// Some rows of the explicit matrix.
  ///
  /// - Complexity: O(rows · kernelCount) time and memory.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  public func sparseRows(_ rows: [Int]) -> SparseRows<Element> {
    let g = geometry
    var result = SparseRows<Element>(columnCount: inputCount, starts: [0], columns: [], values: [])
    result.starts.reserveCapacity(rows.count + 1)
    let (inner, outer) = (g.inputChannels / g.groups, g.outputChannels / g.groups)
    let width = g.outputWidth
    let pixels = g.outputHeight * width
    for index in rows {
      let (o, y, x) = (index / pixels, index % pixels / width, index % width)
      for c in 0..<inner {
        for i in 0..<g.kernelHeight {
          let row = y * g.strideHeight + i * g.dilationHeight - g.padTop
          guard row >= 0, row < g.inputHeight else { continue }
          for j in 0..<g.kernelWidth {
            let column = x * g.strideWidth + j * g.dilationWidth - g.padLeft
            guard column >= 0, column < g.inputWidth else { continue }
            let value = weight.elements[((o * inner + c) * g.kernelHeight + i) * g.kernelWidth + j]
            guard value != 0 else { continue }
            result.columns.append(((o / outer * inner + c) * g.inputHeight + row) * g.inputWidth + column)
            result.values.append(value)
          }
        }
      }
      result.starts.append(result.columns.count)
    }
    return result
  }

  /// Integers: ``ConvolutionGeometry/integers``. Reals: the weight row by row.
  public var description: LinearMapDescription {
    LinearMapDescription(kind: "convolution", integers: geometry.integers, reals: weight.converted(to: Double.self).elements)
  }
}
