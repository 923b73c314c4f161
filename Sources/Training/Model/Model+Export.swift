import LinearAlgebra
import Networks

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
