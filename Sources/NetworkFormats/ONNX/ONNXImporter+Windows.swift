import LinearAlgebra
import Networks

extension ONNXImporter {
  /// Convolution and pooling.
  static let windowOperators: [String: Handler] = [
    "Conv": { try $0.convolution(&$1) },
    "AveragePool": { try $0.pool(&$1, isMaximum: false) },
    "MaxPool": { try $0.pool(&$1, isMaximum: true) },
    "GlobalAveragePool": { try [.variable($0.add(.globalAveragePool, $1, to: [$1.variable(0)]))] },
    "GlobalMaxPool": {
      let x = try $1.variable(0)
      let kernel = Array($0.shape(x).dimensions.dropFirst(2))
      return try [.variable($0.add(.maxPool(.init(kernel: kernel)), $1, to: [x]))]
    },
  ]

  /// The geometry that convolutions and pools share.
  private struct Windows {
    var kernel: [Int]
    var strides: [Int]
    var dilations: [Int]
    var before: [Int]
    var after: [Int]
  }

  /// Reads the shared attributes; `kernel` stands in when there is no kernel_shape.
  private func windows(_ call: inout ONNXCall, on x: Shape, kernel weightKernel: [Int]?, ceilMode: Bool = false) throws -> Windows {
    guard let kernel = try call.attributes.integers("kernel_shape") ?? weightKernel else {
      throw call.failure(.malformed, "attribute 'kernel_shape' is missing")
    }
    guard weightKernel == nil || kernel == weightKernel else {
      throw call.failure(.malformed, "kernel_shape \(kernel) differs from the weight's \(weightKernel ?? [])")
    }
    guard (1...2).contains(kernel.count) else { throw call.failure(.unsupported, "windows over \(kernel.count) axes") }
    guard x.rank == kernel.count + 2 else { throw call.failure(.malformed, "windows over \(kernel.count) axes on a tensor of shape \(x)") }
    let ones = kernel.map { _ in 1 }
    let strides = try call.attributes.integers("strides") ?? ones
    let dilations = try call.attributes.integers("dilations") ?? ones
    guard strides.count == kernel.count, dilations.count == kernel.count, (kernel + strides + dilations).allSatisfy({ 1...1 << 24 ~= $0 })
    else {
      throw call.failure(.malformed, "kernel \(kernel), strides \(strides) or dilations \(dilations) are impossible")
    }
    let explicit = try call.attributes.integers("pads")
    let mode = try call.attributes.string("auto_pad") ?? "NOTSET"
    var result = Windows(
      kernel: kernel, strides: strides, dilations: dilations, before: kernel.map { _ in 0 }, after: kernel.map { _ in 0 })
    switch mode {
    case "NOTSET", "":
      guard let explicit else { break }
      guard explicit.count == 2 * kernel.count, explicit.allSatisfy({ 0...1 << 24 ~= $0 }) else {
        throw call.failure(.malformed, "pads \(explicit) are impossible")
      }
      result.before = Array(explicit.prefix(kernel.count))
      result.after = Array(explicit.suffix(kernel.count))
    case "VALID": break
    case "SAME_UPPER", "SAME_LOWER":
      guard !ceilMode else { throw call.failure(.unsupported, "ceil_mode together with auto_pad") }
      for axis in kernel.indices {
        let length = x[axis + 2]
        let outputs = (length + strides[axis] - 1) / strides[axis]
        let total = max(0, (outputs - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1 - length)
        result.before[axis] = mode == "SAME_UPPER" ? total / 2 : total - total / 2
        result.after[axis] = total - result.before[axis]
      }
    default: throw call.failure(.unsupported, "auto_pad '\(mode)'")
    }
    if mode != "NOTSET", mode != "", let explicit, explicit.contains(where: { $0 != 0 }) {
      throw call.failure(.malformed, "both auto_pad and pads")
    }
    return result
  }

  private mutating func convolution(_ call: inout ONNXCall) throws -> [ONNXValue] {
    let x = try call.variable(0)
    let weight = try call.constant(1)
    guard (3...4).contains(weight.dimensions.count), weight.count > 0 else {
      throw call.failure(.unsupported, "a weight of shape \(weight.dimensions): only convolutions over one or two axes are supported")
    }
    let groups = try call.attributes.integer("group") ?? 1
    let windows = try windows(&call, on: shape(x), kernel: Array(weight.dimensions.dropFirst(2)))
    let filters = weight.dimensions[0]
    let matrix = Matrix(rows: filters, columns: weight.count / filters, elements: weight.reals)
    let bias = try call.optionalConstant(2)
    if let bias, bias.dimensions != [filters] {
      throw call.failure(.malformed, "a bias of shape \(bias.dimensions) for \(filters) filters")
    }
    let operation = Operation.Convolution(
      weight: matrix, bias: bias?.reals, kernel: windows.kernel, strides: windows.strides, dilations: windows.dilations,
      padBefore: windows.before, padAfter: windows.after, groups: groups)
    // The filters' second axis is the channels of one group.
    guard groups > 0, shape(x)[1] / groups == weight.dimensions[1] else {
      throw call.failure(.malformed, "filters of \(weight.dimensions[1]) channels on \(shape(x)[1]) channels in \(groups) groups")
    }
    return try [.variable(add(.convolution(operation), call, to: [x]))]
  }

  private mutating func pool(_ call: inout ONNXCall, isMaximum: Bool) throws -> [ONNXValue] {
    let x = try call.variable(0)
    let ceilMode = try call.attributes.flag("ceil_mode", default: false)
    let windows = try windows(&call, on: shape(x), kernel: nil, ceilMode: ceilMode)
    var countsPadding = false
    if isMaximum {
      // The order in which the second output, the indices, counts; that output itself is not supported.
      call.attributes.ignore("storage_order")
    } else {
      countsPadding = try call.attributes.flag("count_include_pad", default: false)
    }
    let pooling = Operation.Pooling(
      kernel: windows.kernel, strides: windows.strides, padBefore: windows.before, padAfter: windows.after, dilations: windows.dilations,
      countsPadding: countsPadding, ceilMode: ceilMode)
    return try [.variable(add(isMaximum ? .maxPool(pooling) : .averagePool(pooling), call, to: [x]))]
  }
}
