import CKernels
import LinearAlgebra
import Networks

/// A network prepared for reductions around points: its maps as explicit entries, checked once, used for any number of regions.
public struct IncrementNetwork: Sendable {
  enum Step: Sendable {
    case input
    case affine([(source: Int, map: CertifiedMap)])
    case activation(source: Int, units: LoweredNetwork.Units)
  }

  /// The network.
  public let lowered: LoweredNetwork
  let steps: [Step]
  /// γ(k), k at least the number of roundings of any coefficient's way from one node to the one before.
  let gamma: Double

  /// Prepares a network.
  ///
  /// - Throws: ``NotProved`` when the network breaks the normal form, or a coefficient is too large.
  /// - Complexity: a pass over all coefficients, twice their memory.
  public init(_ network: LoweredNetwork) throws {
    try network.requireNormalForm()
    lowered = network
    var (terms, readers) = (1, 0)
    steps = try network.nodes.map { node in
      switch node.kind {
      case .input: return .input
      case .affine(let own, let bias):
        try network.requireExactBias(bias, count: node.count)
        let maps = own.map { (source: $0.source, map: CertifiedMap($0.map, count: network.nodes[$0.source].count)) }
        guard maps.allSatisfy(\.map.isInRange) else { throw NotProved("at '\(node.name)': a coefficient is too large or not a number") }
        terms = maps.reduce(terms) { max($0, $1.map.termCount) }
        readers += maps.count
        return .affine(maps)
      case .activation(let source, let units):
        readers += 1
        return .activation(source: source, units: units)
      }
    }
    // A coefficient gets one sum of products from each term that reads it, each added once.
    gamma = ErrorBounds.gamma(terms + readers + 8)
  }

  /// Rows of coefficients over the input and over chosen units.
  struct Rows {
    /// Over the input.
    var input: Matrix<Double>
    /// Over the chosen units.
    var units: Matrix<Double>
    /// For each row, how far the increment may be from what the coefficients give.
    var errors: [Double]
  }

  /// The linear functions that rows over a node's increment are of the increments of the input and of chosen units.
  ///
  /// Going backwards, an affine node gives way to its sources, a linear unit to its pre-activation times its slope, and the chosen units stay.
  /// With computed coefficients c̃ = c + e of dz, |e| ≤ γ |c|′|A|, the value is off by |e′dz| ≤ |c|′ γ |A| |dz|: one product with a vector
  /// known for the whole region.
  ///
  /// - Parameters:
  ///   - seeds: rows over the node, at most `LIPCERT_COMBINED`.
  ///   - slopes: for every activation node the slope of its linear units.
  ///   - chosen: for every activation node the numbers of its chosen units, −1 for the others.
  ///   - roundings: from ``roundings(reach:slopes:)``.
  func pullBack(
    _ seeds: [[(unit: Int, coefficient: Double)]], from node: Int, slopes: [[Double]], chosen: [[Int]], chosenCount: Int,
    roundings: [[Double]]
  ) throws -> Rows {
    let width = Int(LIPCERT_COMBINED)
    precondition(seeds.count <= width, "too many rows at once")
    var rows = Rows(
      input: Matrix(rows: seeds.count, columns: lowered.inputCount), units: Matrix(rows: seeds.count, columns: chosenCount),
      errors: Array(repeating: 0, count: seeds.count))
    var live: [Int: [Double]] = [node: Array(repeating: 0, count: lowered.nodes[node].count * width)]
    for (lane, seed) in seeds.enumerated() { for (unit, coefficient) in seed { live[node]?[unit * width + lane] += coefficient } }
    for index in stride(from: node, through: 0, by: -1) {
      guard let own = live.removeValue(forKey: index) else { continue }
      let count = lowered.nodes[index].count
      for (j, rounding) in roundings[index].enumerated() where rounding > 0 {
        for lane in rows.errors.indices { rows.errors[lane] += own[j &* width &+ lane].magnitude * rounding }
      }
      switch steps[index] {
      case .input:
        for lane in rows.errors.indices { for j in 0..<count { rows.input[lane, j] = own[j &* width &+ lane] } }
      case .affine(let terms):
        var columns: [Double] = []
        if terms.contains(where: { !$0.map.wantsPackedColumns }) {
          columns = [Double](repeating: 0, count: count * seeds.count)
          for j in 0..<count { for lane in seeds.indices { columns[lane &* count &+ j] = own[j &* width &+ lane] } }
        }
        for (source, map) in terms {
          var target = live.removeValue(forKey: source) ?? Array(repeating: 0, count: map.inputCount * width)
          Self.add(map, own, columns: columns, lanes: seeds.count, to: &target)
          live[source] = target
        }
      case .activation(let source, _):
        var target = live.removeValue(forKey: source) ?? Array(repeating: 0, count: count * width)
        for j in 0..<count {
          if chosen[index][j] >= 0 {
            for lane in rows.errors.indices { rows.units[lane, chosen[index][j]] = own[j &* width &+ lane] }
          } else if slopes[index][j] != 0 {
            let slope = slopes[index][j]
            for lane in rows.errors.indices { target[j &* width &+ lane] += slope * own[j &* width &+ lane] }
          }
        }
        live[source] = target
      }
    }
    // A product that underflows is off by 2⁻¹⁰⁷⁵, times an increment below 2³⁰², for fewer than 2⁶⁴ products.
    rows.errors = rows.errors.map { ($0 * (1 + 0x1p-20) + 0x1p-700).nextUp }
    guard rows.errors.allSatisfy({ $0 < .infinity }), rows.input.isFinite, rows.units.isFinite else {
      throw NotProved("the coefficients of an increment are not finite")
    }
    return rows
  }

  private static func add(_ map: CertifiedMap, _ packed: [Double], columns: [Double], lanes: Int, to target: inout [Double]) {
    let width = Int(LIPCERT_COMBINED)
    packed.withUnsafeBufferPointer { packed in
      columns.withUnsafeBufferPointer { columns in
        target.withUnsafeMutableBufferPointer { target in
          guard let packed = packed.baseAddress, let target = target.baseAddress else { return }
          map.adjointProduct(
            rows: 0..<map.inputCount,
            .init(count: lanes, separate: columns.baseAddress ?? packed, stride: map.outputCount, packed: packed), to: target,
            stride: width,
            accumulating: true)
        }
      }
    }
  }

  /// For every node, by how much rounding can move a row with the coefficient 1 there when the node gives way to those before it.
  ///
  /// - Parameters:
  ///   - reach: bounds on the magnitudes of all increments.
  ///   - slopes: for every activation node the slope of its linear units.
  func roundings(reach: [[Double]], slopes: [[Double]]) -> [[Double]] {
    steps.indices.map { index in
      switch steps[index] {
      case .input: return []
      case .affine(let terms):
        var sums = [Double](repeating: 0, count: lowered.nodes[index].count)
        for (source, map) in terms {
          for (i, value) in map.magnitudeProduct(reach[source]).enumerated() { sums[i] += gamma * value }
          guard map.isUncertain else { continue }
          for (i, value) in map.magnitudeProduct(reach[source], radii: true).enumerated() { sums[i] += value }
        }
        // Sums of fewer than 2²² non-negative terms each.
        return sums.map { $0 * (1 + 0x1p-20) }
      case .activation(let source, _): return zip(slopes[index], reach[source]).map { gamma * $0.magnitude * $1 }
      }
    }
  }
}
