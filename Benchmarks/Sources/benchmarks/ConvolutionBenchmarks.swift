import LinearAlgebra

/// The convolution kernels against the obvious alternative, in the same run.
enum ConvolutionBenchmarks {
  static let topic = Topic(
    id: "convolution", title: "Convolutions, batch 16, 3x3, padding 1",
    note: """
      Against im2col and a matrix product (adjoint: product and col2im), one image a task on the same threads, memory allocated beforehand. \
      Operations: 2 · batch · outputs · kernel, padding included. Error: largest difference over the bound for two roundings of the same sums.
      """,
    columns: ["convolution", "precision", "direction", "best", "median", "n", "GF/s", "im2col", "its GF/s", "im2col / ours", "error"],
    cases: shapes.flatMap { shape in
      [
        Topic.Case(name: "\(shape.name) Float") { try rows(shape, Float.self, $0) },
        Topic.Case(name: "\(shape.name) Double") { try rows(shape, Double.self, $0) },
      ]
    })

  private struct ConvolutionShape {
    let inputs: Int
    let outputs: Int
    let size: Int
    let stride: Int

    var name: String { "\(inputs)x\(size)x\(size) to \(outputs)" + (stride > 1 ? ", stride \(stride)" : "") }

    var geometry: ConvolutionGeometry {
      ConvolutionGeometry(
        inputChannels: inputs, outputChannels: outputs, inputHeight: size, inputWidth: size, kernelHeight: 3, kernelWidth: 3,
        strideHeight: stride, strideWidth: stride, padTop: 1, padLeft: 1, padBottom: 1, padRight: 1)
    }
  }

  private static let shapes: [ConvolutionShape] = [
    .init(inputs: 16, outputs: 16, size: 32, stride: 1), .init(inputs: 32, outputs: 32, size: 16, stride: 1),
    .init(inputs: 64, outputs: 64, size: 8, stride: 1), .init(inputs: 16, outputs: 32, size: 32, stride: 2),
    .init(inputs: 32, outputs: 64, size: 16, stride: 2),
  ]

  private static func rows<Element: Scalar>(_ shape: ConvolutionShape, _ type: Element.Type, _ harness: Harness) throws -> [[Cell]] {
    let geometry = try shape.geometry.validated()
    let batch = 16
    var random = SplitMix64(seed: 1)
    let weight: Matrix<Element> = random.gaussianMatrix(rows: geometry.outputChannels, columns: geometry.kernelCount)
    let map = ConvolutionMap(geometry: geometry, weight: weight)
    var columns = ColumnConvolution(geometry: geometry, weight: weight, batch: batch)
    var magnitudes = ColumnConvolution(geometry: geometry, weight: weight.magnitudes, batch: batch)
    return try [false, true].map { isAdjoint in
      let (from, to) = isAdjoint ? (geometry.outputCount, geometry.inputCount) : (geometry.inputCount, geometry.outputCount)
      let input: Matrix<Element> = random.gaussianMatrix(rows: batch, columns: from)
      var ours = Matrix<Element>(rows: batch, columns: to)
      var (theirs, bound) = (ours, ours)
      let (time, alternative) = harness.compare(50) {
        if isAdjoint { map.adjoint(input, to: &ours, accumulating: false) } else { map.apply(input, to: &ours, accumulating: false) }
      } _: {
        columns.run(input, to: &theirs, isAdjoint: isAdjoint)
      }
      magnitudes.run(input.magnitudes, to: &bound, isAdjoint: isAdjoint)

      let terms = isAdjoint ? geometry.outputChannels * 9 : geometry.kernelCount
      let gamma = 2 * ErrorBounds.gamma(terms + 2, for: Element.self)
      var error = 0.0
      for i in ours.elements.indices {
        let difference = (Double(ours.elements[i]) - Double(theirs.elements[i])).magnitude
        error = max(error, difference / (gamma * Double(bound.elements[i])))
      }
      guard error <= 1 else { throw BenchmarkError("the convolution and its alternative differ by \(error) times the rounding bound") }
      let operations = 2e-9 * Double(batch) * Double(geometry.outputCount) * Double(geometry.kernelCount)
      return [
        .text(shape.name), .text("\(Element.self)"), .text(isAdjoint ? "adjoint" : "apply"), .seconds(time.best), .seconds(time.median),
        .count(time.count), .rate(operations / time.best), .seconds(alternative.best), .rate(operations / alternative.best),
        .ratio(alternative.best / time.best), .small(error),
      ]
    }
  }
}

extension Matrix {
  /// The elements' absolute values.
  fileprivate var magnitudes: Matrix { Matrix(rows: rows, columns: columns, elements: elements.map(\.magnitude)) }
}

/// The obvious convolution: every image unfolded into the columns of a matrix, then a matrix product (without groups and dilation).
private struct ColumnConvolution<Element: Scalar> {
  /// One image's memory.
  private struct Work {
    var columns: Matrix<Element>
    var product: Matrix<Element>
  }

  private let geometry: ConvolutionGeometry
  private let weight: Matrix<Element>
  private var work: [Work]

  init(geometry: ConvolutionGeometry, weight: Matrix<Element>, batch: Int) {
    self.geometry = geometry
    self.weight = weight
    let pixels = geometry.outputHeight * geometry.outputWidth
    work = (0..<batch).map { _ in
      Work(
        columns: Matrix(rows: geometry.kernelCount, columns: pixels), product: Matrix(rows: geometry.outputChannels, columns: pixels))
    }
  }

  /// A x or Aᵀ x for every row of `input`.
  mutating func run(_ input: Matrix<Element>, to output: inout Matrix<Element>, isAdjoint: Bool) {
    let (weight, layout) = (weight, ColumnLayout(geometry))
    work.withUnsafeMutableBufferPointer { work in
      output.elements.withUnsafeMutableBufferPointer { y in
        guard let work = SharedBuffer(work), let y = SharedBuffer(y) else { return }
        ParallelFor.run(input.rows) { image in
          let own = work.base + image
          input.elements.withUnsafeBufferPointer { x in
            guard let x = x.baseAddress.map({ $0 + image * input.columns }) else { return }
            if isAdjoint {
              own.pointee.product.elements.withUnsafeMutableBufferPointer { $0.baseAddress?.update(from: x, count: $0.count) }
              Matrix.multiply(weight, own.pointee.product, transposingLeft: true, into: &own.pointee.columns)
              own.pointee.columns.elements.withUnsafeBufferPointer { columns in
                columns.baseAddress.map { layout.fold($0, into: y.base + image * layout.inputCount) }
              }
            } else {
              own.pointee.columns.elements.withUnsafeMutableBufferPointer { columns in
                columns.baseAddress.map { layout.unfold(x, into: $0) }
              }
              Matrix.multiply(weight, own.pointee.columns, into: &own.pointee.product)
              own.pointee.product.elements.withUnsafeBufferPointer { product in
                product.baseAddress.map { (y.base + image * product.count).update(from: $0, count: product.count) }
              }
            }
          }
        }
      }
    }
  }
}

/// Where the columns' elements come from.
private struct ColumnLayout: Sendable {
  private let g: ConvolutionGeometry

  init(_ geometry: ConvolutionGeometry) { g = geometry }

  var inputCount: Int { g.inputCount }

  /// im2col: row (channel, i, j) of the columns holds the pixels that kernel position (i, j) reads.
  func unfold<Element: Scalar>(_ image: UnsafePointer<Element>, into columns: UnsafeMutablePointer<Element>) {
    forEachRow { row, start, range in
      let target = columns + row * g.outputWidth
      guard let start else { return target.update(repeating: 0, count: g.outputWidth) }
      target.update(repeating: 0, count: range.lowerBound)
      if g.strideWidth == 1 {
        (target + range.lowerBound).update(from: image + start, count: range.count)
      } else {
        for (k, x) in range.enumerated() { target[x] = image[start &+ k &* g.strideWidth] }
      }
      (target + range.upperBound).update(repeating: 0, count: g.outputWidth - range.upperBound)
    }
  }

  /// col2im: every element is added to the pixel it came from.
  func fold<Element: Scalar>(_ columns: UnsafePointer<Element>, into image: UnsafeMutablePointer<Element>) {
    image.update(repeating: 0, count: g.inputCount)
    forEachRow { row, start, range in
      guard let start else { return }
      let (source, target, step) = (columns + row * g.outputWidth + range.lowerBound, image + start, g.strideWidth)
      if step == 1 {
        for k in 0..<range.count { target[k] += source[k] }
      } else {
        for k in 0..<range.count { target[k &* step] += source[k] }
      }
    }
  }

  /// Visits the rows of all kernel positions and output lines: their number, the pixel at which the valid part starts (`nil` when the line
  /// lies in the padding), and the valid part.
  @inline(__always)
  private func forEachRow(_ body: (_ row: Int, _ start: Int?, _ range: Range<Int>) -> Void) {
    var row = 0
    for channel in 0..<g.inputChannels {
      for i in 0..<g.kernelHeight {
        for j in 0..<g.kernelWidth {
          let shift = j - g.padLeft
          let first = shift < 0 ? (-shift + g.strideWidth - 1) / g.strideWidth : 0
          let end = min(g.outputWidth, (g.inputWidth - 1 - shift) / g.strideWidth + 1)
          for y in 0..<g.outputHeight {
            let line = y * g.strideHeight + i - g.padTop
            let isInside = line >= 0 && line < g.inputHeight
            let start = (channel * g.inputHeight + line) * g.inputWidth + first * g.strideWidth + shift
            body(row, isInside ? start : nil, first..<max(first, end))
            row += 1
          }
        }
      }
    }
  }
}
