import LinearAlgebra
import Networks

/// A network put together layer by layer, from arrays as PyTorch stores them.
final class Graph {
  typealias Weights = (dimensions: [Int], values: [Double])
  private var network = Network()
  private var last: Int

  init(input: Shape) { last = network.addInput(name: "input", shape: input) }

  @discardableResult
  private func add(_ operation: Operation, _ kind: String) throws -> Graph {
    last = try network.add(operation, name: "\(kind)\(network.nodes.count)", to: [last])
    return self
  }

  func finished() throws -> Network {
    var result = network
    try result.setOutputs([last])
    return result
  }

  @discardableResult
  func dense(_ weights: Weights) throws -> Graph {
    let count = network.nodes[last].shape.count
    if network.nodes[last].shape.rank != 2 { try add(.reshape([1, count]), "flatten") }
    return try add(
      .dense(weight: Matrix(rows: weights.dimensions[0], columns: weights.dimensions[1], elements: weights.values), bias: nil), "dense")
  }

  @discardableResult
  func convolution(_ weights: Weights, stride: Int = 1, padding: Int = 0) throws -> Graph {
    let kernel = Array(weights.dimensions[2...])
    let columns = weights.dimensions[1...].reduce(1, *)
    return try add(
      .convolution(
        .init(
          weight: Matrix(rows: weights.dimensions[0], columns: columns, elements: weights.values), kernel: kernel,
          strides: kernel.map { _ in stride }, padBefore: kernel.map { _ in padding }, padAfter: kernel.map { _ in padding })), "conv")
  }

  @discardableResult
  func activation() throws -> Graph { try add(.activation(.relu), "relu") }

  @discardableResult
  func maxMin() throws -> Graph { try add(.groupSort(size: 2, axis: 1), "maxmin") }

  @discardableResult
  func averagePool() throws -> Graph { try add(.averagePool(.init(kernel: [2, 2], strides: [2, 2])), "average") }

  @discardableResult
  func maxPool() throws -> Graph { try add(.maxPool(.init(kernel: [2, 2], strides: [2, 2])), "maximum") }

  @discardableResult
  func residual(_ branch: (Graph) throws -> Void) throws -> Graph {
    let start = last
    try branch(self)
    last = try network.add(.sum(signs: [1, 1]), name: "sum\(network.nodes.count)", to: [start, last])
    return self
  }
}
