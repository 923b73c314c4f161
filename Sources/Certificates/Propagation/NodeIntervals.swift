import LinearAlgebra
import Networks

/// Intervals that hold the values of every node of a lowered network for all inputs of a region, in real arithmetic.
public struct NodeIntervals: Sendable, Equatable {
  /// The lower ends, one list for each node.
  public internal(set) var lower: [[Double]]
  /// The upper ends.
  public internal(set) var upper: [[Double]]

  /// Interval arithmetic: each node from its sources, rounded outwards.
  ///
  /// - Throws: ``NotProved`` when the region is unbounded or does not fit, or the biases of the network are not exact.
  public init(arithmetic network: LoweredNetwork, region: Region) throws {
    try network.requireNormalForm()
    guard region.fits(inputCount: network.inputCount), let (lower, upper) = region.coordinateBounds else {
      throw NotProved("the region does not fit the network's input, or has no bounds")
    }
    (self.lower, self.upper) = ([lower], [upper])
    for node in network.nodes.dropFirst() { try append(node, of: network) }
  }

  /// The ends of one node's intervals.
  public subscript(node: Int) -> (lower: [Double], upper: [Double]) { (lower[node], upper[node]) }

  /// The greatest magnitude of every element of a node.
  public func magnitudes(_ node: Int) -> [Double] { zip(lower[node], upper[node]).map { max($0.magnitude, $1.magnitude) } }

  /// Replaces a node's intervals by their intersection with others that hold as well.
  ///
  /// - Throws: ``NotProved`` when an intersection is empty: then one of the two does not hold.
  public mutating func intersect(_ node: Int, lower other: [Double], upper: [Double]) throws {
    for i in other.indices {
      // Not a number bounds nothing.
      if other[i] > lower[node][i] { lower[node][i] = other[i] }
      if upper[i] < self.upper[node][i] { self.upper[node][i] = upper[i] }
      guard lower[node][i] <= self.upper[node][i] else { throw NotProved("two intervals of one value do not meet") }
    }
  }

  private mutating func append(_ node: LoweredNetwork.Node, of network: LoweredNetwork) throws {
    switch node.kind {
    case .input: throw NotProved("a second input")
    case .affine(let terms, let bias):
      try network.requireExactBias(bias, of: terms, count: node.count)
      let maps = terms.map { (source: $0.source, map: RowwiseMap($0.map, count: network.nodes[$0.source].count)) }
      appendAffine(maps, bias: bias, count: node.count)
    case .activation(let source, let units):
      let images = lower[source].indices.map { units.activation(of: $0).image(of: lower[source][$0]...upper[source][$0]) }
      lower.append(images.map(\.lowerBound))
      upper.append(images.map(\.upperBound))
    }
    let index = lower.count - 1
    guard zip(lower[index], upper[index]).allSatisfy({ $0 <= $1 && $0 > -.infinity && $1 < .infinity }) else {
      throw NotProved("at '\(node.name)': the values are not bounded")
    }
  }

  /// Appends Σ A h + b: the midpoint's value, the radii through |A|, and γ (|A| (|mid| + r) + |b|) for the rounding.
  private mutating func appendAffine(_ maps: [(source: Int, map: RowwiseMap)], bias: [Double]?, count: Int) {
    var mid = bias ?? [Double](repeating: 0, count: count)
    var size = mid.map(\.magnitude)
    var spread = [Double](repeating: 0, count: count)
    for (source, map) in maps {
      let middle = zip(lower[source], upper[source]).map { 0.5 * $0 + 0.5 * $1 }
      // Half the width, and what the midpoint's own rounding moves it by.
      let radius = zip(lower[source], zip(upper[source], middle)).map {
        max(ErrorBounds.subtractUp($1.0, $1.1), ErrorBounds.subtractUp($1.1, $0))
      }
      func add(_ values: [Double], to sums: inout [Double]) { for i in values.indices { sums[i] += values[i] } }
      add(map.product(middle), to: &mid)
      add(map.magnitudeProduct(middle.map(\.magnitude)), to: &size)
      add(map.magnitudeProduct(radius), to: &spread)
      if map.isUncertain { add(map.radiusProduct(zip(middle, radius).map { $0.magnitude + $1 }), to: &spread) }
    }
    let gamma = ErrorBounds.gamma(maps.reduce(0) { $0 + $1.map.termCount } + maps.count + 2)
    // The sums of non-negative terms may be too small by the same γ; products below 2⁻¹⁰⁷⁴ are lost.
    let reach = zip(size, spread).map { ((gamma * $0 + $1) * (1 + 4 * gamma) + 0x1p-1000).nextUp }
    lower.append(zip(mid, reach).map(ErrorBounds.subtractDown))
    upper.append(zip(mid, reach).map(ErrorBounds.addUp))
  }
}

extension LoweredNetwork {
  /// Biases must be the real ones: those of a folded batch normalisation (a diagonal map with a bias) are rounded.
  func requireExactBias(_ bias: [Double]?, of terms: [Term], count: Int) throws {
    guard let bias else { return }
    guard bias.count == count, NumberRange.holds(bias, limit: NumberRange.largestCoefficient) else {
      throw NotProved("the bias does not fit or is too large")
    }
    guard !terms.contains(where: { $0.map is DiagonalMap<Double> }) else {
      throw NotProved("the bias of a batch normalisation is not an exact double; fold it into the layer before it")
    }
  }
}

extension Activation {
  /// An interval that holds φ(x) for all x of an interval, rounded outwards.
  ///
  /// Between its stationary points φ is monotone, so the values at the ends and at the stationary points inside decide; where a stationary
  /// point is known to 15 digits only, the value there is wrong by far less than ``valueError(at:)``.
  public func image(of interval: ClosedRange<Double>) -> ClosedRange<Double> {
    let (a, b) = (interval.lowerBound, interval.upperBound)
    let stationary: [Double] =
      switch self {
      case .absoluteValue, .leakyReLU, .elu: [0]
      case .gelu: [-0.751_791_524_693_564_5]
      case .geluTanh: [-0.752_461_422_071_016_3]
      case .silu: [-1.278_464_542_761_074]
      case .mish: [-1.192_431_214_515_495_4]
      case .hardSwish: [-1.5]
      case .relu, .tanh, .sigmoid, .softplus, .clip, .hardSigmoid: []
      }
    let points = [a, b] + stationary.filter { a - 1e-12 <= $0 && $0 <= b + 1e-12 }
    let values = points.map { (value: value($0), error: valueError(at: $0)) }
    let lower = values.map { ErrorBounds.subtractDown($0.value, $0.error) }.min() ?? -.infinity
    let upper = values.map { ErrorBounds.addUp($0.value, $0.error) }.max() ?? .infinity
    guard !values.contains(where: { $0.value.isNaN }) else { return -.infinity ... .infinity }
    switch self {
    case .relu, .absoluteValue: return max(0, lower)...max(0, upper)
    default: return lower...upper
    }
  }
}
