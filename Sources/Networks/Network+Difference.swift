extension Network {
  /// The network x ↦ a(x) − b(x): both graphs side by side on the same inputs, and one difference for each output.
  ///
  /// Inputs and outputs correspond in order. Where two have as many elements under different shapes, such as [1×784] and [1×1×28×28], they
  /// are taken row by row, in the shape of `a`.
  ///
  /// - Throws: ``NetworkError/shapeMismatch(node:detail:)``, which names both nodes, when inputs or outputs do not correspond.
  public static func difference(_ a: Network, _ b: Network) throws -> Network {
    var result = Network()
    var first: [Int: Int] = [:]
    var second: [Int: Int] = [:]
    for (i, j) in try pairs(a, a.inputs, b, b.inputs, of: "inputs") {
      let (name, shape) = (a.nodes[i].name, a.nodes[i].shape)
      let input = result.addInput(name: name, shape: shape)
      first[i] = input
      let other = b.nodes[j]
      second[j] = try other.shape == shape ? input : result.add(.reshape(other.shape), name: "second/\(other.name)", to: [input])
    }
    try result.append(a, prefix: "first/", places: &first)
    try result.append(b, prefix: "second/", places: &second)
    var outputs: [Int] = []
    for (i, j) in try pairs(a, a.outputs, b, b.outputs, of: "outputs") {
      guard let x = first[i], var y = second[j] else { continue }
      if a.nodes[i].shape != b.nodes[j].shape {
        y = try result.add(.reshape(a.nodes[i].shape), name: "second/\(b.nodes[j].name)/shape", to: [y])
      }
      outputs.append(try result.add(.sum(signs: [1, -1]), name: "difference/\(a.nodes[i].name)", to: [x, y]))
    }
    try result.setOutputs(outputs, names: a.outputNames)
    return result
  }

  /// Nodes of two networks in pairs, which must have as many elements.
  private static func pairs(_ a: Network, _ first: [Int], _ b: Network, _ second: [Int], of kind: String) throws -> [(Int, Int)] {
    guard first.count == second.count, !first.isEmpty else {
      throw NetworkError.shapeMismatch(node: kind, detail: "\(first.count) \(kind) in one network, \(second.count) in the other")
    }
    for (i, j) in zip(first, second) where a.nodes[i].shape.count != b.nodes[j].shape.count {
      throw NetworkError.shapeMismatch(
        node: a.nodes[i].name, detail: "\(a.nodes[i].shape) against \(b.nodes[j].shape) of '\(b.nodes[j].name)' in the other network")
    }
    return Array(zip(first, second))
  }

  /// Adds the nodes of another network that have no place yet.
  private mutating func append(_ other: Network, prefix: String, places: inout [Int: Int]) throws {
    for (index, node) in other.nodes.enumerated() where places[index] == nil {
      places[index] = try add(
        node.operation, name: prefix + node.name,
        to: node.inputs.map { input in
          guard let place = places[input] else { throw NetworkError.invalidInput(node: node.name, detail: "reads a node without a value") }
          return place
        })
    }
  }
}
