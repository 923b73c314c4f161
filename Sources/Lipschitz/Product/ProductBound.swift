import Certificates
import LinearAlgebra
import Networks

/// Products of norms along a network's graph, every step rounded up.
///
/// Each node gets a bound L on its own Lipschitz constant from those of its inputs: a linear map multiplies by its norm, a sum adds (so that
/// x + F(x) has 1 + L(F)), parts placed side by side combine as √Σ L², an activation multiplies by its steepest slope, the maximum over
/// windows by √(windows a pixel lies in), sorting by one. Batch normalisation is folded into the layer before it.
///
/// A map that reads the input itself is measured from the norm of the inputs to the Euclidean one, which all later maps are measured in.
struct ProductBound {
  private let norm: InputNorm
  private var bounds: [Double] = []
  /// How many maps had their norms bounded in each way.
  private var variants: [LayerNorm.Variant: Int] = [:]
  /// Whether a node is an input, perhaps reshaped.
  private var isInput: [Bool] = []

  private init(_ norm: InputNorm) { self.norm = norm }

  /// The ways other than tight ones in which norms were bounded, in words.
  private var note: String? {
    let parts = LayerNorm.Variant.allCases.compactMap { variant in
      variant.words.flatMap { words in variants[variant].map { "\($0) \(words)" } }
    }
    return parts.isEmpty ? nil : "norms bounded from above: \(parts.joined(separator: ", "))"
  }

  /// A bound for the selected outputs of a network.
  static func upperBound(
    of network: Network, inputNorm: InputNorm = .l2, output: Int?, minus other: Int?
  ) throws -> (bound: Double, note: String?) {
    var walk = ProductBound(inputNorm)
    let bound = try walk.upperBound(of: network, output: output, minus: other)
    return (bound, walk.note)
  }

  private mutating func upperBound(of network: Network, output: Int?, minus other: Int?) throws -> Double {
    for node in network.nodes { try enter(node, in: network) }
    let last = network.outputs.map { bounds[$0] }
    if let output, network.outputs.count == 1, case .dense(let weight, _) = network.nodes[network.outputs[0]].operation,
      network.nodes[network.outputs[0]].shape.count == weight.rows
    {
      return rowBound(weight, output, minus: other, on: network.nodes[network.outputs[0]].inputs[0])
    }
    let all = Self.quadrature(last)
    return other == nil ? all : ErrorBounds.multiplyUp(all, ErrorBounds.sqrtUp(2))
  }

  /// A bound for the selected outputs of a network in normal form.
  static func upperBound(
    of network: LoweredNetwork, inputNorm: InputNorm = .l2, output: Int?, minus other: Int?
  ) -> (bound: Double, note: String?) {
    var walk = ProductBound(inputNorm)
    let bound = walk.upperBound(of: network, output: output, minus: other)
    return (bound, walk.note)
  }

  private mutating func upperBound(of network: LoweredNetwork, output: Int?, minus other: Int?) -> Double {
    for node in network.nodes {
      if case .input = node.kind { isInput.append(true) } else { isInput.append(false) }
      switch node.kind {
      case .input:
        bounds.append(VerifiedNorm.identity(from: norm, count: node.count))
      case .affine(let terms, _):
        bounds.append(
          terms.reduce(0) { sum, term in
            ErrorBounds.addUp(sum, bound(of: term.map.map { [$0] } ?? [], on: term.source))
          })
      case .activation(let source, let units):
        let sectors = units.globalSectors(count: node.count)
        let slope = sectors.reduce(0) { max($0, $1.lower.magnitude, $1.upper.magnitude) }
        bounds.append(ErrorBounds.multiplyUp(slope, bounds[source]))
      }
    }
    if let output, case .affine(let terms, _) = network.nodes[network.nodes.count - 1].kind, terms.count == 1,
      let dense = terms[0].map as? DenseMap<Double>, dense.repetitions == 1
    {
      return rowBound(dense.weight, output, minus: other, on: terms[0].source)
    }
    let all = bounds.last ?? 0
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
  private mutating func bound(of chain: [any LinearMap<Double>], on node: Int) -> Double {
    var product = bounds[node]
    for (place, map) in chain.enumerated() {
      if place == 0, isInput[node], norm != .l2 {
        product = VerifiedNorm.upperBound(of: map, from: norm)
      } else {
        product = ErrorBounds.multiplyUp(product, spectralNorm(of: map))
      }
    }
    return product
  }

  /// The Euclidean norm of a map, counted among the variants.
  private mutating func spectralNorm(of map: any LinearMap<Double>) -> Double {
    let norm = VerifiedNorm.best(of: map)
    variants[norm.variant, default: 0] += 1
    return norm.bound
  }

  private mutating func bound(of node: Network.Node, in network: Network) throws -> Double {
    let inputs = node.inputs.map { bounds[$0] }
    let shapes = node.inputs.map { network.nodes[$0].shape }
    if let form = try node.operation.affineForm(inputs: shapes, output: node.shape, node: node.name) {
      if case .concatenation = node.operation { return Self.quadrature(inputs) }
      var parts: [Double] = []
      for (input, chain) in zip(node.inputs, form.chains) { parts.append(bound(of: chain, on: input)) }
      if case .batchNormalization = node.operation, let scale = form.chains[0].last as? DiagonalMap<Double>,
        let folded = try folded(scale, after: network.nodes[node.inputs[0]], in: network)
      {
        return min(folded, parts[0])
      }
      return parts.reduce(0) { ErrorBounds.addUp($0, $1) }
    }
    switch node.operation {
    case .activation(let activation):
      let sector = activation.globalSector
      return ErrorBounds.multiplyUp(inputs[0], max(sector.lower.magnitude, sector.upper.magnitude))
    case .parametricReLU(let slopes):
      return ErrorBounds.multiplyUp(inputs[0], slopes.values.reduce(1) { max($0, $1.magnitude) })
    case .maxPool(let pooling):
      // Along an axis a pixel lies in the windows y with y s + k d = x for some tap k. Taps that can read it differ by multiples of
      // s / gcd(s, d), so there are at most ⌈kernel / (s / gcd(s, d))⌉ of them.
      let windows = pooling.kernel.indices.reduce(1) { count, axis in
        let period = pooling.strides[axis] / Self.divisor(pooling.strides[axis], pooling.dilations[axis])
        return count * ((pooling.kernel[axis] + period - 1) / period)
      }
      return ErrorBounds.multiplyUp(inputs[0], ErrorBounds.sqrtUp(Double(windows)))
    case .maximum, .minimum: return Self.quadrature(inputs)
    case .groupSort: return inputs[0]
    case .input: return VerifiedNorm.identity(from: norm, count: node.shape.count)
    default: throw NotApplicable("'\(node.name)' has no norm in the product")
    }
  }

  /// The bound of a linear layer with a normalisation folded into its rows, or `nil` when there is none before it.
  private mutating func folded(
    _ scale: DiagonalMap<Double>, after node: Network.Node, in network: Network
  ) throws -> Double? {
    let shapes = node.inputs.map { network.nodes[$0].shape }
    guard let form = try node.operation.affineForm(inputs: shapes, output: node.shape, node: node.name), form.chains.count == 1 else {
      return nil
    }
    let map: any LinearMap<Double>
    let weight: Matrix<Double>
    if let convolution = form.chains[0].last as? ConvolutionMap<Double>, form.chains[0].count == 1 {
      (map, weight) = (convolution, convolution.weight)
    } else if let dense = form.chains[0].last as? DenseMap<Double>, form.chains[0].count == 1, dense.repetitions == 1 {
      (map, weight) = (dense, dense.weight)
    } else {
      return nil
    }
    let pixels = scale.scale.count / weight.rows
    var product = weight
    var relative = 0.0
    for o in 0..<weight.rows {
      let factor = scale.scale[o * pixels]
      // The entries stand for (factor ± radius) w; the product rounds once more.
      relative = max(relative, ErrorBounds.addUp(scale.radius?[o * pixels] ?? 0, ErrorBounds.multiplyUp(factor.magnitude, 0x1p-52)))
      for j in 0..<weight.columns { product[o, j] *= factor }
    }
    let scaled: any LinearMap<Double> =
      (map as? ConvolutionMap<Double>).map { ConvolutionMap(geometry: $0.geometry, weight: product) } ?? DenseMap(weight: product)
    let magnitudes = (map as? ConvolutionMap<Double>).map(VerifiedNorm.schurBound) ?? VerifiedNorm.schurBound(map.sparseRows())
    let error = ErrorBounds.multiplyUp(relative, magnitudes)
    // From another norm, a map that reads the input is bounded by way of the Euclidean one: `bounds` holds the norm of that identity.
    return ErrorBounds.multiplyUp(bounds[node.inputs[0]], ErrorBounds.addUp(spectralNorm(of: scaled), error))
  }

  private static func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }

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
