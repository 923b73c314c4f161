import LinearAlgebra
import Networks

extension GainChain {
  /// The chain that a lowered network is.
  ///
  /// - Throws: ``NotProved`` that says which node has no counterpart.
  public init(_ network: LoweredNetwork) throws { try self.init(GainGraph(network)) }

  /// The chain that a network is, with a selection of its outputs; max pools and sortings are recognised here.
  ///
  /// - Throws: ``NotProved`` that says which node has no counterpart, `NetworkError` when an operation is malformed.
  public init(_ network: Network, output: OutputSelection = .all) throws { try self.init(GainGraph(network, output: output)) }

  init(_ graph: GainGraph) throws {
    guard let first = graph.nodes.first, let last = graph.nodes.indices.last, last > 0 else { throw NotProved("the network is empty") }
    var parser = GainGraphParser(graph)
    let steps = try parser.series(from: 0, to: last)
    var shape = parser.inputShape(first.count)
    let channels = shape.channels
    self.init(inputChannels: channels, layers: try parser.layers(steps, &shape))
  }
}
