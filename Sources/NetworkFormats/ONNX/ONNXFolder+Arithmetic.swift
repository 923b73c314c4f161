import Foundation
import LinearAlgebra
import Networks

extension ONNXFolder {
  /// Element-wise operators, casts and reductions.
  static let arithmeticRules: [String: Rule] = [
    "Add": { try $0.chain($1, +, { $0.addingReportingOverflow($1) }) },
    "Sum": { try $0.chain($1, +, { $0.addingReportingOverflow($1) }) },
    "Sub": { try $0.chain($1, -, { $0.subtractingReportingOverflow($1) }) },
    "Mul": { try $0.chain($1, *, { $0.multipliedReportingOverflow(by: $1) }) },
    "Div": { try $0.chain($1, /, { $0.dividedReportingOverflow(by: $1) }) },
    "Max": { try $0.chain($1, { max($0, $1) }, { (max($0, $1), false) }) },
    "Min": { try $0.chain($1, { min($0, $1) }, { (min($0, $1), false) }) },
    "Pow": { folder, call in
      let exponent = try call.constant(1)
      return [
        try folder.broadcast(
          try call.constant(0), ONNXConstant(exponent.dimensions, reals: exponent.reals), call, { pow($0, $1) }, { _, _ in (0, true) })
      ]
    },
    "Equal": { folder, call in
      let equal = try folder.broadcast(call.constant(0), call.constant(1), call, { $0 == $1 ? 1 : 0 }, { ($0 == $1 ? 1 : 0, false) })
      return [ONNXConstant(equal.dimensions, integers: equal.reals.map { Int($0) })]
    },
    "Where": { folder, call in
      let (condition, yes, no) = (try call.constant(0), try call.constant(1), try call.constant(2))
      // condition · yes + (1 − condition) · no would spread infinities: pick instead.
      let isReal = yes.integers == nil
      let chosen = try folder.broadcast(condition, yes, call, { $0 != 0 ? $1 : .nan }, { ($0 != 0 ? $1 : .min, false) }, asReals: isReal)
      return [try folder.broadcast(chosen, no, call, { $0.isNaN ? $1 : $0 }, { ($0 == .min ? $1 : $0, false) })]
    },
    "Neg": { try [$0.map($1, -, { 0.subtractingReportingOverflow($0) })] },
    "Abs": { try [$0.map($1, { abs($0) }, { $0 < 0 ? 0.subtractingReportingOverflow($0) : ($0, false) })] },
    "Sqrt": { try [$0.map($1, { $0.squareRoot() })] },
    "Exp": { try [$0.map($1, { exp($0) })] },
    "Reciprocal": { try [$0.map($1, { 1 / $0 })] },
    "Floor": { try [$0.map($1, { $0.rounded(.down) })] },
    "Ceil": { try [$0.map($1, { $0.rounded(.up) })] },
    "Relu": { try [$0.map($1, { max($0, 0) }, { (max($0, 0), false) })] },
    "Cast": { try [$0.cast(&$1)] },
    "ReduceProd": { try [$0.reduce(&$1, since: 18, *, { $0.multipliedReportingOverflow(by: $1) })] },
    "ReduceSum": { try [$0.reduce(&$1, since: 13, +, { $0.addingReportingOverflow($1) })] },
    "ReduceMax": { try [$0.reduce(&$1, since: 18, { max($0, $1) }, { (max($0, $1), false) })] },
    "ReduceMin": { try [$0.reduce(&$1, since: 18, { min($0, $1) }, { (min($0, $1), false) })] },
    "MatMul": { try [$0.matMul($1)] },
  ]

  private func map(
    _ call: ONNXCall, _ real: (Double) -> Double, _ integer: ((Int) -> (partialValue: Int, overflow: Bool))? = nil
  ) throws -> ONNXConstant {
    let constant = try call.constant(0)
    switch constant.elements {
    case .reals(let values): return ONNXConstant(constant.dimensions, reals: values.map(real))
    case .integers(let values):
      guard let integer else { throw call.failure(.malformed, "takes real numbers") }
      return try ONNXConstant(constant.dimensions, integers: values.map { try checked(integer($0), call) })
    }
  }

  private func checked(_ result: (partialValue: Int, overflow: Bool), _ call: ONNXCall) throws -> Int {
    guard !result.overflow else { throw call.failure(.malformed, "integer overflow or division by zero") }
    return result.partialValue
  }

  private func chain(
    _ call: ONNXCall, _ real: (Double, Double) -> Double, _ integer: (Int, Int) -> (partialValue: Int, overflow: Bool)
  ) throws -> [ONNXConstant] {
    var result = try call.constant(0)
    for index in call.inputs.indices.dropFirst() { result = try broadcast(result, call.constant(index), call, real, integer) }
    return [result]
  }

  /// Applies a function to pairs of elements with broadcasting; integers stay integers when both are.
  private func broadcast(
    _ a: ONNXConstant, _ b: ONNXConstant, _ call: ONNXCall, _ real: (Double, Double) -> Double,
    _ integer: (Int, Int) -> (partialValue: Int, overflow: Bool), asReals: Bool = false
  ) throws -> ONNXConstant {
    guard a.dimensions != b.dimensions else {
      if !asReals, let x = a.integers, let y = b.integers {
        return try ONNXConstant(a.dimensions, integers: zip(x, y).map { try checked(integer($0, $1), call) })
      }
      return ONNXConstant(a.dimensions, reals: zip(a.reals, b.reals).map(real))
    }
    guard let shape = Shape.broadcast(Shape(a.dimensions), Shape(b.dimensions)) else {
      throw call.failure(.malformed, "constants of shapes \(a.dimensions) and \(b.dimensions)")
    }
    let (i, j) = try (positions(a.dimensions, in: shape.dimensions, call), positions(b.dimensions, in: shape.dimensions, call))
    if !asReals, let x = a.integers, let y = b.integers {
      return try ONNXConstant(shape.dimensions, integers: zip(i, j).map { try checked(integer(x[$0], y[$1]), call) })
    }
    let (x, y) = (a.reals, b.reals)
    return ONNXConstant(shape.dimensions, reals: zip(i, j).map { real(x[$0], y[$1]) })
  }

  /// For every element of a tensor of shape `target`, the position of the element of a smaller tensor that stands there.
  func positions(_ dimensions: [Int], in target: [Int], _ call: ONNXCall) throws -> [Int] {
    var result = [0]
    result.reserveCapacity(try count(target, call))
    let offset = target.count - dimensions.count
    var steps = Array(repeating: 0, count: target.count)
    var step = 1
    for axis in dimensions.indices.reversed() {
      steps[axis + offset] = dimensions[axis] == 1 ? 0 : step
      step *= dimensions[axis]
    }
    for (axis, length) in target.enumerated() {
      result = result.flatMap { start in (0..<length).lazy.map { start + $0 * steps[axis] } }
    }
    return result
  }

  private func cast(_ call: inout ONNXCall) throws -> ONNXConstant {
    guard let number = try call.attributes.integer("to"), let type = Int32(exactly: number).flatMap(ONNXElementType.init) else {
      throw call.failure(.unsupported, "to a type that is not supported")
    }
    call.attributes.ignore("saturate")
    let constant = try call.constant(0)
    switch type {
    case .double: return ONNXConstant(constant.dimensions, reals: constant.reals)
    case .float: return ONNXConstant(constant.dimensions, reals: constant.reals.map { Double(Float($0)) })
    case .bool: return ONNXConstant(constant.dimensions, integers: constant.reals.map { $0 == 0 ? 0 : 1 })
    case .int64, .int32:
      let values: [Int] =
        try constant.integers
        ?? constant.reals.map { value in
          guard let integer = Int(exactly: value.rounded(.towardZero)) else { throw call.failure(.malformed, "\(value) is no integer") }
          return integer
        }
      guard type == .int64 || values.allSatisfy({ Int32(exactly: $0) != nil }) else {
        throw call.failure(.malformed, "an integer overflows")
      }
      return ONNXConstant(constant.dimensions, integers: values)
    default: throw call.failure(.unsupported, "to \(type)")
    }
  }

  private func reduce(
    _ call: inout ONNXCall, since version: Int, _ real: (Double, Double) -> Double,
    _ integer: (Int, Int) -> (partialValue: Int, overflow: Bool)
  ) throws -> ONNXConstant {
    let constant = try call.constant(0)
    let keepsAxes = try call.attributes.flag("keepdims", default: true)
    let given = try call.integers(attribute: "axes", orInput: 1, since: version) ?? []
    let isNothing = call.version >= version ? try call.attributes.flag("noop_with_empty_axes", default: false) : false
    if isNothing, given.isEmpty { return constant }
    let rank = constant.dimensions.count
    let axes = given.isEmpty ? Array(0..<rank) : try call.axes(given, rank: rank)
    guard constant.count > 0 else { throw call.failure(.unsupported, "a reduction of no elements") }
    let kept = constant.dimensions.indices.map { axes.contains($0) ? 1 : constant.dimensions[$0] }
    // Each element goes to the place it broadcasts from.
    let places = try positions(kept, in: constant.dimensions, call)
    let dimensions = keepsAxes ? kept : kept.indices.filter { !axes.contains($0) }.map { kept[$0] }
    var isFilled = Array(repeating: false, count: kept.reduce(1, *))
    switch constant.elements {
    case .reals(let values):
      var result = Array(repeating: 0.0, count: isFilled.count)
      for (place, value) in zip(places, values) {
        result[place] = isFilled[place] ? real(result[place], value) : value
        isFilled[place] = true
      }
      return ONNXConstant(dimensions, reals: result)
    case .integers(let values):
      var result = Array(repeating: 0, count: isFilled.count)
      for (place, value) in zip(places, values) {
        result[place] = isFilled[place] ? try checked(integer(result[place], value), call) : value
        isFilled[place] = true
      }
      return ONNXConstant(dimensions, integers: result)
    }
  }

  private func matMul(_ call: ONNXCall) throws -> ONNXConstant {
    let (a, b) = (try call.constant(0), try call.constant(1))
    guard a.dimensions.count == 2, b.dimensions.count == 2, a.dimensions[1] == b.dimensions[0] else {
      throw call.failure(.unsupported, "constants of shapes \(a.dimensions) and \(b.dimensions)")
    }
    let (m, k, n) = (a.dimensions[0], a.dimensions[1], b.dimensions[1])
    _ = try count([m, n], call)
    guard ONNXConstant.count([m, n, k], limit: 1 << 28) != nil else { throw call.failure(.tooLarge, "a product of large constants") }
    let (x, y) = (a.reals, b.reals)
    var result = Array(repeating: 0.0, count: m * n)
    for i in 0..<m {
      for l in 0..<k {
        for j in 0..<n { result[i * n + j] += x[i * k + l] * y[l * n + j] }
      }
    }
    return ONNXConstant([m, n], reals: result)
  }
}
