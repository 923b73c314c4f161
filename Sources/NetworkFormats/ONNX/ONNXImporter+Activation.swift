import Networks

extension ONNXImporter {
  /// Activation functions.
  static let activationOperators: [String: Handler] = [
    "Relu": simple(.relu), "Sigmoid": simple(.sigmoid), "Tanh": simple(.tanh), "Softplus": simple(.softplus), "Mish": simple(.mish),
    "HardSwish": simple(.hardSwish), "Abs": simple(.absoluteValue),
    "LeakyRelu": { try $0.activation(.leakyReLU(slope: $1.attributes.real("alpha") ?? Double(Float(0.01))), $1) },
    "Elu": { try $0.activation(.elu(alpha: $1.attributes.real("alpha") ?? 1), $1) },
    "HardSigmoid": {
      let slope = try $1.attributes.real("alpha") ?? Double(Float(0.2))
      return try $0.activation(.hardSigmoid(slope: slope, offset: $1.attributes.real("beta") ?? 0.5), $1)
    },
    "Selu": {
      let alpha = try $1.attributes.real("alpha") ?? Double(Float(1.67326319217681884765625))
      let gamma = try $1.attributes.real("gamma") ?? Double(Float(1.05070102214813232421875))
      let elu = try $0.add(.activation(.elu(alpha: alpha)), $1, to: [$1.variable(0)], part: "elu")
      return try [.variable($0.add(.multiplyConstant(.init(shape: [], values: [gamma])), $1, to: [elu]))]
    },
    "Gelu": {
      switch try $1.attributes.string("approximate") ?? "none" {
      case "none": return try $0.activation(.gelu, $1)
      case "tanh": return try $0.activation(.geluTanh, $1)
      case let other: throw $1.failure(.unsupported, "approximation '\(other)'")
      }
    },
    "PRelu": {
      let slopes = try $0.networkConstant($1.constant(1), $1)
      return try [.variable($0.add(.parametricReLU(slopes: slopes), $1, to: [$1.variable(0)]))]
    },
    "Clip": { try $0.clip(&$1) },
    "TopK": { try $0.topK(&$1) },
  ]

  private static func simple(_ activation: Activation) -> Handler {
    { try $0.activation(activation, $1) }
  }

  private mutating func activation(_ activation: Activation, _ call: ONNXCall) throws -> [ONNXValue] {
    guard call.inputs.count == 1 else { throw call.failure(.malformed, "takes one input, not \(call.inputs.count)") }
    return try [.variable(add(.activation(activation), call, to: [call.variable(0)]))]
  }

  /// Clip with either bound left out; bounds at the end of the number range count as left out.
  private mutating func clip(_ call: inout ONNXCall) throws -> [ONNXValue] {
    var bounds: [Double?]
    if call.version < 11 {
      bounds = try [call.attributes.real("min"), call.attributes.real("max")]
    } else {
      bounds = try [call.optionalScalar(1), call.optionalScalar(2)]
    }
    guard bounds.allSatisfy({ !($0 ?? 0).isNaN }) else { throw call.failure(.malformed, "a bound is NaN") }
    let greatest = Double(Float.greatestFiniteMagnitude)
    let lower = bounds[0].flatMap { $0 <= -greatest ? nil : $0 }
    let upper = bounds[1].flatMap { $0 >= greatest ? nil : $0 }
    let x = try call.variable(0)
    switch (lower, upper) {
    case (nil, nil): return [.variable(x)]
    case (0?, nil): return try [.variable(add(.activation(.relu), call, to: [x]))]
    case (let lower?, nil): return try [.variable(atLeast(.init(shape: [], values: [lower]), of: x, call))]
    case (nil, let upper?): return try [.variable(atMost(.init(shape: [], values: [upper]), of: x, call))]
    case (let lower?, let upper?): return try [.variable(add(.activation(.clip(lower: lower, upper: upper)), call, to: [x]))]
    }
  }

  /// max(x, c) = c + relu(x − c).
  mutating func atLeast(_ bound: Operation.Constant, of x: Int, _ call: ONNXCall) throws -> Int {
    let minus = Operation.Constant(shape: bound.shape, values: bound.values.map { -$0 })
    if bound.values.allSatisfy({ $0 == 0 }), Shape.broadcast(shape(x), bound.shape) == shape(x) {
      return try add(.activation(.relu), call, to: [x])
    }
    let shifted = try add(.addConstant(minus, sign: 1), call, to: [x], part: "shift")
    let relu = try add(.activation(.relu), call, to: [shifted], part: "relu")
    return try add(.addConstant(bound, sign: 1), call, to: [relu])
  }

  /// min(x, c) = c − relu(c − x).
  mutating func atMost(_ bound: Operation.Constant, of x: Int, _ call: ONNXCall) throws -> Int {
    let shifted = try add(.addConstant(bound, sign: -1), call, to: [x], part: "shift")
    let relu = try add(.activation(.relu), call, to: [shifted], part: "relu")
    return try add(.addConstant(bound, sign: -1), call, to: [relu])
  }

  /// All elements along an axis in ascending order: sorted groups.
  private mutating func topK(_ call: inout ONNXCall) throws -> [ONNXValue] {
    let x = try call.variable(0)
    let shape = shape(x)
    let axis = try call.axis(call.attributes.integer("axis") ?? -1, rank: shape.rank)
    let isLargest = try call.attributes.flag("largest", default: true)
    let isSorted = try call.attributes.flag("sorted", default: true)
    guard call.version >= 11, try call.integers(1) == [shape[axis]], isSorted, !isLargest else {
      throw call.failure(.unsupported, "only sorting a whole axis in ascending order is supported")
    }
    return try [.variable(add(.groupSort(size: shape[axis], axis: axis), call, to: [x]))]
  }
}
