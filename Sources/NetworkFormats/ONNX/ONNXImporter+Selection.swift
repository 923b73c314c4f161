import Networks

extension ONNXImporter {
  /// Operators that take parts, put parts together, or sum over axes.
  static let selectionOperators: [String: Handler] = [
    "Slice": { try $0.slice(&$1) },
    "Split": { try $0.split(&$1) },
    "Concat": { try $0.concatenate(&$1) },
    "Gather": { try $0.gather(&$1) },
    "Pad": { try $0.pad(&$1) },
    "ReduceSum": { try $0.reduce(&$1, isMean: false, axesAreInputSince: 13) },
    "ReduceMean": { try $0.reduce(&$1, isMean: true, axesAreInputSince: 18) },
  ]

  private mutating func slice(_ call: inout ONNXCall) throws -> [ONNXValue] {
    let x = try call.variable(0)
    let bounds = try ONNXSlice(&call, dimensions: shape(x).dimensions)
    return try [.variable(add(.slice(starts: bounds.starts, ends: bounds.ends, steps: bounds.steps), call, to: [x]))]
  }

  private mutating func split(_ call: inout ONNXCall) throws -> [ONNXValue] {
    let x = try call.variable(0)
    let shape = shape(x)
    let axis = try call.axis(call.attributes.integer("axis") ?? 0, rank: shape.rank)
    let length = shape[axis]
    var parts = try call.integers(attribute: "split", orInput: 1, since: 13)
    if call.version >= 18, let count = try call.attributes.integer("num_outputs") {
      guard parts == nil, count == call.outputCount else { throw call.failure(.malformed, "num_outputs is \(count)") }
    }
    if parts == nil {
      let count = call.outputCount
      let size = count > 0 ? (length + count - 1) / count : 0
      guard count > 0, call.version >= 18 || length.isMultiple(of: count), size * (count - 1) < length else {
        throw call.failure(.malformed, "an axis of length \(length) in \(count) parts")
      }
      parts = (0..<count).map { min(size, length - $0 * size) }
    }
    guard let parts, parts.count == call.outputCount, parts.allSatisfy({ $0 > 0 && $0 <= length }), parts.reduce(0, +) == length else {
      throw call.failure(.malformed, "an axis of length \(length) in parts of \(parts ?? [])")
    }
    var start = 0
    var results: [ONNXValue] = []
    for (index, part) in parts.enumerated() {
      var starts = shape.dimensions.map { _ in 0 }
      var ends = shape.dimensions
      starts[axis] = start
      ends[axis] = start + part
      start += part
      let steps = starts.map { _ in 1 }
      results.append(.variable(try add(.slice(starts: starts, ends: ends, steps: steps), call, to: [x], part: "part\(index)")))
    }
    return results
  }

  /// Concatenation; a constant part becomes padding of its neighbour with the constant added in.
  private mutating func concatenate(_ call: inout ONNXCall) throws -> [ONNXValue] {
    guard let number = try call.attributes.integer("axis") else { throw call.failure(.malformed, "attribute 'axis' is missing") }
    var pieces: [ONNXValue] = []
    for index in call.inputs.indices { pieces.append(try call.value(index)) }
    var variables: [Int] = []
    var waiting: [ONNXConstant] = []
    let count = pieces.count { if case .variable = $0 { true } else { false } }
    for (index, piece) in pieces.enumerated() {
      switch piece {
      case .constant(let constant): waiting.append(constant)
      case .variable(var node):
        let axis = try call.axis(number, rank: shape(node).rank)
        var after: [ONNXConstant] = []
        if variables.count == count - 1 {
          for case .constant(let constant) in pieces[(index + 1)...] { after.append(constant) }
        }
        if !waiting.isEmpty || !after.isEmpty {
          let isAll = count == 1
          node = try surround(node, axis: axis, before: waiting, after: after, call, part: isAll ? nil : "input\(index)")
        }
        waiting = []
        variables.append(node)
      }
    }
    guard let first = variables.first else { throw call.failure(.malformed, "has no inputs") }
    if variables.count == 1, pieces.count > 1 { return [.variable(first)] }
    let axis = try call.axis(number, rank: shape(first).rank)
    return try [.variable(add(.concatenation(axis: axis), call, to: variables))]
  }

  private mutating func surround(
    _ x: Int, axis: Int, before: [ONNXConstant], after: [ONNXConstant], _ call: ONNXCall, part: String?
  ) throws -> Int {
    let dimensions = shape(x).dimensions
    var lengths = (before: 0, after: 0)
    for (constants, isBefore) in [(before, true), (after, false)] {
      for constant in constants {
        let isRight =
          constant.dimensions.count == dimensions.count
          && dimensions.indices.allSatisfy {
            $0 == axis || constant.dimensions[$0] == dimensions[$0]
          }
        guard isRight else { throw call.failure(.malformed, "shapes \(dimensions) and \(constant.dimensions) along axis \(axis)") }
        if isBefore { lengths.before += constant.dimensions[axis] } else { lengths.after += constant.dimensions[axis] }
      }
    }
    var padBefore = dimensions.map { _ in 0 }
    var padAfter = padBefore
    padBefore[axis] = lengths.before
    padAfter[axis] = lengths.after
    let padded = try add(.pad(before: padBefore, after: padAfter, value: 0), call, to: [x], part: "\(part ?? "")pad")
    let zeros = ONNXConstant(dimensions, reals: Array(repeating: 0, count: shape(x).count))
    let whole = try ONNXFolder.concatenated(before + [zeros] + after, axis: axis, call)
    return try add(.addConstant(networkConstant(whole, call), sign: 1), call, to: [padded], part: part)
  }

  private mutating func gather(_ call: inout ONNXCall) throws -> [ONNXValue] {
    let x = try call.variable(0)
    let shape = shape(x)
    let axis = try call.axis(call.attributes.integer("axis") ?? 0, rank: shape.rank)
    let constant = try call.constant(1)
    guard let integers = constant.integers else { throw call.failure(.malformed, "the indices must be integers") }
    let indices = integers.map { $0 < 0 ? $0.addingReportingOverflow(shape[axis]).partialValue : $0 }
    let rank = constant.dimensions.count
    let node = try add(
      .gather(axis: axis, indices: indices, keepsAxis: rank > 0), call, to: [x], part: rank > 1 ? "gathered" : nil)
    if rank <= 1 { return [.variable(node)] }
    let dimensions = shape.dimensions.prefix(axis) + constant.dimensions + shape.dimensions.dropFirst(axis + 1)
    return try [.variable(add(.reshape(Shape.checked(Array(dimensions), node: call.name)), call, to: [node]))]
  }

  private mutating func pad(_ call: inout ONNXCall) throws -> [ONNXValue] {
    let x = try call.variable(0)
    let shape = shape(x)
    let mode = try call.attributes.string("mode") ?? "constant"
    guard mode == "constant" else { throw call.failure(.unsupported, "mode '\(mode)': only constant padding is supported") }
    guard let pads = try call.integers(attribute: "pads", orInput: 1, since: 11) else { throw call.failure(.malformed, "pads are missing") }
    let value = call.version < 11 ? try call.attributes.real("value") ?? 0 : try call.optionalScalar(2) ?? 0
    var axes = Array(0..<shape.rank)
    if call.version >= 18, let given = try call.optionalIntegers(3) { axes = try call.axes(given, rank: shape.rank) }
    guard pads.count == 2 * axes.count else { throw call.failure(.malformed, "\(pads.count) pads for \(axes.count) axes") }
    var before = shape.dimensions.map { _ in 0 }
    var after = before
    for (index, axis) in axes.enumerated() {
      before[axis] = pads[index]
      after[axis] = pads[axes.count + index]
    }
    if pads.allSatisfy({ $0 == 0 }) { return [.variable(x)] }
    return try [.variable(add(.pad(before: before, after: after, value: value), call, to: [x]))]
  }

  private mutating func reduce(_ call: inout ONNXCall, isMean: Bool, axesAreInputSince version: Int) throws -> [ONNXValue] {
    let x = try call.variable(0)
    let keepsAxes = try call.attributes.flag("keepdims", default: true)
    let given = try call.integers(attribute: "axes", orInput: 1, since: version) ?? []
    if call.version >= version, try call.attributes.flag("noop_with_empty_axes", default: false), given.isEmpty { return [.variable(x)] }
    let rank = shape(x).rank
    let axes = given.isEmpty ? Array(0..<rank) : try call.axes(given, rank: rank)
    return try [.variable(add(.reduction(axes: axes, keepsAxes: keepsAxes, isMean: isMean), call, to: [x]))]
  }
}
