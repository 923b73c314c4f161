import Certificates
import LinearAlgebra
import Networks

/// Products of norms along a network's graph, every step rounded up.
///
/// Each node gets a bound L on its own Lipschitz constant from those of its inputs: a linear map multiplies by its norm, a sum adds, parts
/// placed side by side combine as √Σ L², an activation multiplies by its steepest slope, the maximum over windows by √(windows a pixel lies
/// in), sorting by one.
///
/// A map that reads the input itself is measured from the norm of the inputs to the Euclidean one, which all later maps are measured in.
struct ProductBound {
  private let norm: InputNorm
  private var bounds: [Double] = []
  /// Whether a node is an input, perhaps reshaped.
  private var isInput: [Bool] = []

  private init(_ norm: InputNorm) { self.norm = norm }

  /// A bound for the selected outputs of a network.
  static func upperBound(of network: Network, inputNorm: InputNorm = .l2, output: Int?, minus other: Int?) throws -> Double {
    var walk = ProductBound(inputNorm)
    for node in network.nodes { try walk.enter(node, in: network) }
    let last = network.outputs.map { walk.bounds[$0] }
    if let output, network.outputs.count == 1, case .dense(let weight, _) = network.nodes[network.outputs[0]].operation,
      network.nodes[network.outputs[0]].shape.count == weight.rows
    {
      return walk.rowBound(weight, output, minus: other, on: network.nodes[network.outputs[0]].inputs[0])
    }
    let all = quadrature(last)
    return other == nil ? all : ErrorBounds.multiplyUp(all, ErrorBounds.sqrtUp(2))
  }

  /// A bound for the selected outputs of a network in normal form.
  static func upperBound(of network: LoweredNetwork, inputNorm: InputNorm = .l2, output: Int?, minus other: Int?) -> Double {
    var walk = ProductBound(inputNorm)
    for node in network.nodes {
      if case .input = node.kind { walk.isInput.append(true) } else { walk.isInput.append(false) }
      switch node.kind {
      case .input:
        walk.bounds.append(VerifiedNorm.identity(from: inputNorm, count: node.count))
      case .affine(let terms, _):
        walk.bounds.append(
          terms.reduce(0) { sum, term in
            ErrorBounds.addUp(sum, walk.bound(of: term.map.map { [$0] } ?? [], on: term.source))
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
      return walk.rowBound(dense.weight, output, minus: other, on: terms[0].source)
    }
    let all = walk.bounds.last ?? 0
    return other == nil ? all : ErrorBounds.multiplyUp(all, ErrorBounds.sqrtUp(2))
  }

  private mutating func enter(_ node: Network.Node, in network: Network) throws {
    var isInput = false
    switch node.operation {
    case .input: isInput = true
    case .reshape: isInput = self.isInput[node.inputs[0]]
    default: break
    }
    bounds.append(try bound(of: node, in: network))
    self.isInput.append(isInput)
  }

  /// A bound for maps applied one after the other to a node.
  private func bound(of chain: [any LinearMap<Double>], on node: Int) -> Double {
    guard isInput[node], let first = chain.first else {
      return chain.reduce(bounds[node]) { ErrorBounds.multiplyUp($0, VerifiedNorm.upperBound(of: $1)) }
    }
    return chain.dropFirst().reduce(VerifiedNorm.upperBound(of: first, from: norm)) {
      ErrorBounds.multiplyUp($0, VerifiedNorm.upperBound(of: $1))
    }
  }

  private func bound(of node: Network.Node, in network: Network) throws -> Double {
    let inputs = node.inputs.map { bounds[$0] }
    let shapes = node.inputs.map { network.nodes[$0].shape }
    if let form = try node.operation.affineForm(inputs: shapes, output: node.shape, node: node.name) {
      if case .concatenation = node.operation { return Self.quadrature(inputs) }
      return zip(node.inputs, form.chains).reduce(0) { ErrorBounds.addUp($0, bound(of: $1.1, on: $1.0)) }
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
    case .input: return VerifiedNorm.identity(from: norm, count: node.shape.count)
    default: return 1
    }
  }

  private static func quadrature(_ values: [Double]) -> Double {
    if values.count == 1 { return values[0] }
    return ErrorBounds.sqrtUp(values.reduce(0) { ErrorBounds.addUp($0, ErrorBounds.multiplyUp($1, $1)) })
  }

  /// A bound for row i of a matrix, or for row i minus row j, on a node.
  private func rowBound(_ weight: Matrix<Double>, _ i: Int, minus j: Int?, on node: Int) -> Double {
    // The difference of two doubles is within one rounding of its exact value.
    let entries = (0..<weight.columns).map { k in j.map { (weight[i, k] - weight[$0, k]).magnitude.nextUp } ?? weight[i, k].magnitude }
    if isInput[node] { return VerifiedNorm.functional(entries, on: norm) }
    return ErrorBounds.multiplyUp(bounds[node], VerifiedNorm.functional(entries, on: .l2))
  }
}
