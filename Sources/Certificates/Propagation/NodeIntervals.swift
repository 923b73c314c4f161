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
  /// - Throws: ``NotProved`` when the region is unbounded or does not fit, or the values are.
  public init(arithmetic network: PropagationNetwork, region: Region) throws {
    try self.init(input: region, count: network.lowered.inputCount)
    for node in network.steps.indices.dropFirst() { _ = try append(node, of: network) }
  }

  /// The intervals of the input alone.
  init(input region: Region, count: Int) throws {
    try FloatingPointEnvironment.requireStandard()
    guard region.fits(inputCount: count), let (lower, upper) = region.coordinateBounds else {
      throw NotProved("the region does not fit the network's input, or has no bounds")
    }
    (self.lower, self.upper) = ([lower], [upper])
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

  /// Appends the next node by interval arithmetic.
  ///
  /// - Returns: for an affine node Σ |A| X + |b| and Σ R X, X the magnitudes of the sources and R the radii of the coefficients; else nothing.
  mutating func append(_ node: Int, of network: PropagationNetwork) throws -> (sizes: [Double], spreads: [Double]) {
    var result: (sizes: [Double], spreads: [Double]) = ([], [])
    switch network.steps[node] {
    case .input: throw NotProved("a second input")
    case .affine(let terms, let bias): result = appendAffine(terms, bias: bias)
    case .activation(let source, let units):
      let images = lower[source].indices.map { units.activation(of: $0).image(of: lower[source][$0]...upper[source][$0]) }
      lower.append(images.map(\.lowerBound))
      upper.append(images.map(\.upperBound))
    case .maximum(let maxima):
      lower.append(maxima.greatest(of: lower[maxima.source]))
      upper.append(maxima.greatest(of: upper[maxima.source]))
    case .increment(let increments):
      let images = increments.images(self)
      lower.append(images.map(\.lower))
      upper.append(images.map(\.upper))
    }
    let limit = NumberRange.largestGain
    guard zip(lower[node], upper[node]).allSatisfy({ $0 <= $1 && $0 >= -limit && $1 <= limit }) else {
      throw NotProved("at '\(network.lowered.nodes[node].name)': the values are not bounded")
    }
    return result
  }

  /// Appends Σ A h + b: the midpoint's value, the radii through |A|, and γ (|A| (|mid| + r) + |b|) for the rounding.
  private mutating func appendAffine(_ terms: [(source: Int, map: PropagationMap)], bias: [Double]) -> (sizes: [Double], spreads: [Double])
  {
    let zeros = [Double](repeating: 0, count: bias.count)
    var (mid, size, reach, spread) = (bias, bias.map(\.magnitude), zeros, zeros)
    for (source, map) in terms {
      let middle = zip(lower[source], upper[source]).map { 0.5 * $0 + 0.5 * $1 }
      // Half the width, and what the midpoint's own rounding moves it by.
      let radius = zip(lower[source], zip(upper[source], middle)).map {
        max(ErrorBounds.subtractUp($1.0, $1.1), ErrorBounds.subtractUp($1.1, $0))
      }
      map.addProduct(middle, to: &mid)
      map.addMagnitudeProduct(middle.map(\.magnitude), to: &size)
      map.addMagnitudeProduct(radius, to: &reach)
      map.addRadiusProduct(zip(middle, radius).map { $0.magnitude + $1 }, to: &spread)
    }
    let gamma = ErrorBounds.gamma(terms.reduce(0) { $0 + $1.map.rowTermCount } + terms.count + 2)
    var (lower, upper) = (zeros, zeros)
    for i in bias.indices {
      // The sums of non-negative terms may be too small by the same γ; products below 2⁻¹⁰⁷⁴ are lost.
      let radius = ((gamma * size[i] + reach[i] + spread[i]) * (1 + 4 * gamma) + 0x1p-700).nextUp
      lower[i] = ErrorBounds.subtractDown(mid[i], radius)
      upper[i] = ErrorBounds.addUp(mid[i], radius)
      size[i] += reach[i]
    }
    self.lower.append(lower)
    self.upper.append(upper)
    return (size, spread)
  }
}

extension LoweredNetwork {
  /// Biases must fit. They are the real ones: the lowering rounds none.
  func requireExactBias(_ bias: [Double]?, count: Int) throws {
    guard let bias else { return }
    guard bias.count == count, NumberRange.holds(bias, limit: NumberRange.largestCoefficient) else {
      throw NotProved("the bias does not fit or is too large")
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
    guard values.allSatisfy({ $0.value.isFinite && $0.error.isFinite }) else { return -.infinity ... .infinity }
    switch self {
    case .relu, .absoluteValue: return max(0, lower)...max(0, upper)
    default: return lower...upper
    }
  }
}
