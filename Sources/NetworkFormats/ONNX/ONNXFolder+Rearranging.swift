extension ONNXFolder {
  /// Operators that move elements about.
  static let rearrangingRules: [String: Rule] = [
    "Identity": { try [$1.constant(0)] },
    "Reshape": { _, call in
      let x = try call.constant(0)
      return [x.reshaped(try ONNXAxes.reshaped(x.dimensions, to: call.integers(1), allowZero: call.reshapeAllowsZero(), call))]
    },
    "Flatten": { _, call in
      let x = try call.constant(0)
      let rank = x.dimensions.count
      let number = try call.attributes.integer("axis") ?? 1
      guard (-rank...rank).contains(number) else { throw call.failure(.malformed, "axis \(number) of a tensor with \(rank) axes") }
      let axis = number < 0 ? number + rank : number
      return [x.reshaped([x.dimensions.prefix(axis).reduce(1, *), x.dimensions.dropFirst(axis).reduce(1, *)])]
    },
    "Squeeze": { _, call in
      let x = try call.constant(0)
      let axes = try call.integers(attribute: "axes", orInput: 1, since: 13)
      return [x.reshaped(try ONNXAxes.squeezed(x.dimensions, axes: axes, call))]
    },
    "Unsqueeze": { _, call in
      let x = try call.constant(0)
      guard let axes = try call.integers(attribute: "axes", orInput: 1, since: 13) else {
        throw call.failure(.malformed, "axes are missing")
      }
      return [x.reshaped(try ONNXAxes.unsqueezed(x.dimensions, axes: axes, call))]
    },
    "Transpose": { folder, call in
      let x = try call.constant(0)
      let permutation = try call.attributes.integers("perm") ?? Array(x.dimensions.indices.reversed())
      guard permutation.sorted() == Array(x.dimensions.indices) else { throw call.failure(.malformed, "perm \(permutation)") }
      let strides = rowStrides(x.dimensions)
      return [try folder.walk(x, permutation.map { axis in (0..<x.dimensions[axis]).map { $0 * strides[axis] } }, call)]
    },
    "Concat": { folder, call in
      guard let axis = try call.attributes.integer("axis") else { throw call.failure(.malformed, "attribute 'axis' is missing") }
      let parts = try call.inputs.indices.map { try call.constant($0) }
      guard let first = parts.first else { throw call.failure(.malformed, "has no inputs") }
      return [try concatenated(parts, axis: call.axis(axis, rank: first.dimensions.count), call)]
    },
    "Slice": { folder, call in
      let x = try call.constant(0)
      let bounds = try ONNXSlice(&call, dimensions: x.dimensions)
      let strides = rowStrides(x.dimensions)
      return [try folder.walk(x, x.dimensions.indices.map { axis in bounds.positions(axis).map { $0 * strides[axis] } }, call)]
    },
    "Gather": { folder, call in
      let x = try call.constant(0)
      let axis = try call.axis(call.attributes.integer("axis") ?? 0, rank: x.dimensions.count)
      let selector = try call.constant(1)
      let length = x.dimensions[axis]
      guard let indices = selector.integers, indices.allSatisfy({ (-length..<length).contains($0) }) else {
        throw call.failure(.malformed, "indices outside an axis of length \(length)")
      }
      let strides = rowStrides(x.dimensions)
      let picked = try folder.walk(
        x,
        x.dimensions.indices.map { each in
          each == axis
            ? indices.map { ($0 < 0 ? $0 + length : $0) * strides[axis] } : (0..<x.dimensions[each]).map { $0 * strides[each] }
        }, call)
      return [picked.reshaped(x.dimensions.prefix(axis) + selector.dimensions + x.dimensions.dropFirst(axis + 1))]
    },
    "Expand": { folder, call in
      let x = try call.constant(0)
      let target = try call.integers(1)
      let rank = max(target.count, x.dimensions.count)
      let a = Array(repeating: 1, count: rank - x.dimensions.count) + x.dimensions
      let b = Array(repeating: 1, count: rank - target.count) + target
      guard zip(a, b).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) else {
        throw call.failure(.malformed, "\(x.dimensions) does not expand to \(target)")
      }
      let dimensions = zip(a, b).map { $0 == 1 ? $1 : $0 }
      _ = try folder.count(dimensions, call)
      return [x.picking(try folder.positions(x.dimensions, in: dimensions, call), dimensions: dimensions)]
    },
  ]

  /// The distance between neighbours along each axis.
  private static func rowStrides(_ dimensions: [Int]) -> [Int] {
    var strides = Array(repeating: 1, count: dimensions.count)
    for axis in dimensions.indices.reversed().dropFirst() { strides[axis] = strides[axis + 1] * dimensions[axis + 1] }
    return strides
  }

  /// The elements at all sums of one offset from every axis's list.
  private func walk(_ x: ONNXConstant, _ offsets: [[Int]], _ call: ONNXCall) throws -> ONNXConstant {
    let dimensions = offsets.map(\.count)
    var positions = [0]
    // What only rearranges may be as large as what is there.
    guard let count = ONNXConstant.count(dimensions, limit: max(limit, x.count)) else {
      throw call.failure(.tooLarge, "a constant of shape \(dimensions) exceeds the limit of \(limit) elements")
    }
    positions.reserveCapacity(count)
    for list in offsets { positions = positions.flatMap { start in list.lazy.map { start + $0 } } }
    return x.picking(positions, dimensions: dimensions)
  }

  /// Constants put together along an axis.
  static func concatenated(_ parts: [ONNXConstant], axis: Int, _ call: ONNXCall) throws -> ONNXConstant {
    guard let first = parts.first else { throw call.failure(.malformed, "has no inputs") }
    var dimensions = first.dimensions
    dimensions[axis] = 0
    for part in parts {
      let isRight =
        part.dimensions.count == dimensions.count
        && dimensions.indices.allSatisfy {
          $0 == axis || part.dimensions[$0] == first.dimensions[$0]
        }
      guard isRight else { throw call.failure(.malformed, "shapes \(first.dimensions) and \(part.dimensions) along axis \(axis)") }
      dimensions[axis] += part.dimensions[axis]
    }
    let outer = dimensions.prefix(axis).reduce(1, *)
    let inner = dimensions.dropFirst(axis + 1).reduce(1, *)
    func join<Value>(_ lists: [[Value]]) -> [Value] {
      (0..<outer).flatMap { block in
        zip(parts, lists).flatMap { part, values in
          let length = part.dimensions[axis] * inner
          return values[block * length..<(block + 1) * length]
        }
      }
    }
    let integers = parts.compactMap(\.integers)
    return integers.count == parts.count
      ? ONNXConstant(dimensions, integers: join(integers)) : ONNXConstant(dimensions, reals: join(parts.map(\.reals)))
  }
}
