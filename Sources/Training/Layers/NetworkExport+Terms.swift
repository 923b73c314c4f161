import LinearAlgebra
import Networks

extension NetworkExport {
  /// The node times a constant.
  mutating func multiply(_ node: Int, by factor: Double, name: String) throws -> Int {
    try network.add(.multiplyConstant(Operation.Constant(shape: [1], values: [factor])), name: name, to: [node])
  }

  /// Nodes of feature maps of the same shape as tensors of the same shape: vectors may have spatial axes of length one or none.
  mutating func aligned(_ nodes: [Int], name: String) throws -> [Int] {
    guard nodes.contains(where: { network.nodes[$0].shape.rank == 2 }) else { return nodes }
    var result: [Int] = []
    for (index, node) in nodes.enumerated() { result.append(try vector(node, name: "\(name).input\(index)")) }
    return result
  }
}
