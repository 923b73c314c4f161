import LinearAlgebra

/// Window arithmetic along one spatial axis, for convolutions and pools.
struct WindowAxis {
  /// The input's length.
  let length: Int
  /// The kernel's length.
  let kernel: Int
  /// The stride.
  let stride: Int
  /// The distance between taps.
  let dilation: Int
  /// Elements added before and after.
  let before: Int
  let after: Int
  /// The number of windows.
  let outputLength: Int

  /// Checks the parameters and counts the windows.
  ///
  /// In ceil mode a last window that would start in the padding after the input is dropped, as in PyTorch and ONNX.
  init(length: Int, kernel: Int, stride: Int, dilation: Int, before: Int, after: Int, ceilMode: Bool = false, node: String) throws {
    let limit = Shape.maximumCount
    guard (1...limit).contains(kernel), (1...limit).contains(stride), (1...limit).contains(dilation) else {
      throw NetworkError.invalidInput(node: node, detail: "kernel \(kernel), stride \(stride), dilation \(dilation) must be positive")
    }
    guard (0...limit).contains(before), (0...limit).contains(after) else {
      throw NetworkError.invalidInput(node: node, detail: "padding of \(before) and \(after) must not be negative")
    }
    // At most 2^31 · 2^31: no overflow in 64 bits.
    let extent = (kernel - 1) * dilation + 1
    let padded = length + before + after
    guard padded >= extent else {
      throw NetworkError.shapeMismatch(node: node, detail: "a window of \(extent) on an axis of padded length \(padded)")
    }
    var count = (padded - extent) / stride + 1
    if ceilMode, !(padded - extent).isMultiple(of: stride), count * stride < length + before { count += 1 }
    self.length = length
    self.kernel = kernel
    self.stride = stride
    self.dilation = dilation
    self.before = before
    self.after = after
    outputLength = count
  }

  /// The input positions window `index` covers, without those in the padding.
  func positions(_ index: Int) -> [Int] {
    let start = index * stride - before
    return (0..<kernel).lazy.map { start + $0 * dilation }.filter { $0 >= 0 && $0 < length }
  }

  /// The number of taps of window `index` within the stated padding (ceil mode may reach beyond it).
  func paddedTapCount(_ index: Int) -> Int {
    let start = index * stride - before
    return (0..<kernel).count { start + $0 * dilation < length + after }
  }

  /// The padding after the input that makes a convolution see every window.
  var neededAfter: Int { max(0, (outputLength - 1) * stride + (kernel - 1) * dilation + 1 - length - before) }

  /// Whether window `index` has a tap on the input: the first tap at or after position 0 lies within it.
  fileprivate func touchesInput(_ index: Int) -> Bool {
    let start = index * stride - before
    let tap = start >= 0 ? 0 : (-start + dilation - 1) / dilation
    return tap < kernel && start + tap * dilation < length
  }
}

extension Operation.Convolution {
  /// The spatial axes for an input of shape N × C × L or N × C × H × W.
  func axes(of x: Shape, node: String) throws -> [WindowAxis] {
    guard (1...2).contains(kernel.count) else {
      throw NetworkError.unsupported(node: node, detail: "convolution over \(kernel.count) spatial axes")
    }
    guard x.rank == kernel.count + 2, [strides, dilations, padBefore, padAfter].allSatisfy({ $0.count == kernel.count }) else {
      throw NetworkError.shapeMismatch(node: node, detail: "a convolution over \(kernel.count) spatial axes on \(x)")
    }
    return try kernel.indices.map { axis in
      try WindowAxis(
        length: x[axis + 2], kernel: kernel[axis], stride: strides[axis], dilation: dilations[axis], before: padBefore[axis],
        after: padAfter[axis], node: node)
    }
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
    guard (1...2).contains(kernel.count) else {
      throw NetworkError.unsupported(node: node, detail: "pooling over \(kernel.count) spatial axes")
    }
    guard x.rank == kernel.count + 2, [strides, dilations, padBefore, padAfter].allSatisfy({ $0.count == kernel.count }) else {
      throw NetworkError.shapeMismatch(node: node, detail: "pooling over \(kernel.count) spatial axes on \(x)")
    }
    return try kernel.indices.map { axis in
      try WindowAxis(
        length: x[axis + 2], kernel: kernel[axis], stride: strides[axis], dilation: dilations[axis], before: padBefore[axis],
        after: padAfter[axis], ceilMode: ceilMode, node: node)
    }
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
