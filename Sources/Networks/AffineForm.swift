import LinearAlgebra

/// What an operation does when it is affine: Σ over inputs of a chain of linear maps, plus a bias.
///
/// Evaluation and lowering share this form, so they agree on what an operation means.
package struct AffineForm {
  /// For each input the maps to apply, first to last; none is the identity.
  package var chains: [[any LinearMap<Double>]]
  /// Added to the sum, evaluated in floating point.
  package var bias: [Double]?

  init(_ chains: [[any LinearMap<Double>]], bias: [Double]? = nil) {
    self.chains = chains
    self.bias = bias
  }
}

extension Operation {
  /// The operation's affine form, or `nil` when it is not affine.
  ///
  /// Every map is exact or carries radii that enclose the exact coefficients.
  ///
  /// - Throws: ``NetworkError`` when the operation is affine but not supported.
  package func affineForm(inputs: [Shape], output: Shape, node: String) throws -> AffineForm? {
    guard let x = inputs.first else { return nil }
    switch self {
    case .input, .maxPool, .activation, .parametricReLU, .maximum, .minimum, .groupSort: return nil
    case .dense(let weight, let bias):
      let repetitions = x.count / weight.columns
      return AffineForm(
        [[DenseMap(weight: weight, repetitions: repetitions)]],
        bias: bias.map { bias in Array((0..<repetitions).map { _ in bias }.joined()) })
    case .convolution(let convolution): return try convolution.affineForm(input: x, output: output, node: node)
    case .batchNormalization(let parameters): return try parameters.affineForm(x, node: node)
    case .addConstant(let constant, let sign):
      return AffineForm(
        [Self.broadcasting(x, to: output) + Self.signMap(sign, count: output.count)],
        bias: constant.shape.broadcastIndices(to: output).map { constant.values[$0] })
    case .multiplyConstant(let constant):
      let scale = constant.shape.broadcastIndices(to: output).map { constant.values[$0] }
      return AffineForm([Self.broadcasting(x, to: output) + [DiagonalMap(scale: scale)]])
    case .divideConstant(let constant):
      let scales = constant.values.map(EnclosedScale.reciprocal)
      let diagonal = try Self.diagonal(scales, indices: constant.shape.broadcastIndices(to: output), node: node)
      return AffineForm([Self.broadcasting(x, to: output) + [diagonal]])
    case .sum(let signs):
      return AffineForm(zip(inputs, signs).map { Self.broadcasting($0, to: output) + Self.signMap($1, count: output.count) })
    case .concatenation(let axis): return Self.concatenationForm(inputs, axis: axis, output: output)
    case .reshape: return AffineForm([[]])
    case .slice, .transpose, .pad, .gather: return indexForm(x, output: output)
    case .reduction(let axes, _, let isMean): return try Self.reductionForm(x, axes: axes, isMean: isMean, output: output, node: node)
    case .averagePool(let pooling): return try pooling.averageForm(input: x, output: output, node: node)
    case .globalAveragePool:
      return try Self.reductionForm(x, axes: Array(2..<x.rank), isMean: true, output: output, node: node)
    }
  }

  /// The map from a tensor to its broadcast form, or nothing when the element counts agree.
  private static func broadcasting(_ x: Shape, to output: Shape) -> [any LinearMap<Double>] {
    // Equal counts: broadcasting only adds axes of length one, which leaves the order of the elements.
    x.count == output.count ? [] : [IndexMap(inputCount: x.count, indices: x.broadcastIndices(to: output))]
  }

  private static func signMap(_ sign: Double, count: Int) -> [any LinearMap<Double>] {
    sign == 1 ? [] : [DiagonalMap(scale: Array(repeating: sign, count: count))]
  }

  /// The diagonal map whose element i is `scales[indices[i]]`, with radii when any is inexact.
  static func diagonal(_ scales: [EnclosedScale], indices: [Int], node: String) throws -> DiagonalMap<Double> {
    guard scales.allSatisfy({ $0.value.isFinite && $0.radius.isFinite }) else {
      throw NetworkError.notFinite(node: node, detail: "a folded scale")
    }
    let isExact = scales.allSatisfy { $0.radius == 0 }
    return DiagonalMap(scale: indices.map { scales[$0].value }, radius: isExact ? nil : indices.map { scales[$0].radius })
  }

  private static func concatenationForm(_ inputs: [Shape], axis: Int, output: Shape) -> AffineForm {
    if inputs.count == 1 { return AffineForm([[]]) }
    var offset = 0
    return AffineForm(
      inputs.map { input in
        var indices = Array(repeating: -1, count: output.count)
        let places = input.indices(base: offset * output.strides[axis], steps: output.strides)
        for (source, place) in places.enumerated() { indices[place] = source }
        offset += input[axis]
        return [IndexMap(inputCount: input.count, indices: indices)]
      })
  }

  /// Slices, transposes, pads and gathers: each output element is an input element or a constant.
  private func indexForm(_ x: Shape, output: Shape) -> AffineForm? {
    let strides = x.strides
    var bias: [Double]?
    let indices: [Int]
    switch self {
    case .slice(let starts, _, let steps):
      let base = zip(starts, strides).reduce(0) { $0 + $1.0 * $1.1 }
      // A step longer than its axis takes one element; it is not multiplied out, because it may be any integer.
      let reach = output.dimensions.indices.map { output[$0] == 1 ? 0 : steps[$0] * strides[$0] }
      indices = output.indices(base: base, steps: reach)
    case .transpose(let permutation): indices = output.indices(steps: permutation.map { strides[$0] })
    case .gather(let axis, let gathered, _):
      let full = Shape(x.dimensions.enumerated().map { $0 == axis ? gathered.count : $1 })
      let inner = strides[axis]
      let (block, length) = (x[axis] * inner, full[axis] * inner)
      indices = (0..<full.count).map { place in
        place / length * block + gathered[place / inner % gathered.count] * inner + place % inner
      }
    case .pad(let before, _, let value):
      var partial = [0]
      for axis in 0..<x.rank {
        partial = partial.flatMap { start in
          (0..<output[axis]).map { place in
            let position = place - before[axis]
            return start < 0 || position < 0 || position >= x[axis] ? -1 : start + position * strides[axis]
          }
        }
      }
      indices = partial
      if value != 0 { bias = indices.map { $0 < 0 ? value : 0 } }
    default: return nil
    }
    if indices.count == x.count, indices.elementsEqual(0..<x.count) { return AffineForm([[]], bias: bias) }
    return AffineForm([[IndexMap(inputCount: x.count, indices: indices)]], bias: bias)
  }

  /// The reduced axes moved last, summed by a row of ones, and divided when a mean is asked for.
  private static func reductionForm(_ x: Shape, axes: [Int], isMean: Bool, output: Shape, node: String) throws -> AffineForm {
    let kept = (0..<x.rank).filter { !axes.contains($0) }
    let order = kept + axes.sorted()
    var chain: [any LinearMap<Double>] = []
    if order != Array(0..<x.rank) {
      let moved = Shape(order.map { x[$0] })
      chain.append(IndexMap(inputCount: x.count, indices: moved.indices(steps: order.map { x.strides[$0] })))
    }
    let length = x.count / output.count
    if length > 1 {
      chain.append(DenseMap(weight: Matrix(rows: 1, columns: length, repeating: 1), repetitions: output.count))
      if isMean {
        let scale = [EnclosedScale.reciprocal(of: Double(length))]
        chain.append(try diagonal(scale, indices: Array(repeating: 0, count: output.count), node: node))
      }
    }
    return AffineForm([chain])
  }
}

extension Operation.BatchNormalization {
  fileprivate func affineForm(_ x: Shape, node: String) throws -> AffineForm {
    let (scales, channels) = (enclosedScales, channels(of: x))
    let shifts = scale.indices.map { shift[$0] - mean[$0] * scales[$0].value }
    return AffineForm([[try Operation.diagonal(scales, indices: channels, node: node)]], bias: channels.map { shifts[$0] })
  }

  private var enclosedScales: [EnclosedScale] {
    scale.indices.map { EnclosedScale.normalization(scale: scale[$0], variance: variance[$0], epsilon: epsilon) }
  }

  /// The channel of every element.
  private func channels(of x: Shape) -> [Int] {
    let inner = x.strides[1]
    return (0..<x.count).map { $0 / inner % x[1] }
  }

  /// The operation as scale · (x + before) + after, where both shifts are the stored numbers; `nil` stands for zeros.
  ///
  /// In ``AffineForm`` the two are one rounded bias, which evaluation wants; proofs about values want them apart.
  func exactForm(_ x: Shape, node: String) throws -> (before: [Double]?, map: DiagonalMap<Double>, after: [Double]?) {
    let channels = channels(of: x)
    func spread(_ values: [Double]) -> [Double]? { values.allSatisfy { $0 == 0 } ? nil : channels.map { values[$0] } }
    return (spread(mean.map { -$0 }), try Operation.diagonal(enclosedScales, indices: channels, node: node), spread(shift))
  }
}

extension Operation.Convolution {
  fileprivate func affineForm(input: Shape, output: Shape, node: String) throws -> AffineForm {
    let axes = try axes(of: input, node: node)
    let map = try convolutionMap(
      axes, channels: (input[1], output[1]), after: padAfter, groups: groups, weight: weight, batch: input[0], node: node)
    let inner = output.strides[1]
    return AffineForm([[map]], bias: bias.map { bias in (0..<output.count).map { bias[$0 / inner] } })
  }
}

extension Operation.Pooling {
  /// Window sums as a depthwise convolution with ones, then one factor for each window.
  fileprivate func averageForm(input: Shape, output: Shape, node: String) throws -> AffineForm {
    let axes = try axes(of: input, node: node)
    let channels = input[1]
    let ones = Matrix<Double>(rows: channels, columns: kernel.reduce(1, *), repeating: 1)
    let sums = try convolutionMap(
      axes, channels: (channels, channels), after: axes.map(\.neededAfter), groups: channels, weight: ones, batch: input[0], node: node)
    let counts = axes.map { axis in
      (0..<axis.outputLength).map { countsPadding ? axis.paddedTapCount($0) : axis.positions($0).count }
    }
    let windows = counts.reduce([1]) { partial, axis in partial.flatMap { count in axis.map { count * $0 } } }
    let scales = windows.map { EnclosedScale.reciprocal(of: Double($0)) }
    let diagonal = try Operation.diagonal(scales, indices: (0..<output.count).map { $0 % windows.count }, node: node)
    return AffineForm([[sums, diagonal]])
  }
}

/// The convolution map of one or two spatial axes; one axis becomes an image of height 1.
private func convolutionMap(
  _ axes: [WindowAxis], channels: (input: Int, output: Int), after: [Int], groups: Int, weight: Matrix<Double>, batch: Int, node: String
) throws -> any LinearMap<Double> {
  guard batch == 1 else {
    throw NetworkError.unsupported(node: node, detail: "a batch axis of length \(batch) before a spatial operation; export with batch 1")
  }
  guard let w = axes.last else { throw NetworkError.unsupported(node: node, detail: "no spatial axis") }
  let h = axes.count == 2 ? axes[0] : nil
  let geometry = ConvolutionGeometry(
    inputChannels: channels.input, outputChannels: channels.output, inputHeight: h?.length ?? 1, inputWidth: w.length,
    kernelHeight: h?.kernel ?? 1, kernelWidth: w.kernel, strideHeight: h?.stride ?? 1, strideWidth: w.stride,
    dilationHeight: h?.dilation ?? 1, dilationWidth: w.dilation, padTop: h?.before ?? 0, padLeft: w.before,
    padBottom: h == nil ? 0 : after[0], padRight: after[after.count - 1], groups: groups)
  do {
    return ConvolutionMap(geometry: try geometry.validated(), weight: weight)
  } catch {
    throw NetworkError.invalidInput(node: node, detail: "\(error)")
  }
}
