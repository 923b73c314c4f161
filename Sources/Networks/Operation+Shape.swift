import LinearAlgebra

extension Operation {
  /// The shape of the result for inputs of the given shapes; also checks every parameter.
  ///
  /// A network built through ``Network/add(_:name:to:)`` therefore never fails later because of a parameter. Every arithmetic step on
  /// lengths is checked for overflow, because they come from files.
  ///
  /// - Throws: ``NetworkError`` that names `node` when the shapes or parameters do not fit.
  func outputShape(of inputs: [Shape], node: String) throws -> Shape {
    try checkInputCount(inputs.count, node: node)
    for input in inputs { _ = try Shape.checked(input.dimensions, node: node) }
    guard let x = inputs.first else { throw NetworkError.invalidInput(node: node, detail: "an input node is added with addInput") }
    let shape: Shape
    switch self {
    case .input: shape = x
    case .dense(let weight, let bias): shape = try Self.denseShape(x, weight: weight, bias: bias, node: node)
    case .convolution(let convolution): shape = try convolution.outputShape(of: x, node: node)
    case .batchNormalization(let parameters):
      try parameters.check(x, node: node)
      shape = x
    case .addConstant(let constant, let sign):
      try Self.checkSign(sign, node: node)
      shape = try Self.broadcastShape(x, constant, node: node)
    case .multiplyConstant(let constant): shape = try Self.broadcastShape(x, constant, node: node)
    case .divideConstant(let constant):
      for value in constant.values where value == 0 || !(1 / value).isFinite {
        throw NetworkError.invalidInput(node: node, detail: "divides by \(value)")
      }
      shape = try Self.broadcastShape(x, constant, node: node)
    case .sum(let signs): shape = try Self.sumShape(inputs, signs: signs, node: node)
    case .concatenation(let axis): shape = try Self.concatenationShape(inputs, axis: axis, node: node)
    case .slice(let starts, let ends, let steps): shape = try Self.sliceShape(x, starts: starts, ends: ends, steps: steps, node: node)
    case .reshape(let target):
      shape = try Shape.checked(target.dimensions, node: node)
      guard shape.count == x.count else { throw NetworkError.shapeMismatch(node: node, detail: "\(x) cannot be reshaped to \(target)") }
    case .transpose(let permutation):
      guard permutation.sorted() == Array(0..<x.rank) else {
        throw NetworkError.invalidInput(node: node, detail: "\(permutation) does not permute the axes of \(x)")
      }
      shape = Shape(permutation.map { x[$0] })
    case .pad(let before, let after, let value): shape = try Self.padShape(x, before: before, after: after, value: value, node: node)
    case .gather(let axis, let indices, let keepsAxis):
      shape = try Self.gatherShape(x, axis: axis, indices: indices, keepsAxis: keepsAxis, node: node)
    case .reduction(let axes, let keepsAxes, _):
      guard !axes.isEmpty, Set(axes).count == axes.count else {
        throw NetworkError.invalidInput(node: node, detail: "reduces over the axes \(axes)")
      }
      for axis in axes { try Self.checkAxis(axis, of: x, node: node) }
      let lengths = x.dimensions.enumerated().map { (length: axes.contains($0) ? 1 : $1, isKept: keepsAxes || !axes.contains($0)) }
      shape = Shape(lengths.filter(\.isKept).map(\.length))
    case .averagePool(let pooling), .maxPool(let pooling): shape = try pooling.outputShape(of: x, node: node)
    case .globalAveragePool:
      guard x.rank >= 3 else { throw NetworkError.shapeMismatch(node: node, detail: "\(x) has no spatial axes") }
      shape = Shape(x.dimensions.prefix(2) + Array(repeating: 1, count: x.rank - 2))
    case .activation(let activation):
      try activation.check(node: node)
      shape = x
    case .parametricReLU(let slopes):
      guard try Self.broadcastShape(x, slopes, node: node) == x else {
        throw NetworkError.shapeMismatch(node: node, detail: "slopes of shape \(slopes.shape) do not broadcast to \(x)")
      }
      shape = x
    case .maximum, .minimum:
      guard inputs[0] == inputs[1] else { throw NetworkError.shapeMismatch(node: node, detail: "\(inputs[0]) and \(inputs[1])") }
      shape = x
    case .groupSort(let size, let axis):
      try Self.checkAxis(axis, of: x, node: node)
      guard size > 0, x[axis].isMultiple(of: size) else {
        throw NetworkError.invalidInput(node: node, detail: "sorts groups of \(size) along an axis of length \(x[axis])")
      }
      shape = x
    }
    return try Shape.checked(shape.dimensions, node: node)
  }

  private func checkInputCount(_ count: Int, node: String) throws {
    let isRight: Bool
    switch self {
    case .input: isRight = false
    case .sum, .concatenation: isRight = count >= 1
    case .maximum, .minimum: isRight = count == 2
    default: isRight = count == 1
    }
    guard isRight else { throw NetworkError.invalidInput(node: node, detail: "has \(count) inputs") }
  }

  /// Throws unless every value is finite.
  static func checkFinite(_ values: [Double], _ what: String, node: String) throws {
    guard values.allSatisfy(\.isFinite) else { throw NetworkError.notFinite(node: node, detail: what) }
  }

  static func checkAxis(_ axis: Int, of shape: Shape, node: String) throws {
    guard axis >= 0, axis < shape.rank else {
      throw NetworkError.invalidInput(node: node, detail: "axis \(axis) of a tensor of shape \(shape)")
    }
  }

  private static func checkSign(_ sign: Double, node: String) throws {
    guard sign == 1 || sign == -1 else { throw NetworkError.invalidInput(node: node, detail: "sign \(sign) is not 1 or -1") }
  }

  private static func broadcastShape(_ x: Shape, _ constant: Constant, node: String) throws -> Shape {
    try checkFinite(constant.values, "a constant", node: node)
    guard let shape = Shape.broadcast(x, constant.shape) else {
      throw NetworkError.shapeMismatch(node: node, detail: "\(x) and a constant of shape \(constant.shape)")
    }
    return shape
  }

  private static func denseShape(_ x: Shape, weight: Matrix<Double>, bias: [Double]?, node: String) throws -> Shape {
    guard let last = x.dimensions.last, last == weight.columns else {
      throw NetworkError.shapeMismatch(node: node, detail: "\(x) times the transpose of a \(weight.rows)×\(weight.columns) weight")
    }
    if let bias {
      guard bias.count == weight.rows else {
        throw NetworkError.invalidInput(node: node, detail: "\(bias.count) biases for \(weight.rows) outputs")
      }
      try checkFinite(bias, "a bias", node: node)
    }
    try checkFinite(weight.elements, "a weight", node: node)
    return Shape(x.dimensions.dropLast() + [weight.rows])
  }

  private static func sumShape(_ inputs: [Shape], signs: [Double], node: String) throws -> Shape {
    guard signs.count == inputs.count else {
      throw NetworkError.invalidInput(node: node, detail: "\(signs.count) signs for \(inputs.count) inputs")
    }
    for sign in signs { try checkSign(sign, node: node) }
    return try inputs.dropFirst().reduce(inputs[0]) { partial, input in
      guard let shape = Shape.broadcast(partial, input) else {
        throw NetworkError.shapeMismatch(node: node, detail: "\(partial) and \(input)")
      }
      return shape
    }
  }

  private static func concatenationShape(_ inputs: [Shape], axis: Int, node: String) throws -> Shape {
    var dimensions = inputs[0].dimensions
    try checkAxis(axis, of: inputs[0], node: node)
    for input in inputs.dropFirst() {
      guard input.rank == dimensions.count, dimensions.indices.allSatisfy({ $0 == axis || input[$0] == dimensions[$0] }) else {
        throw NetworkError.shapeMismatch(node: node, detail: "\(inputs[0]) and \(input) along axis \(axis)")
      }
      // Lengths are at most 2^31 and there are as many as the file has inputs: this sum does not overflow.
      dimensions[axis] += input[axis]
    }
    return Shape(dimensions)
  }

  private static func sliceShape(_ x: Shape, starts: [Int], ends: [Int], steps: [Int], node: String) throws -> Shape {
    guard starts.count == x.rank, ends.count == x.rank, steps.count == x.rank else {
      throw NetworkError.invalidInput(node: node, detail: "a slice of \(x) needs \(x.rank) starts, ends and steps")
    }
    let lengths = try x.dimensions.indices.map { axis in
      let (start, end, step, length) = (starts[axis], ends[axis], steps[axis], x[axis])
      guard step != 0, start >= 0, start < length, step > 0 ? (end > start && end <= length) : (end >= -1 && end < start) else {
        throw NetworkError.invalidInput(node: node, detail: "takes \(start) to \(end) in steps of \(step) of an axis of length \(length)")
      }
      return 1 + Int((abs(end - start) - 1).magnitude / step.magnitude)
    }
    return Shape(lengths)
  }

  private static func padShape(_ x: Shape, before: [Int], after: [Int], value: Double, node: String) throws -> Shape {
    guard before.count == x.rank, after.count == x.rank else {
      throw NetworkError.invalidInput(node: node, detail: "padding of \(x) needs \(x.rank) lengths before and after")
    }
    try checkFinite([value], "the padding value", node: node)
    let lengths = try x.dimensions.indices.map { axis in
      let allowed = -x[axis]...Shape.maximumCount
      guard allowed.contains(before[axis]), allowed.contains(after[axis]), x[axis] + before[axis] + after[axis] > 0 else {
        throw NetworkError.invalidInput(node: node, detail: "pads an axis of length \(x[axis]) by \(before[axis]) and \(after[axis])")
      }
      return x[axis] + before[axis] + after[axis]
    }
    return Shape(lengths)
  }

  private static func gatherShape(_ x: Shape, axis: Int, indices: [Int], keepsAxis: Bool, node: String) throws -> Shape {
    try checkAxis(axis, of: x, node: node)
    guard !indices.isEmpty, keepsAxis || indices.count == 1, indices.allSatisfy({ $0 >= 0 && $0 < x[axis] }) else {
      throw NetworkError.invalidInput(node: node, detail: "gathers indices outside an axis of length \(x[axis])")
    }
    var dimensions = x.dimensions
    if keepsAxis { dimensions[axis] = indices.count } else { dimensions.remove(at: axis) }
    return Shape(dimensions)
  }
}

extension Operation.BatchNormalization {
  /// Checks the parameters against an input's shape.
  fileprivate func check(_ x: Shape, node: String) throws {
    guard x.rank >= 2 else { throw NetworkError.shapeMismatch(node: node, detail: "\(x) has no channel axis") }
    guard [scale, shift, mean, variance].allSatisfy({ $0.count == x[1] }) else {
      throw NetworkError.shapeMismatch(node: node, detail: "batch normalisation parameters for \(scale.count) channels on \(x)")
    }
    for (values, what) in [(scale, "a scale"), (shift, "a shift"), (mean, "a mean"), (variance, "a variance"), ([epsilon], "epsilon")] {
      try Operation.checkFinite(values, what, node: node)
    }
    for channel in scale.indices {
      let sum = variance[channel] + epsilon
      guard sum > 0 else { throw NetworkError.invalidInput(node: node, detail: "variance + epsilon is \(sum) in channel \(channel)") }
      let factor = scale[channel] / sum.squareRoot()
      try Operation.checkFinite([factor, shift[channel] - mean[channel] * factor], "a folded scale or shift", node: node)
    }
  }
}
