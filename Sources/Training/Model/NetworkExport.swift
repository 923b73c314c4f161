import LinearAlgebra
import Networks

/// The numbers of one layer after training, in double precision.
public struct LayerValues: Sendable {
  /// The parameters, in the order of ``Layer/parameters``.
  public let parameters: [[Double]]
  /// The statistics, in the order of ``Layer/statistics``.
  public let statistics: [[Double]]
}

/// A network under construction from a model's layers.
///
/// Feature maps become tensors 1 × channels × height × width, vectors 1 × n.
public struct NetworkExport {
  /// The network so far.
  public var network = Network()

  /// The node of a feature map as 1 × channels × height × width, by a reshape where it is a vector.
  public mutating func spatial(_ node: Int, name: String) throws -> Int {
    let shape = network.nodes[node].shape
    guard shape.rank == 2 else { return node }
    return try network.add(.reshape([shape[0], shape[1], 1, 1]), name: "\(name).spatial", to: [node])
  }

  /// The node as 1 × n, by a reshape where it has spatial axes.
  public mutating func vector(_ node: Int, name: String) throws -> Int {
    let shape = network.nodes[node].shape
    guard shape.rank != 2 else { return node }
    return try network.add(.reshape([shape[0], shape.count / shape[0]]), name: "\(name).flat", to: [node])
  }
}

extension Model {
  /// The trained model as a network: without noise and dropout, batch normalisation with its running statistics.
  ///
  /// - Throws: `NetworkError`, as when a scale of batch normalisation is not a finite number.
  public func network(_ state: ModelState<Element>) throws -> Network {
    var export = NetworkExport()
    let shape = inputShape
    var places = [
      export.network.addInput(
        name: "input", shape: shape.isVector ? [1, shape.channels] : [1, shape.channels, shape.height, shape.width])
    ]
    for (index, node) in nodes.enumerated() {
      guard let layer = node.layer else { continue }
      let values = LayerValues(
        parameters: parameters.filter { $0.node == index }.map { state.parameters[$0.range].map(Double.init) },
        statistics: statistics.filter { $0.node == index }.map { state.statistics[$0.range].map(Double.init) })
      places.append(try layer.export(values, inputs: node.inputs.map { places[$0] }, to: &export))
    }
    try export.network.setOutputs([places[places.count - 1]], names: ["output"])
    return export.network
  }
}
