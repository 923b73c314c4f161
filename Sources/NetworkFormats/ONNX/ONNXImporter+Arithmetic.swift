import LinearAlgebra
import Networks

extension ONNXImporter {
  /// Sums, products with constants, extremes.
  static let arithmeticOperators: [String: Handler] = [
    "Add": { try $0.sum(&$1, signs: [1, 1]) },
    "Sub": { try $0.sum(&$1, signs: [1, -1]) },
    "Sum": { try $0.sum(&$1, signs: Array(repeating: 1, count: $1.inputs.count)) },
    "Neg": { try [.variable($0.add(.sum(signs: [-1]), $1, to: [$1.variable(0)]))] },
    "Mul": { try $0.product(&$1) },
    "Div": { importer, call in
      guard case .variable(let x) = try call.value(0) else {
        throw call.failure(.unsupported, "division by a tensor that depends on the input")
      }
      guard case .constant(let divisor) = try call.value(1) else {
        throw call.failure(.unsupported, "division by a tensor that depends on the input")
      }
      return try [.variable(importer.add(.divideConstant(importer.networkConstant(divisor, call)), call, to: [x]))]
    },
    "Max": { try $0.extreme(&$1, isMaximum: true) },
    "Min": { try $0.extreme(&$1, isMaximum: false) },
    "Identity": passThrough,
    "Dropout": { importer, call in
      call.attributes.ignore("ratio")
      call.attributes.ignore("seed")
      if call.version >= 12, let training = try call.optionalConstant(2), training.scalar != 0 {
        throw call.failure(.unsupported, "training mode is not supported: the network would be random")
      }
      return [.variable(try call.variable(0))]
    },
    "Cast": { importer, call in
      guard let number = try call.attributes.integer("to") else { throw call.failure(.malformed, "attribute 'to' is missing") }
      call.attributes.ignore("saturate")
      let type = Int32(exactly: number).flatMap(ONNXElementType.init)
      guard type == .float || type == .double else {
        throw call.failure(
          .unsupported, "to \(type.map { "\($0)" } ?? "type \(number)"): only casts between float and double are supported")
      }
      return [.variable(try call.variable(0))]
    },
  ]

  private static let passThrough: Handler = { [.variable(try $1.variable(0))] }

  /// A signed sum of tensors and constants with broadcasting.
  private mutating func sum(_ call: inout ONNXCall, signs: [Double]) throws -> [ONNXValue] {
    guard call.inputs.count == signs.count, !signs.isEmpty else {
      throw call.failure(.malformed, "takes \(signs.count) inputs, not \(call.inputs.count)")
    }
    var variables: [(node: Int, sign: Double)] = []
    var constants: [(value: ONNXConstant, sign: Double)] = []
    for (index, sign) in signs.enumerated() {
      switch try call.value(index) {
      case .variable(let node): variables.append((node, sign))
      case .constant(let constant): constants.append((constant, sign))
      }
    }
    if variables.count == 1, constants.count == 1, constants[0].sign == 1, variables[0].sign == 1 {
      if let dense = try denseWithBias(call, constants[0].value) { return [.variable(dense)] }
    }
    guard !variables.isEmpty else { throw call.failure(.unsupported, "a sum of constants") }
    // A lone variable keeps its sign for the constant's node.
    var node = variables[0].node
    var sign = variables[0].sign
    if variables.count > 1 || constants.isEmpty {
      node = try add(
        .sum(signs: variables.map(\.sign)), call, to: variables.map(\.node), part: constants.isEmpty ? nil : "variables")
      sign = 1
    }
    for (index, constant) in constants.enumerated() {
      let isLast = index == constants.count - 1
      let held = try networkConstant(constant.value, call)
      let values = constant.sign == 1 ? held : .init(shape: held.shape, values: held.values.map { -$0 })
      node = try add(.addConstant(values, sign: sign), call, to: [node], part: isLast ? nil : "constant\(index)")
      sign = 1
    }
    return [.variable(node)]
  }

  /// A matrix product followed by a bias that nothing comes between: one dense layer.
  private mutating func denseWithBias(_ call: ONNXCall, _ bias: ONNXConstant) throws -> Int? {
    guard let index = call.inputs.firstIndex(where: { if case .variable = $0 { true } else { false } }), call.isOnlyUser[index] else {
      return nil
    }
    let node = network.nodes[try call.variable(index)]
    guard case .dense(let weight, nil) = node.operation, bias.dimensions.last == weight.rows, bias.count == weight.rows,
      bias.dimensions.count <= node.shape.rank
    else { return nil }
    return try add(.dense(weight: weight, bias: networkConstant(bias, call).values), call, to: node.inputs)
  }

  private mutating func product(_ call: inout ONNXCall) throws -> [ONNXValue] {
    guard call.inputs.count == 2 else { throw call.failure(.malformed, "takes two inputs, not \(call.inputs.count)") }
    switch (try call.value(0), try call.value(1)) {
    case (.variable(let x), .constant(let constant)), (.constant(let constant), .variable(let x)):
      return try [.variable(add(.multiplyConstant(networkConstant(constant, call)), call, to: [x]))]
    default:
      throw call.failure(.unsupported, "the product of two tensors that depend on the input has no bounded slope")
    }
  }

  /// The greatest (or least) of several tensors and constants.
  private mutating func extreme(_ call: inout ONNXCall, isMaximum: Bool) throws -> [ONNXValue] {
    var result: Int?
    var constants: [Operation.Constant] = []
    for index in call.inputs.indices {
      switch try call.value(index) {
      case .constant(let constant): constants.append(try networkConstant(constant, call))
      case .variable(let node):
        guard let first = result else {
          result = node
          continue
        }
        let isLast = index == call.inputs.count - 1 && constants.isEmpty
        result = try add(isMaximum ? .maximum : .minimum, call, to: [first, node], part: isLast ? nil : "part\(index)")
      }
    }
    guard var node = result else { throw call.failure(.malformed, "has no inputs") }
    for constant in constants { node = try isMaximum ? atLeast(constant, of: node, call) : atMost(constant, of: node, call) }
    return [.variable(node)]
  }
}
