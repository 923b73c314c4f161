import Networks

/// Recognises the groups of nodes that exporters write for one activation function: the products x · f(x) of SiLU, GELU, Mish, hard swish.
///
/// Constants are compared to single precision; the function taken is the exact one, so a fused GELU differs from the file's by the rounding
/// of √2 in single precision.
struct ONNXFusion {
  /// An activation function applied to a tensor.
  struct Match {
    let activation: Activation
    let input: String
  }

  private let nodes: [ONNXNode]
  private let producers: [String: Int]
  private let initialisers: [String: ONNXTensor]

  /// Looks at the nodes of a graph.
  init(nodes: [ONNXNode], producers: [String: Int], initialisers: [String: ONNXTensor]) {
    self.nodes = nodes
    self.producers = producers
    self.initialisers = initialisers
  }

  /// The activation function that `node`, the last of its group, computes; `nil` when it is no such group.
  func match(_ node: ONNXNode) -> Match? {
    guard node.opType == "Mul" || node.opType == "Div", isDefaultDomain(node), let product = factors(of: node, depth: 0),
      product.tensors.count == 2
    else { return nil }
    let (a, b) = (product.tensors[0], product.tensors[1])
    return gate(b, of: a, coefficient: product.coefficient) ?? gate(a, of: b, coefficient: product.coefficient)
  }

  // MARK: - Products

  private struct Product {
    var coefficient = 1.0
    var tensors: [String] = []
  }

  /// A product's constant coefficient and its tensors, taken apart through nested products.
  private func factors(of node: ONNXNode, depth: Int) -> Product? {
    guard depth < 6, node.input.count == 2, node.attribute.isEmpty else { return nil }
    var product = Product()
    for (position, input) in node.input.enumerated() {
      let isDivisor = node.opType == "Div" && position == 1
      if let value = scalar(input) {
        product.coefficient *= isDivisor ? 1 / value : value
      } else if isDivisor {
        return nil
      } else if let inner = producer(input), inner.opType == "Mul" || inner.opType == "Div",
        let nested = factors(of: inner, depth: depth + 1)
      {
        product.coefficient *= nested.coefficient
        product.tensors += nested.tensors
      } else {
        product.tensors.append(input)
      }
      if product.tensors.count > 3 { return nil }
    }
    return product
  }

  /// The function of `x` that x · `gate` · `coefficient` is.
  private func gate(_ gate: String, of x: String, coefficient: Double) -> Match? {
    guard let node = producer(gate), let input = node.input.first else { return nil }
    let isUnit = near(coefficient, 1)
    switch node.opType {
    case "Sigmoid" where input == x && isUnit:
      return Match(activation: .silu, input: x)
    case "HardSigmoid" where input == x && isUnit:
      let slope = node.attribute.first { $0.name == "alpha" }?.f ?? 0.2
      let offset = node.attribute.first { $0.name == "beta" }?.f ?? 0.5
      return near(Double(slope), 1 / 6) && near(Double(offset), 0.5) ? Match(activation: .hardSwish, input: x) : nil
    case "Clip" where near(coefficient, 1 / 6):
      return clipBounds(node) == [0, 6] && shifted(input, by: 3) == x ? Match(activation: .hardSwish, input: x) : nil
    case "Tanh" where isUnit:
      guard let inner = producer(input), inner.opType == "Softplus", inner.input.first == x else { return nil }
      return Match(activation: .mish, input: x)
    case "Add" where near(coefficient, 0.5):
      guard let inner = shifted(gate, by: 1).flatMap(producer), let argument = inner.input.first else { return nil }
      if inner.opType == "Erf", let (tensor, scale) = scaled(argument), tensor == x, near(scale, 0.5.squareRoot()) {
        return Match(activation: .gelu, input: x)
      }
      return inner.opType == "Tanh" && isCubic(argument, of: x) ? Match(activation: .geluTanh, input: x) : nil
    default:
      return nil
    }
  }

  /// Whether `tensor` is √(2/π) (x + 0.044715 x³).
  private func isCubic(_ tensor: String, of x: String) -> Bool {
    guard let (inner, scale) = scaled(tensor), near(scale, (2 / Double.pi).squareRoot()), let sum = producer(inner), sum.opType == "Add",
      sum.input.count == 2
    else { return false }
    return sum.input.indices.contains { sum.input[$0] == x && isCube(sum.input[1 - $0], of: x) }
  }

  /// Whether `tensor` is 0.044715 x³.
  private func isCube(_ tensor: String, of x: String) -> Bool {
    guard let node = producer(tensor), node.opType == "Mul", let product = factors(of: node, depth: 0), near(product.coefficient, 0.044715)
    else { return false }
    if product.tensors == [x, x, x] { return true }
    guard product.tensors.count == 1, let power = producer(product.tensors[0]), power.opType == "Pow", power.input.count == 2 else {
      return false
    }
    return power.input[0] == x && scalar(power.input[1]) == 3
  }

  // MARK: - Pieces

  private func isDefaultDomain(_ node: ONNXNode) -> Bool { node.domain.isEmpty || node.domain == "ai.onnx" }

  private func producer(_ tensor: String) -> ONNXNode? {
    guard let index = producers[tensor], isDefaultDomain(nodes[index]) else { return nil }
    return nodes[index]
  }

  /// The tensor t and constant c with `tensor` = c · t.
  private func scaled(_ tensor: String) -> (String, Double)? {
    guard let node = producer(tensor), node.opType == "Mul" || node.opType == "Div", let product = factors(of: node, depth: 5),
      product.tensors.count == 1
    else { return nil }
    return (product.tensors[0], product.coefficient)
  }

  /// The tensor t with `tensor` = t + `shift`.
  private func shifted(_ tensor: String, by shift: Double) -> String? {
    guard let node = producer(tensor), node.opType == "Add", node.input.count == 2 else { return nil }
    if scalar(node.input[1]) == shift { return node.input[0] }
    return scalar(node.input[0]) == shift ? node.input[1] : nil
  }

  private func clipBounds(_ node: ONNXNode) -> [Double?] {
    if node.input.count == 3 { return [scalar(node.input[1]), scalar(node.input[2])] }
    return ["min", "max"].map { name in node.attribute.first { $0.name == name }.map { Double($0.f) } }
  }

  /// The only element of a stored constant.
  private func scalar(_ tensor: String, depth: Int = 0) -> Double? {
    if let initialiser = initialisers[tensor] {
      return initialiser.dims.allSatisfy { $0 == 1 } && initialiser.dims.count < 2
        ? try? ONNXConstant(initialiser, name: tensor).scalar : nil
    }
    guard let node = producer(tensor) else { return nil }
    switch node.opType {
    case "Constant":
      guard let attribute = node.attribute.first, node.attribute.count == 1 else { return nil }
      if attribute.name == "value_float" { return Double(attribute.f) }
      guard attribute.name == "value", attribute.hasT, attribute.t.dims.allSatisfy({ $0 == 1 }), attribute.t.dims.count < 2 else {
        return nil
      }
      return try? ONNXConstant(attribute.t, name: tensor).scalar
    case "Identity", "Cast", "CastLike":
      guard depth < 4, let input = node.input.first else { return nil }
      return scalar(input, depth: depth + 1)
    default: return nil
    }
  }

  private func near(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-6 * abs(b) }
}
