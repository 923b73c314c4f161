/// One node of the graph with everything its operator needs: its inputs' values, its attributes and the operator set's version.
struct ONNXCall {
  /// The node's name, or its first output's when it has none.
  let name: String
  /// The operator.
  let operatorName: String
  /// The version of the default operator set.
  let version: Int
  /// The values of the inputs; `nil` where an optional one is left out.
  let inputs: [ONNXValue?]
  /// The number of outputs the node names.
  let outputCount: Int
  /// Whether nothing but this node uses its first input's tensor.
  let isOnlyUser: [Bool]
  /// The attributes.
  var attributes: ONNXAttributes

  /// A failure of this node.
  func failure(_ kind: FormatError.Kind, _ reason: String) -> FormatError {
    FormatError(kind, place: .node(name), reason: "\(operatorName): \(reason)")
  }

  /// Whether input `index` is there.
  func has(_ index: Int) -> Bool { index < inputs.count && inputs[index] != nil }

  /// The value of input `index`.
  func value(_ index: Int) throws -> ONNXValue {
    guard index < inputs.count, let value = inputs[index] else { throw failure(.malformed, "input \(index) is missing") }
    return value
  }

  /// The network node that gives input `index`.
  func variable(_ index: Int) throws -> Int {
    switch try value(index) {
    case .variable(let node): return node
    case .constant: throw failure(.unsupported, "input \(index) is a constant, which is not supported here")
    }
  }

  /// The constant that is input `index`.
  func constant(_ index: Int) throws -> ONNXConstant {
    switch try value(index) {
    case .constant(let constant): return constant
    case .variable: throw failure(.unsupported, "input \(index) must be constant")
    }
  }

  /// The constant that is input `index`, or `nil` when it is left out.
  func optionalConstant(_ index: Int) throws -> ONNXConstant? { has(index) ? try constant(index) : nil }

  /// The integers that are input `index`, or `nil` when it is left out.
  func optionalIntegers(_ index: Int) throws -> [Int]? {
    guard let constant = try optionalConstant(index) else { return nil }
    guard let integers = constant.integers else { throw failure(.malformed, "input \(index) must hold integers") }
    return integers
  }

  /// The integers that are input `index`.
  func integers(_ index: Int) throws -> [Int] {
    guard let integers = try optionalIntegers(index) else { throw failure(.malformed, "input \(index) is missing") }
    return integers
  }

  /// The one real number that is input `index`, or `nil` when it is left out.
  func optionalScalar(_ index: Int) throws -> Double? {
    guard let constant = try optionalConstant(index) else { return nil }
    guard let value = constant.scalar else { throw failure(.malformed, "input \(index) must hold one number") }
    return value
  }

  /// Integers that are an attribute in early versions and an input in later ones.
  mutating func integers(attribute: String, orInput index: Int, since version: Int) throws -> [Int]? {
    self.version < version ? try attributes.integers(attribute) : try optionalIntegers(index)
  }

  /// An axis counted from the front, out of `rank` axes.
  func axis(_ axis: Int, rank: Int) throws -> Int {
    guard (-rank..<rank).contains(axis) else { throw failure(.malformed, "axis \(axis) of a tensor with \(rank) axes") }
    return axis < 0 ? axis + rank : axis
  }

  /// Axes counted from the front, each one once.
  func axes(_ axes: [Int], rank: Int) throws -> [Int] {
    let result = try axes.map { try axis($0, rank: rank) }
    guard Set(result).count == result.count else { throw failure(.malformed, "an axis occurs twice in \(axes)") }
    return result
  }
}
