import LinearAlgebra
import Networks

/// Builds the network an architecture file describes.
struct ArchitectureBuilder {
  private let archive: NumPyArchive
  private let limit: Int
  private var network = Network()
  private var used: Set<String> = []
  private var layerCount = 0

  /// Builds from the arrays of `archive`.
  init(archive: NumPyArchive, limit: Int) {
    self.archive = archive
    self.limit = limit
  }

  /// The network.
  mutating func build(_ root: YAMLValue) throws -> Network {
    var entries = try Entries(root, in: "the file")
    let dimensions = try entries.take("input").integers()
    guard dimensions.allSatisfy({ $0 > 0 }), ONNXConstant.count(dimensions, limit: limit) != nil else {
      throw root.failure("the input shape \(dimensions) is impossible or too large")
    }
    let ignored = entries.takeOptional("ignore")
    let layers = try entries.take("layers")
    try entries.finish()
    for name in ignored?.list ?? [] { used.insert(try name.string()) }
    let input = network.addInput(name: "input", shape: Shape([1] + dimensions))
    let output = try add(layers, to: input)
    if let name = archive.names.first(where: { !used.contains($0) }) {
      throw FormatError(.malformed, place: .array(name), reason: "no layer uses this array; list it under 'ignore' if that is meant")
    }
    try network.setOutputs([output], names: ["output"])
    return network
  }

  private mutating func add(_ layers: YAMLValue, to input: Int) throws -> Int {
    guard let list = layers.list else { throw layers.failure("expected a list of layers") }
    return try list.reduce(input) { try addLayer($1, to: $0) }
  }

  private mutating func addLayer(_ layer: YAMLValue, to x: Int) throws -> Int {
    layerCount += 1
    guard layerCount <= 10_000 else { throw layer.failure("more than 10000 layers") }
    if let kind = layer.text { return try addPlain(kind, layer, to: x) }
    guard let entries = try layer.entries(), entries.count == 1, let (kind, parameters) = entries.first else {
      throw layer.failure("a layer is a name, or one name with its parameters")
    }
    switch kind {
    case "activation": return try add(.activation(activation(parameters)), "activation", to: x, layer)
    case "dense": return try addDense(parameters, to: x)
    case "conv": return try addConvolution(parameters, to: x)
    case "maxPool", "averagePool": return try addPool(parameters, isMaximum: kind == "maxPool", to: x)
    case "groupSort": return try add(.groupSort(size: parameters.integer(), axis: 1), "groupSort", to: x, layer)
    case "reshape": return try add(.reshape(Shape.checked([1] + parameters.integers(), node: "reshape")), "reshape", to: x, layer)
    case "batchNorm": return try addBatchNormalization(parameters, to: x)
    case "residual":
      var entries = try Entries(parameters, in: "residual")
      let branch = try add(entries.take("layers"), to: x)
      let shortcut = try entries.takeOptional("shortcut").map { try add($0, to: x) } ?? x
      try entries.finish()
      guard network.nodes[branch].shape == network.nodes[shortcut].shape else {
        throw layer.failure("the branches give \(network.nodes[branch].shape) and \(network.nodes[shortcut].shape)")
      }
      return try named(layer) { try $0.add(.sum(signs: [1, 1]), name: "residual\($0.nodes.count)", to: [shortcut, branch]) }
    default: throw layer.failure("unknown layer '\(kind)'")
    }
  }

  private mutating func addPlain(_ kind: String, _ layer: YAMLValue, to x: Int) throws -> Int {
    switch kind {
    case "flatten": return try add(.reshape([1, network.nodes[x].shape.count]), "flatten", to: x, layer)
    case "globalAveragePool": return try add(.globalAveragePool, "globalAveragePool", to: x, layer)
    default: throw layer.failure("unknown layer '\(kind)', or its parameters are missing")
    }
  }

  // MARK: - Layers with arrays

  private mutating func addDense(_ parameters: YAMLValue, to x: Int) throws -> Int {
    var entries = try Entries(parameters, in: "dense", shorthand: "weight")
    let name = try entries.take("weight").string()
    let weight = try ArrayAccess.matrix(archive, name)
    used.insert(name)
    let bias = try bias(&entries, weight: name, count: weight.rows)
    try entries.finish()
    return try add(.dense(weight: weight, bias: bias), name, to: x, parameters)
  }

  private mutating func addConvolution(_ parameters: YAMLValue, to x: Int) throws -> Int {
    var entries = try Entries(parameters, in: "conv", shorthand: "weight")
    let name = try entries.take("weight").string()
    let (values, dimensions) = try ArrayAccess.numbers(archive, name)
    guard (3...4).contains(dimensions.count) else {
      throw FormatError(.malformed, place: .array(name), reason: "has shape \(dimensions) instead of outputs × channels × kernel")
    }
    used.insert(name)
    let kernel = Array(dimensions.dropFirst(2))
    let bias = try bias(&entries, weight: name, count: dimensions[0])
    let strides = try lengths(entries.takeOptional("stride"), axes: kernel.count, standard: 1)
    let dilations = try lengths(entries.takeOptional("dilation"), axes: kernel.count, standard: 1)
    let padding = try padding(entries.takeOptional("padding"), axes: kernel.count)
    let groups = try entries.takeOptional("groups")?.integer() ?? 1
    try entries.finish()
    let operation = Operation.Convolution(
      weight: Matrix(rows: dimensions[0], columns: values.count / dimensions[0], elements: values), bias: bias, kernel: kernel,
      strides: strides, dilations: dilations, padBefore: padding.before, padAfter: padding.after, groups: groups)
    return try add(.convolution(operation), name, to: x, parameters)
  }

  private mutating func addPool(_ parameters: YAMLValue, isMaximum: Bool, to x: Int) throws -> Int {
    let kind = isMaximum ? "maxPool" : "averagePool"
    var entries = try Entries(parameters, in: kind, shorthand: "kernel")
    let axes = max(1, network.nodes[x].shape.rank - 2)
    let kernel = try lengths(entries.take("kernel"), axes: axes, standard: 1)
    let strides = try entries.takeOptional("stride").map { try lengths($0, axes: axes, standard: 1) } ?? kernel
    let padding = try padding(entries.takeOptional("padding"), axes: axes)
    try entries.finish()
    let pooling = Operation.Pooling(
      kernel: kernel, strides: strides, padBefore: padding.before, padAfter: padding.after, countsPadding: !isMaximum)
    return try add(isMaximum ? .maxPool(pooling) : .averagePool(pooling), kind, to: x, parameters)
  }

  private mutating func addBatchNormalization(_ parameters: YAMLValue, to x: Int) throws -> Int {
    var entries = try Entries(parameters, in: "batchNorm")
    guard network.nodes[x].shape.rank >= 2 else { throw parameters.failure("there is no channel axis to normalise") }
    let channels = network.nodes[x].shape[1]
    var vectors: [[Double]] = []
    for part in ["scale", "shift", "mean", "variance"] {
      let name = try entries.take(part).string()
      vectors.append(try ArrayAccess.vector(archive, name, count: channels))
      used.insert(name)
    }
    let epsilon = try entries.takeOptional("epsilon")?.real() ?? 1e-5
    try entries.finish()
    let operation = Operation.BatchNormalization(
      scale: vectors[0], shift: vectors[1], mean: vectors[2], variance: vectors[3], epsilon: epsilon)
    return try add(.batchNormalization(operation), "batchNorm", to: x, parameters)
  }

  private mutating func bias(_ entries: inout Entries, weight: String, count: Int) throws -> [Double]? {
    let name: String
    if let given = entries.takeOptional("bias") {
      name = try given.string()
      if name == "none" { return nil }
    } else {
      name = "b" + weight.dropFirst()
      guard weight.first == "W" || weight.first == "w", archive[name] != nil else { return nil }
    }
    used.insert(name)
    return try ArrayAccess.vector(archive, name, count: count)
  }

  // MARK: - Parameters

  private func lengths(_ value: YAMLValue?, axes: Int, standard: Int) throws -> [Int] {
    guard let value else { return Array(repeating: standard, count: axes) }
    let given = try value.integers()
    guard given.count == 1 || given.count == axes, given.allSatisfy({ 1...1 << 24 ~= $0 }) else {
      throw value.failure("expected one positive length, or one for each of \(axes) axes")
    }
    return given.count == 1 ? Array(repeating: given[0], count: axes) : given
  }

  private func padding(_ value: YAMLValue?, axes: Int) throws -> (before: [Int], after: [Int]) {
    guard let value else { return (Array(repeating: 0, count: axes), Array(repeating: 0, count: axes)) }
    let given = try value.integers()
    guard [1, axes, 2 * axes].contains(given.count), given.allSatisfy({ 0...1 << 24 ~= $0 }) else {
      throw value.failure("expected one padding, one for each of \(axes) axes, or those before and after")
    }
    if given.count == 1 { return (Array(repeating: given[0], count: axes), Array(repeating: given[0], count: axes)) }
    return (Array(given.prefix(axes)), Array(given.suffix(axes)))
  }

  private func activation(_ value: YAMLValue) throws -> Activation {
    let plain: [String: Activation] = [
      "relu": .relu, "tanh": .tanh, "sigmoid": .sigmoid, "softplus": .softplus, "gelu": .gelu, "geluTanh": .geluTanh, "silu": .silu,
      "mish": .mish, "hardSwish": .hardSwish, "abs": .absoluteValue,
    ]
    if let name = value.text {
      guard let activation = plain[name] else { throw value.failure("unknown activation '\(name)', or its parameters are missing") }
      return activation
    }
    guard let (name, given) = try value.entries()?.first, try value.entries()?.count == 1 else {
      throw value.failure("expected an activation")
    }
    let numbers = try given.reals()
    switch (name, numbers.count) {
    case ("leakyReLU", 1): return .leakyReLU(slope: numbers[0])
    case ("elu", 1): return .elu(alpha: numbers[0])
    case ("clip", 2): return .clip(lower: numbers[0], upper: numbers[1])
    case ("hardSigmoid", 2): return .hardSigmoid(slope: numbers[0], offset: numbers[1])
    default: throw value.failure("unknown activation '\(name)' with \(numbers.count) parameters")
    }
  }

  private mutating func add(_ operation: Operation, _ name: String, to x: Int, _ layer: YAMLValue) throws -> Int {
    try named(layer) { try $0.add(operation, name: $0.nodes.contains { $0.name == name } ? "\(name)@\($0.nodes.count)" : name, to: [x]) }
  }

  /// Runs `body`; what the network says is wrong is told of the layer's line.
  private mutating func named(_ layer: YAMLValue, _ body: (inout Network) throws -> Int) throws -> Int {
    do {
      let node = try body(&network)
      guard network.nodes[node].shape.count <= limit else { throw layer.failure("the layer's tensor is too large") }
      return node
    } catch let error as NetworkError {
      throw layer.failure(error.description)
    }
  }
}

/// The entries of one dictionary, each of which has to be asked for.
private struct Entries {
  private let owner: YAMLValue
  private let name: String
  private var remaining: [String: YAMLValue]

  /// Reads a dictionary, or a single value that stands for the entry `shorthand`.
  init(_ value: YAMLValue, in name: String, shorthand: String? = nil) throws {
    owner = value
    self.name = name
    if let entries = try value.entries() {
      remaining = entries
    } else if let shorthand {
      remaining = [shorthand: value]
    } else {
      throw value.failure("expected the parameters of \(name)")
    }
  }

  /// An entry that must be there.
  mutating func take(_ key: String) throws -> YAMLValue {
    guard let value = remaining.removeValue(forKey: key) else { throw owner.failure("'\(key)' is missing in \(name)") }
    return value
  }

  /// An entry that may be there.
  mutating func takeOptional(_ key: String) -> YAMLValue? { remaining.removeValue(forKey: key) }

  /// Throws when an entry is left.
  func finish() throws {
    if let key = remaining.keys.min() { throw owner.failure("unknown key '\(key)' in \(name)") }
  }
}
