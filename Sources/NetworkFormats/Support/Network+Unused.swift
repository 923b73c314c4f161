import Networks

extension Network {
  /// The same network without the nodes no output needs; inputs stay.
  func withoutUnusedNodes() throws -> Network {
    var isUsed = Array(repeating: false, count: nodes.count)
    for index in inputs + outputs { isUsed[index] = true }
    for index in nodes.indices.reversed() where isUsed[index] {
      for input in nodes[index].inputs { isUsed[input] = true }
    }
    if isUsed.allSatisfy({ $0 }) { return self }
    var result = Network()
    var places: [Int: Int] = [:]
    for index in nodes.indices where isUsed[index] {
      let node = nodes[index]
      if case .input = node.operation {
        places[index] = result.addInput(name: node.name, shape: node.shape)
      } else {
        places[index] = try result.add(node.operation, name: node.name, to: node.inputs.compactMap { places[$0] })
      }
    }
    try result.setOutputs(outputs.compactMap { places[$0] }, names: outputNames)
    return result
  }
}
