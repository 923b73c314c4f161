import Networks

extension ONNXImporter {
  /// Operators that only rearrange: new axes for the same elements, and permutations.
  static let shapeOperators: [String: Handler] = [
    "Reshape": { try $0.reshape(&$1) },
    "Flatten": { importer, call in
      let x = try call.variable(0)
      let shape = importer.shape(x)
      let number = try call.attributes.integer("axis") ?? 1
      guard (-shape.rank...shape.rank).contains(number) else {
        throw call.failure(.malformed, "axis \(number) of a tensor of shape \(shape)")
      }
      let axis = number < 0 ? number + shape.rank : number
      let target: Shape = [shape.dimensions.prefix(axis).reduce(1, *), shape.dimensions.dropFirst(axis).reduce(1, *)]
      return try [.variable(importer.add(.reshape(target), call, to: [x]))]
    },
    "Squeeze": { importer, call in
      let x = try call.variable(0)
      let axes = try call.integers(attribute: "axes", orInput: 1, since: 13)
      let dimensions = try ONNXAxes.squeezed(importer.shape(x).dimensions, axes: axes, call)
      return try [.variable(importer.add(.reshape(Shape(dimensions)), call, to: [x]))]
    },
    "Unsqueeze": { importer, call in
      let x = try call.variable(0)
      guard let axes = try call.integers(attribute: "axes", orInput: 1, since: 13) else {
        throw call.failure(.malformed, "axes are missing")
      }
      let dimensions = try ONNXAxes.unsqueezed(importer.shape(x).dimensions, axes: axes, call)
      return try [.variable(importer.add(.reshape(Shape(dimensions)), call, to: [x]))]
    },
    "Transpose": { importer, call in
      let x = try call.variable(0)
      let permutation = try call.attributes.integers("perm") ?? Array((0..<importer.shape(x).rank).reversed())
      return try [.variable(importer.add(.transpose(permutation: permutation), call, to: [x]))]
    },
    "Expand": { importer, call in
      let x = try call.variable(0)
      let target = try Shape.checked(call.integers(1), node: call.name)
      guard Shape.broadcast(importer.shape(x), target) == importer.shape(x) else {
        throw call.failure(.unsupported, "only an expansion that changes nothing is supported on tensors that depend on the input")
      }
      return [.variable(x)]
    },
  ]

  private mutating func reshape(_ call: inout ONNXCall) throws -> [ONNXValue] {
    let x = try call.variable(0)
    let target = try ONNXAxes.reshaped(shape(x).dimensions, to: call.integers(1), allowZero: call.reshapeAllowsZero(), call)
    if let sorted = try sortedGroups(x, target: target, call) { return [.variable(sorted)] }
    return try [.variable(add(.reshape(Shape.checked(target, node: call.name)), call, to: [x]))]
  }

  /// Recognises an axis split into groups, the groups sorted, and the axis joined again: one group sort on the original tensor.
  private mutating func sortedGroups(_ x: Int, target: [Int], _ call: ONNXCall) throws -> Int? {
    let sort = network.nodes[x]
    guard case .groupSort(let size, let axis) = sort.operation, axis > 0, call.isOnlyUser[0], let split = sort.inputs.first,
      case .reshape = network.nodes[split].operation, let origin = network.nodes[split].inputs.first, shape(origin).dimensions == target,
      target.count == sort.shape.rank - 1, size == sort.shape[axis]
    else { return nil }
    var joined = sort.shape.dimensions
    joined[axis - 1] *= size
    joined.remove(at: axis)
    return joined == target ? try add(.groupSort(size: size, axis: axis - 1), call, to: [origin]) : nil
  }
}

extension ONNXCall {
  /// Whether a 0 in a reshape's target is a length rather than "as before".
  mutating func reshapeAllowsZero() throws -> Bool {
    version >= 14 ? try attributes.flag("allowzero", default: false) : false
  }
}
