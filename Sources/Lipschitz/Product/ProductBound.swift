import LinearAlgebra
import Networks

/// Products of norms along a network's graph, every step rounded up.
///
/// Each node gets a bound L on its own Lipschitz constant from those of its inputs: a linear map multiplies by its norm, a sum adds, parts
/// placed side by side combine as √Σ L², an activation multiplies by its steepest slope, the maximum over windows by √(windows a pixel lies
/// in), sorting by one.
struct ProductBound {
  private var bounds: [Double] = []

  /// A bound for the selected outputs of a network.
  static func upperBound(of network: Network, output: Int?, minus other: Int?) throws -> Double {
    var walk = ProductBound()
    for node in network.nodes { walk.bounds.append(try walk.bound(of: node, in: network)) }
    let last = network.outputs.map { walk.bounds[$0] }
    if let output, network.outputs.count == 1, case .dense(let weight, _) = network.nodes[network.outputs[0]].operation,
      network.nodes[network.outputs[0]].shape.count == weight.rows
    {
      let before = walk.bounds[network.nodes[network.outputs[0]].inputs[0]]
      return ErrorBounds.multiplyUp(before, rowNorm(weight, output, minus: other))
    }
    let all = quadrature(last)
    return other == nil ? all : ErrorBounds.multiplyUp(all, ErrorBounds.sqrtUp(2))
  }

  /// A bound for the selected outputs of a network in normal form.
  static func upperBound(of network: LoweredNetwork, output: Int?, minus other: Int?) -> Double {
    var walk = ProductBound()
    for node in network.nodes {
      switch node.kind {
      case .input:
        walk.bounds.append(1)
      case .affine(let terms, _):
        walk.bounds.append(
          terms.reduce(0) { sum, term in
            let norm = term.map.map { VerifiedNorm.upperBound(of: $0) } ?? 1
            return ErrorBounds.addUp(sum, ErrorBounds.multiplyUp(norm, walk.bounds[term.source]))
          })
      case .activation(let source, let units):
        let sectors = units.globalSectors(count: node.count)
        let slope = sectors.reduce(0) { max($0, $1.lower.magnitude, $1.upper.magnitude) }
        walk.bounds.append(ErrorBounds.multiplyUp(slope, walk.bounds[source]))
      }
    }
    if let output, case .affine(let terms, _) = network.nodes[network.nodes.count - 1].kind, terms.count == 1,
      let dense = terms[0].map as? DenseMap<Double>, dense.repetitions == 1
    {
      return ErrorBounds.multiplyUp(walk.bounds[terms[0].source], rowNorm(dense.weight, output, minus: other))
    }
    let all = walk.bounds.last ?? 0
    return other == nil ? all : ErrorBounds.multiplyUp(all, ErrorBounds.sqrtUp(2))
  }

  private func bound(of node: Network.Node, in network: Network) throws -> Double {
    let inputs = node.inputs.map { bounds[$0] }
    let shapes = node.inputs.map { network.nodes[$0].shape }
    if let form = try node.operation.affineForm(inputs: shapes, output: node.shape, node: node.name) {
      let parts = zip(inputs, form.chains).map { input, chain in
        chain.reduce(input) { ErrorBounds.multiplyUp($0, VerifiedNorm.upperBound(of: $1)) }
      }
      if case .concatenation = node.operation { return Self.quadrature(inputs) }
      return parts.reduce(0) { ErrorBounds.addUp($0, $1) }
    }
    switch node.operation {
    case .activation(let activation):
      let sector = activation.globalSector
      return ErrorBounds.multiplyUp(inputs[0], max(sector.lower.magnitude, sector.upper.magnitude))
    case .parametricReLU(let slopes):
      return ErrorBounds.multiplyUp(inputs[0], slopes.values.reduce(1) { max($0, $1.magnitude) })
    case .maxPool(let pooling):
      // A pixel lies in at most ⌈kernel / stride⌉ windows along each axis.
      let windows = zip(pooling.kernel, pooling.strides).reduce(1) { $0 * (($1.0 + $1.1 - 1) / $1.1) }
      return ErrorBounds.multiplyUp(inputs[0], ErrorBounds.sqrtUp(Double(windows)))
    case .maximum, .minimum: return Self.quadrature(inputs)
    case .groupSort: return inputs[0]
    default: return 1
    }
  }

  private static func quadrature(_ values: [Double]) -> Double {
    if values.count == 1 { return values[0] }
    return ErrorBounds.sqrtUp(values.reduce(0) { ErrorBounds.addUp($0, ErrorBounds.multiplyUp($1, $1)) })
  }

  /// |w_i − w_j|, or |w_i|, rounded up.
  private static func rowNorm(_ weight: Matrix<Double>, _ i: Int, minus j: Int?) -> Double {
    var squares = 0.0
    for k in 0..<weight.columns {
      // The difference of two doubles is within one rounding of its exact value.
      let entry = j.map { (weight[i, k] - weight[$0, k]).magnitude.nextUp } ?? weight[i, k].magnitude
      squares = ErrorBounds.addUp(squares, ErrorBounds.multiplyUp(entry, entry))
    }
    return ErrorBounds.sqrtUp(squares)
  }
}
