import LinearAlgebra
import Networks

/// Intervals that hold the values of a network's nodes at one input, in real arithmetic: mid ± radius.
///
/// Sums carry the a-priori bound γ Σ|products| of their rounding, activation functions the bound of ``Activation/valueError(at:)``.
struct CentreEnclosure {
  /// The midpoints of every node so far.
  private(set) var midpoints: [[Double]]
  /// The radii of every node so far.
  private(set) var radii: [[Double]]

  /// The input itself, exactly.
  init(input: [Double]) {
    midpoints = [input]
    radii = [[Double](repeating: 0, count: input.count)]
  }

  /// Appends z = Σ A h + b.
  mutating func append(terms: [(source: Int, map: RowwiseMap)], bias: [Double]?, count: Int) {
    var mid = bias ?? [Double](repeating: 0, count: count)
    var absolute = mid.map(\.magnitude)
    var spread = [Double](repeating: 0, count: count)
    for (source, map) in terms {
      let (x, r) = (midpoints[source], radii[source])
      let magnitudes = x.map(\.magnitude)
      func add(_ values: [Double], to sums: inout [Double]) { for (i, value) in values.enumerated() { sums[i] += value } }
      add(map.product(x), to: &mid)
      add(map.magnitudeProduct(magnitudes), to: &absolute)
      add(map.magnitudeProduct(r), to: &spread)
      if map.isUncertain { add(map.radiusProduct(zip(magnitudes, r).map { $0 + $1 }), to: &spread) }
    }
    let gamma = ErrorBounds.gamma(terms.reduce(0) { $0 + $1.map.termCount } + terms.count + 2)
    midpoints.append(mid)
    // The bounds are sums of fewer than 2²² non-negative terms each; products below 2⁻¹⁰⁷⁴ are lost.
    radii.append(zip(absolute, spread).map { ((gamma * $0 + $1) * (1 + 0x1p-20) + 0x1p-1000).nextUp })
  }

  /// Appends h = φ(z).
  mutating func append(source: Int, units: LoweredNetwork.Units) {
    let (mid, radius) = (midpoints[source], radii[source])
    midpoints.append(mid.enumerated().map { units.activation(of: $0).value($1) })
    radii.append(
      mid.indices.map { i in
        let activation = units.activation(of: i)
        let sector = activation.globalSector
        let spread = ErrorBounds.multiplyUp(max(sector.lower.magnitude, sector.upper.magnitude), radius[i])
        return ErrorBounds.addUp(spread, activation.valueError(at: mid[i]))
      })
  }

  /// Intervals around a node's values at the centre that hold all values within `reach` of them.
  ///
  /// - Throws: ``NotProved`` when an end is not finite.
  func intervals(_ node: Int, reach: [Double]) throws -> [ClosedRange<Double>] {
    try midpoints[node].indices.map { i in
      let (mid, radius) = (midpoints[node][i], ErrorBounds.addUp(radii[node][i], reach[i]))
      let (lower, upper) = (ErrorBounds.subtractDown(mid, radius), ErrorBounds.addUp(mid, radius))
      guard lower.isFinite, upper.isFinite, lower <= upper else { throw NotProved("the values at the centre are not finite") }
      return lower...upper
    }
  }
}

extension Activation {
  /// A bound on |computed φ(x) − φ(x)|.
  ///
  /// Selections are exact. The others are a few operations on elementary functions, which the C library computes to within a few units in the
  /// last place; their condition numbers matter only where the value is far below 1. 2⁻⁴⁵ (1 + |x|) (1 + |parameters|) is hundreds of times
  /// what that comes to.
  func valueError(at x: Double) -> Double {
    switch self {
    case .relu, .absoluteValue, .clip: 0
    default: (0x1p-45 * (1 + x.magnitude) * (1 + parameters.reduce(0) { $0 + $1.magnitude })).nextUp
    }
  }
}
