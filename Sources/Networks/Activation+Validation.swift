extension Activation {
  /// Whether every parameter is finite and in order.
  ///
  /// - Throws: ``NetworkError`` that names `node`.
  func check(node: String) throws {
    let parameters = parameters
    guard parameters.allSatisfy(\.isFinite) else { throw NetworkError.notFinite(node: node, detail: "an activation's parameter") }
    if case .clip(let lower, let upper) = self, lower > upper {
      throw NetworkError.invalidInput(node: node, detail: "clips to [\(lower), \(upper)]")
    }
  }

  /// The parameters in the order of their declaration.
  public var parameters: [Double] {
    switch self {
    case .leakyReLU(let slope): [slope]
    case .elu(let alpha): [alpha]
    case .clip(let lower, let upper): [lower, upper]
    case .hardSigmoid(let slope, let offset): [slope, offset]
    case .relu, .tanh, .sigmoid, .softplus, .gelu, .geluTanh, .silu, .mish, .hardSwish, .absoluteValue: []
    }
  }

  /// The activation's name, as in messages and digests.
  public var name: String {
    switch self {
    case .relu: "relu"
    case .leakyReLU: "leakyReLU"
    case .tanh: "tanh"
    case .sigmoid: "sigmoid"
    case .elu: "elu"
    case .softplus: "softplus"
    case .clip: "clip"
    case .hardSigmoid: "hardSigmoid"
    case .gelu: "gelu"
    case .geluTanh: "geluTanh"
    case .silu: "silu"
    case .mish: "mish"
    case .hardSwish: "hardSwish"
    case .absoluteValue: "absoluteValue"
    }
  }
}
