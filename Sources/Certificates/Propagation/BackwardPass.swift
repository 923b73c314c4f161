import CKernels
import LinearAlgebra
import Networks

/// Lower bounds of linear functions of one node's values, found by going back to the input line by line.
///
/// A function a · h of a node is bounded below by functions of earlier nodes: through an affine node it is (aA) · h + a · b exactly, through
/// activation units every hᵢ is replaced by its lower line where aᵢ ≥ 0 and by its upper one where aᵢ < 0. At the input it is linear, and its
/// least value on a ball is c · a − r |a|₂.
///
/// Coefficients are computed in floating point and are wrong by little. That does no harm: with any computed coefficients ã of a node whose
/// values have the magnitudes X, |a · h − ã · h| ≤ |a − ã| · X, and for the sum of products ã that is at most γ Σᵢ |aᵢ| (|A| X)ᵢ. So each node
/// has a vector of slacks that does not depend on the rows, and each row pays one dot product |a| · slack.
struct BackwardPass: Sendable {
  /// The network.
  let network: PropagationNetwork
  /// The inputs.
  let region: Region
  /// The lines of the activation units and maxima so far; empty for other nodes.
  var relaxations: [NodeRelaxation?] = []
  /// What a coefficient of 1 costs at each unit of each node so far.
  private(set) var slacks: [[Double]] = []
  /// γ for sums over all units of the network.
  private let totalGamma: Double
  /// In every slack: more than its own computation loses by underflow, 2⁻¹⁰⁷⁴ for each of fewer than 2⁵⁰ terms. Coefficients of steep lines
  /// may be as large as 2¹⁰²³, so the constant that is taken off in the end does not cover that.
  private static let underflow = 0x1p-900
  private let magnitudes: [Double]

  /// A pass that knows the input only.
  init(_ network: PropagationNetwork, region: Region) throws {
    let total = network.lowered.nodes.reduce(0) { $0 + $1.count }
    guard total < NumberRange.largestOrder, let (lower, upper) = region.coordinateBounds else {
      throw NotProved("the network has too many units, or the region no bounds")
    }
    self.network = network
    self.region = region
    totalGamma = ErrorBounds.gamma(2 * total + 64)
    magnitudes = zip(lower, upper).map { max($0.magnitude, $1.magnitude) }
    relaxations.append(nil)
    slacks.append(magnitudes.map { 2 * totalGamma * $0 + Self.underflow })
  }

  /// Adds an affine node with the sums |A| X + |b| and R X.
  mutating func append(sizes: [Double], spreads: [Double]) {
    let node = slacks.count
    var gamma = totalGamma
    if case .affine(let terms, _) = network.steps[node] {
      for (source, _) in terms { gamma = max(gamma, ErrorBounds.gamma(network.termCounts[source] + 8)) }
    }
    relaxations.append(nil)
    slacks.append(zip(sizes, spreads).map { (gamma * $0 + $1) * (1 + 0x1p-20) + Self.underflow })
  }

  /// Adds a node of activation units, maxima or increments with their lines, whose arguments have the magnitudes given.
  mutating func append(_ relaxation: NodeRelaxation, source: Int, magnitudes: [Double]) {
    slacks.append(slack(of: relaxation, source: source, magnitudes: magnitudes))
    relaxations.append(relaxation)
  }

  /// The slacks of a node of activation units or maxima.
  func slack(of relaxation: NodeRelaxation, source: Int, magnitudes: [Double]) -> [Double] {
    let gamma = max(totalGamma, ErrorBounds.gamma(network.termCounts[source] + 8))
    return (0..<(relaxation.units?.lower.count ?? magnitudes.count)).map { i in
      let x = relaxation.units.map { max(magnitudes[$0.lower[i]], magnitudes[$0.upper[i]]) } ?? magnitudes[i]
      let (slope, intercept) = relaxation.magnitudes(i)
      return gamma * (slope * x + intercept) * (1 + 0x1p-20) + Self.underflow
    }
  }

  // MARK: - Blocks of rows

  /// The rows in a block for `count` rows.
  static func width(_ count: Int) -> Int { count > Int(LIPCERT_ROW_BLOCK) / 2 ? Int(LIPCERT_ROW_BLOCK) : Int(LIPCERT_ROW_BLOCK) / 2 }

  /// Lower bounds of ± the values of some units of an affine node.
  ///
  /// - Parameters:
  ///   - node: an affine node.
  ///   - rows: at most 32 units with their signs; units that read the same part of the input belong together.
  ///   - lines: other lines than ``relaxations`` for some nodes, with their slacks.
  func lowerBounds(_ node: Int, rows: ArraySlice<BackwardRow>, lines: [Int: (NodeRelaxation, [Double])] = [:]) -> [Double] {
    guard case .affine(let terms, let bias) = network.steps[node] else { return rows.map { _ in -.infinity } }
    return network.withRowBlock { block in
      block.begin(width: Self.width(rows.count))
      for (lane, row) in rows.enumerated() {
        for (source, map) in terms { map.addRow(row.unit, sign: row.sign, lane: lane, width: block.width, to: block[source]) }
        block.sums[lane] = row.sign * bias[row.unit]
        block.slacks[lane] = slacks[node][row.unit]
      }
      run(block, from: node - 1, lines: lines)
      return (0..<rows.count).map { block.sums[$0] }
    }
  }

  /// Lower bounds of some linear functions of a node's values.
  ///
  /// - Parameters:
  ///   - node: any node.
  ///   - functions: rows, of which at most 32 in `range` are taken.
  ///   - lines: other lines than ``relaxations`` for some nodes, with their slacks.
  func lowerBounds(
    _ node: Int, functions: Matrix<Double>, range: Range<Int>, lines: [Int: (NodeRelaxation, [Double])] = [:]
  ) -> [Double] {
    network.withRowBlock { block in
      block.begin(width: Self.width(range.count))
      let first = block[node]
      first.touchAll()
      for (lane, row) in range.enumerated() {
        for j in 0..<functions.columns { first.values[j * block.width + lane] = functions[row, j] }
      }
      run(block, from: node, lines: lines)
      return (0..<range.count).map { block.sums[$0] }
    }
  }

  /// Goes back from a node and leaves the bounds in the block's sums.
  private func run(_ block: RowBlock, from last: Int, lines: [Int: (NodeRelaxation, [Double])]) {
    let width = block.width
    for node in stride(from: last, through: 1, by: -1) {
      block.withActive(node) { active, c in
        switch network.steps[node] {
        case .input: break
        case .affine(let terms, let bias):
          lipcert_rows_relax(
            width, active.count, active.baseAddress, 0, nil, nil, c, bias, bias, bias, bias, slacks[node], nil, block.sums, block.slacks)
          for (source, map) in terms { map.addPulledBack(c, width: width, active: active, to: block[source]) }
        case .activation(let source, _): relax(node, active, c, lines: lines, to: block[source], block)
        case .maximum(let maxima): relax(node, active, c, lines: [:], to: block[maxima.source], block)
        case .increment(let increments): relax(node, active, c, lines: [:], to: block[increments.source], block)
        }
      }
    }
    concretise(block)
  }

  /// Replaces units or maxima by their lines.
  private func relax(
    _ node: Int, _ active: UnsafeBufferPointer<Int>, _ c: UnsafePointer<Double>, lines: [Int: (NodeRelaxation, [Double])],
    to target: CoefficientRows, _ block: RowBlock
  ) {
    guard let (relaxation, slack) = lines[node] ?? relaxations[node].map({ ($0, slacks[node]) }),
      relaxation.stride == 0 || relaxation.stride == block.width
    else {
      block.slacks.update(repeating: .infinity, count: block.width)
      return
    }
    func run(_ lowerUnits: [Int]?, _ upperUnits: [Int]?) {
      lipcert_rows_relax(
        block.width, active.count, active.baseAddress, relaxation.stride, lowerUnits, upperUnits, c, relaxation.lowerSlopes,
        relaxation.lowerIntercepts, relaxation.upperSlopes, relaxation.upperIntercepts, slack, target.values, block.sums, block.slacks)
    }
    if let (lower, upper) = relaxation.units {
      for unit in active {
        target.touch(lower[unit])
        target.touch(upper[unit])
      }
      run(lower, upper)
    } else {
      target.touch(active)
      run(nil, nil)
    }
  }

  /// Takes the least values over the region and subtracts all slacks; not a number becomes −∞.
  ///
  /// So does +∞: it is a sum that overflowed, from which what came later took nothing off.
  private func concretise(_ block: RowBlock) {
    var squares = [Double](repeating: 0, count: block.width)
    var radius = 0.0
    block.withActive(0) { active, a in
      switch region {
      case .global: break
      case .ball(let center, let r):
        lipcert_rows_norms(
          block.width, active.count, active.baseAddress, a, center, slacks[0], block.sums, &squares, block.slacks)
        radius = r
      case .box(let lower, let upper):
        lipcert_rows_relax(
          block.width, active.count, active.baseAddress, 0, nil, nil, a, lower, lower, upper, upper, slacks[0], nil, block.sums,
          block.slacks)
      }
    }
    for lane in 0..<block.width {
      // Squares below 2⁻¹⁰⁷⁴ are lost.
      let norm = (squares[lane].squareRoot() * (1 + totalGamma) + 0x1p-500).nextUp
      let slack = (block.slacks[lane] * (1 + 0x1p-20) + 0x1p-600).nextUp
      var bound = ErrorBounds.subtractDown(block.sums[lane], slack)
      if radius > 0 { bound = ErrorBounds.subtractDown(bound, ErrorBounds.multiplyUp(radius, norm)) }
      block.sums[lane] = block.sums[lane].isFinite && bound > -.infinity ? bound : -.infinity
    }
  }
}
