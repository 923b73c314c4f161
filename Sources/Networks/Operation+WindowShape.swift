import LinearAlgebra

extension Operation.Convolution {
  /// The spatial axes for an input of shape N × C × L or N × C × H × W.
  func axes(of x: Shape, node: String) throws -> [WindowAxis] {
    try WindowAxis.axes(
      of: x, kernel: kernel, strides: strides, dilations: dilations, before: padBefore, after: padAfter, name: "convolution", node: node)
  }

  /// Checks the parameters and computes the result's shape.
  func outputShape(of x: Shape, node: String) throws -> Shape {
    let axes = try axes(of: x, node: node)
    guard groups > 0, x[1].isMultiple(of: groups), weight.rows > 0, weight.rows.isMultiple(of: groups) else {
      throw NetworkError.invalidInput(node: node, detail: "\(groups) groups of \(x[1]) input and \(weight.rows) output channels")
    }
    let patch = try Shape.checked([x[1] / groups] + kernel, node: node).count
    guard weight.columns == patch else {
      throw NetworkError.shapeMismatch(node: node, detail: "a filter has \(weight.columns) coefficients instead of \(patch)")
    }
    if let bias {
      guard bias.count == weight.rows else {
        throw NetworkError.invalidInput(node: node, detail: "\(bias.count) biases for \(weight.rows) channels")
      }
      try Operation.checkFinite(bias, "a bias", node: node)
    }
    try Operation.checkFinite(weight.elements, "a weight", node: node)
    return Shape([x[0], weight.rows] + axes.map(\.outputLength))
  }
}

extension Operation.Pooling {
  /// The spatial axes for an input of shape N × C × L or N × C × H × W.
  func axes(of x: Shape, node: String) throws -> [WindowAxis] {
    try WindowAxis.axes(
      of: x, kernel: kernel, strides: strides, dilations: dilations, before: padBefore, after: padAfter, ceilMode: ceilMode,
      name: "pooling",
      node: node)
  }

  /// Checks the parameters and computes the result's shape.
  func outputShape(of x: Shape, node: String) throws -> Shape {
    let axes = try axes(of: x, node: node)
    let shape = try Shape.checked(Array(x.dimensions.prefix(2)) + axes.map(\.outputLength), node: node)
    // The windows' elements are listed one by one later.
    _ = try Shape.checked([shape.count] + kernel, node: node)
    for axis in axes where !(0..<axis.outputLength).allSatisfy(axis.touchesInput) {
      throw NetworkError.invalidInput(node: node, detail: "a pooling window lies wholly in the padding")
    }
    return shape
  }
}
