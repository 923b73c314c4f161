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

  /// The one or two spatial axes of an input of shape N × C × L or N × C × H × W; every list has a number for each.
  ///
  /// - Parameter name: what the operation is called in messages.
  static func axes(
    of x: Shape, kernel: [Int], strides: [Int], dilations: [Int], before: [Int], after: [Int], ceilMode: Bool = false, name: String,
    node: String
  ) throws -> [WindowAxis] {
    guard (1...2).contains(kernel.count) else {
      throw NetworkError.unsupported(node: node, detail: "\(name) over \(kernel.count) spatial axes")
    }
    guard x.rank == kernel.count + 2, [strides, dilations, before, after].allSatisfy({ $0.count == kernel.count }) else {
      throw NetworkError.shapeMismatch(node: node, detail: "a \(name) over \(kernel.count) spatial axes on \(x)")
    }
    return try kernel.indices.map { axis in
      try WindowAxis(
        length: x[axis + 2], kernel: kernel[axis], stride: strides[axis], dilation: dilations[axis], before: before[axis],
        after: after[axis], ceilMode: ceilMode, node: node)
    }
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
  func touchesInput(_ index: Int) -> Bool {
    let start = index * stride - before
    let tap = start >= 0 ? 0 : (-start + dilation - 1) / dilation
    return tap < kernel && start + tap * dilation < length
  }
}
