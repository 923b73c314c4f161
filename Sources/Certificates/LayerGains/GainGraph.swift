import LinearAlgebra
import Networks

/// A network as a graph of the operations that a ``GainChain`` may consist of, before its series and branches are told apart.
struct GainGraph {
  /// What a node computes.
  enum Kind {
    case input
    /// The sum over terms of a chain of maps, first to last.
    case affine([(source: Int, maps: [any LinearMap<Double>])])
    /// Units with these slopes.
    case units(source: Int, UnitSectors)
    /// Maxima over windows, each channel by itself.
    case maxPool(source: Int, overlap: Int, pixels: Int)
    /// Channels sorted in groups.
    case groupSort(source: Int, size: Int)
  }

  struct Node {
    var name: String
    var kind: Kind
    var count: Int

    var sources: [Int] {
      switch kind {
      case .input: []
      case .affine(let terms): terms.map(\.source)
      case .units(let source, _), .maxPool(let source, _, _), .groupSort(let source, _): [source]
      }
    }
  }

  /// In topological order; the input first, the output last.
  var nodes: [Node] = []

  /// The graph of a lowered network.
  init(_ network: LoweredNetwork) {
    nodes = network.nodes.map { node in
      switch node.kind {
      case .input: Node(name: node.name, kind: .input, count: node.count)
      case .affine(let terms, _):
        Node(name: node.name, kind: .affine(terms.map { ($0.source, $0.map.map { [$0] } ?? []) }), count: node.count)
      case .activation(let source, let units):
        Node(name: node.name, kind: .units(source: source, UnitSectors(global: units, count: node.count)), count: node.count)
      }
    }
  }

  /// The graph of a network before lowering, where maxima and sortings are still what they are, with a selection of its outputs.
  ///
  /// - Throws: ``NotProved`` when an operation has no counterpart, `NetworkError` when one is malformed.
  init(_ network: Network, output: OutputSelection) throws {
    guard network.inputs.count == 1, network.outputs.count == 1,
      network.nodes.first.map({ if case .input = $0.operation { true } else { false } }) == true
    else { throw NotProved("the network has several inputs or outputs") }
    for node in network.nodes {
      let shapes = node.inputs.map { network.nodes[$0].shape }
      let kind: Kind
      if case .input = node.operation {
        kind = .input
      } else if let form = try node.operation.affineForm(inputs: shapes, output: node.shape, node: node.name) {
        kind = .affine(zip(node.inputs, form.chains).map { ($0, $1) })
      } else {
        switch node.operation {
        case .activation(let activation):
          kind = .units(source: node.inputs[0], UnitSectors(global: .uniform(activation), count: node.shape.count))
        case .parametricReLU(let slopes):
          let values = slopes.shape.broadcastIndices(to: node.shape).map { slopes.values[$0] }
          kind = .units(source: node.inputs[0], UnitSectors(global: .leakyReLU(slopes: values), count: node.shape.count))
        case .maxPool(let pooling):
          guard node.shape.rank >= 3, node.shape[0] == 1 else { throw NotProved("'\(node.name)' has an unknown shape") }
          let overlap = pooling.kernel.indices.reduce(1) { product, axis in
            let (length, stride) = (pooling.kernel[axis], pooling.strides[axis])
            return product * (pooling.dilations[axis] == 1 ? (length + stride - 1) / stride : length)
          }
          kind = .maxPool(source: node.inputs[0], overlap: overlap, pixels: node.shape.count / node.shape[1])
        case .groupSort(let size, let axis):
          guard axis == 1, node.shape[0] == 1 else { throw NotProved("'\(node.name)' sorts along an axis that is not the channels'") }
          kind = .groupSort(source: node.inputs[0], size: size)
        default: throw NotProved("'\(node.name)' has no inequality in the recursion")
        }
      }
      nodes.append(Node(name: node.name, kind: kind, count: node.shape.count))
    }
    var map: [any LinearMap<Double>] = []
    let count = network.outputCount
    switch output {
    case .all: break
    case .output(let i):
      var rows = Matrix<Double>(rows: 1, columns: count)
      rows[0, i] = 1
      map = [DenseMap(weight: rows)]
    case .difference(let i, let j):
      var rows = Matrix<Double>(rows: 1, columns: count)
      rows[0, i] = 1
      rows[0, j] = -1
      map = [DenseMap(weight: rows)]
    }
    nodes.append(Node(name: "output", kind: .affine([(network.outputs[0], map)]), count: map.first?.outputCount ?? count))
  }

  /// How many nodes that reach the output read each node.
  var useCounts: [Int] {
    var uses = [Int](repeating: 0, count: nodes.count)
    guard !nodes.isEmpty else { return uses }
    uses[nodes.count - 1] = 1
    for index in nodes.indices.reversed() where uses[index] > 0 { for source in nodes[index].sources { uses[source] += 1 } }
    return uses
  }
}
