import CKernels
import LinearAlgebra
import Networks

/// A network's increments around a point x₀ of a region, in terms of the input's increment and of the units that are not linear there.
///
/// With dx = x − x₀, units numbered in the order of the network, and every unit that is linear on the region replaced by its slope,
///
///     p_i = A_i dx + Σ_{j<i} B_ij h_j + e_i,   h_i = φ_i(y_i + p_i) − φ_i(y_i),   |e_i| ≤ δ_i,
///
/// y_i being the unit's pre-activation at x₀. The computed A and B are exact by definition: what rounding makes of the true coefficients is in
/// δ. Only differences to x₀ occur, so that statements about x₀'s answer need nothing else, and a network with thousands of units becomes a
/// problem with as many as are undecided in the region.
public struct LocalForm: Sendable {
  /// One unit that is not linear on the region.
  public struct Unit: Sendable {
    /// Its node's position among the activation nodes.
    public let position: Int
    /// Its place in the node.
    public let index: Int
    /// φ.
    public let activation: Activation
    /// The values that its pre-activation takes in the region.
    public let interval: ClosedRange<Double>
    /// About y, the pre-activation at x₀.
    public let anchor: Double
    /// |y − anchor| is at most this.
    public let anchorRadius: Double
    /// δ.
    public internal(set) var error: Double
  }

  /// A function of the outputs whose sign is in question: m + a dx + b h + e, |e| ≤ δ.
  public struct Target: Sendable {
    /// A lower bound of m − δ, m the function's value at x₀.
    public let margin: Double
    /// b, one coefficient for each unit.
    public let units: [Double]
  }

  /// The units, in the order of the network.
  public let units: [Unit]
  /// B, strictly lower triangular.
  public let coupling: Matrix<Double>
  /// The targets.
  public let targets: [Target]
  /// The rows A of the units, then a of the targets, each over the input; see ``InputFactor``.
  public let inputRows: Matrix<Double>
  /// The ball's radius r; not a number for other regions.
  public let radius: Double

  /// Reduces a network on the region of bounds.
  ///
  /// - Parameters:
  ///   - network: the prepared network.
  ///   - center: x₀, in the region.
  ///   - region: the inputs considered.
  ///   - intervals: of all nodes on the region.
  ///   - rows: over the outputs, one for each target.
  ///   - unitLimit: more units than this are not treated.
  ///   - isCancelled: asked on the calling thread, many times a second; a cancelled reduction throws.
  /// - Throws: ``NotProved``.
  /// - Complexity: for every 32 units and targets a pass backwards.
  public init(
    _ network: IncrementNetwork, center: [Double], region: Region, intervals: NodeIntervals, rows: Matrix<Double>,
    unitLimit: Int = 1000, isCancelled: () -> Bool = { false }
  ) throws {
    let lowered = network.lowered
    guard region.fits(inputCount: lowered.inputCount), center.count == lowered.inputCount, rows.columns == lowered.outputCount,
      NumberRange.holds(rows.elements, limit: NumberRange.largestCoefficient), region.contains(center)
    else { throw NotProved("the point or the targets do not fit the network and the region") }
    let centre = try CentreEnclosure(lowered, input: center)
    var units: [Unit] = []
    var slopes = [[Double]](repeating: [], count: lowered.nodes.count)
    var chosen = [[Int]](repeating: [], count: lowered.nodes.count)
    var position = 0
    for (index, node) in lowered.nodes.enumerated() {
      guard case .activation(let source, let kind) = node.kind else { continue }
      let (lower, upper) = intervals[source]
      slopes[index] = Array(repeating: 0, count: node.count)
      chosen[index] = Array(repeating: -1, count: node.count)
      for i in 0..<node.count {
        let activation = kind.activation(of: i)
        let sector = activation.sector(on: lower[i]...upper[i])
        if sector.isPoint && activation.isPiecewiseLinear {
          slopes[index][i] = sector.lower
        } else {
          chosen[index][i] = units.count
          units.append(
            Unit(
              position: position, index: i, activation: activation, interval: lower[i]...upper[i], anchor: centre.midpoints[source][i],
              anchorRadius: centre.radii[source][i], error: 0))
        }
      }
      position += 1
    }
    guard units.count <= unitLimit else { throw NotProved("\(units.count) units are not linear in the region: too many") }
    let reach = lowered.nodes.indices.map { node in
      intervals.lower[node].indices.map { i in
        let (mid, radius) = (centre.midpoints[node][i], centre.radii[node][i])
        let (up, down) = (ErrorBounds.subtractUp(intervals.upper[node][i], mid), ErrorBounds.subtractUp(mid, intervals.lower[node][i]))
        return ErrorBounds.addUp(max(0, max(up, down)), radius)
      }
    }
    let roundings = network.roundings(reach: reach, slopes: slopes)
    let (width, count) = (Int(LIPCERT_COMBINED), units.count)
    var inputRows = Matrix<Double>(rows: count + rows.rows, columns: lowered.inputCount)
    var coupling = Matrix<Double>(rows: count, columns: count)
    var targets: [Target] = []

    /// The rows of consecutive seeds over one node; `body` gets each.
    func pullBack(_ seeds: [[(unit: Int, coefficient: Double)]], from node: Int, firstRow: Int, body: (Int, [Double], Double) -> Void)
      throws
    {
      for first in stride(from: 0, to: seeds.count, by: width) {
        try Interruptible.check(isCancelled)
        let batch = Array(seeds[first..<min(first + width, seeds.count)])
        let result = try network.pullBack(
          batch, from: node, slopes: slopes, chosen: chosen, chosenCount: count, roundings: roundings)
        for lane in batch.indices {
          let row = firstRow + first + lane
          for j in 0..<lowered.inputCount { inputRows[row, j] = result.input[lane, j] }
          body(first + lane, result.units.row(lane), result.errors[lane])
        }
      }
    }
    var first = 0
    for index in lowered.activationNodes {
      guard case .activation(let source, _) = lowered.nodes[index].kind else { continue }
      let own = chosen[index].indices.filter { chosen[index][$0] >= 0 }
      let start = first
      try pullBack(own.map { [(unit: $0, coefficient: 1)] }, from: source, firstRow: first) { k, row, error in
        for j in 0..<count { coupling[start + k, j] = row[j] }
        units[start + k].error = error
      }
      first += own.count
    }
    let output = lowered.nodes.count - 1
    let seeds = (0..<rows.rows).map { i in
      rows.row(i).enumerated().filter { $0.element != 0 }.map { (unit: $0.offset, coefficient: $0.element) }
    }
    let margins = centre.lowerBounds(of: rows)
    try pullBack(seeds, from: output, firstRow: count) { k, row, error in
      targets.append(Target(margin: ErrorBounds.subtractDown(margins[k], error), units: row))
    }
    self.units = units
    self.coupling = coupling
    self.targets = targets
    self.inputRows = inputRows
    if case .ball(_, let radius) = region { self.radius = radius } else { radius = .nan }
  }
}

extension Region {
  /// Whether a point lies in it, decided on the safe side.
  func contains(_ point: [Double]) -> Bool {
    switch self {
    case .global: return true
    case .ball(let center, _): return center == point
    case .box(let lower, let upper): return point.indices.allSatisfy { lower[$0] <= point[$0] && point[$0] <= upper[$0] }
    }
  }
}

extension CentreEnclosure {
  /// Encloses the values of all nodes of a network at an input.
  ///
  /// - Throws: ``NotProved`` when a bias is not exact or a value not finite.
  init(_ network: LoweredNetwork, input: [Double]) throws {
    try FloatingPointEnvironment.requireStandard()
    self.init(input: input)
    for node in network.nodes {
      switch node.kind {
      case .input: break
      case .affine(let terms, let bias):
        try network.requireExactBias(bias, count: node.count)
        append(
          terms: terms.map { ($0.source, RowwiseMap($0.map, count: network.nodes[$0.source].count)) }, bias: bias, count: node.count)
      case .activation(let source, let units): append(source: source, units: units)
      }
    }
    guard midpoints.allSatisfy({ NumberRange.holds($0, limit: NumberRange.largestGain) }),
      radii.allSatisfy({ NumberRange.holds($0, limit: NumberRange.largestGain) })
    else { throw NotProved("the values at the point are not finite") }
  }

  /// For every row c a lower bound of c · y, y the outputs at the input.
  func lowerBounds(of rows: Matrix<Double>) -> [Double] {
    guard let mid = midpoints.last, let radius = radii.last else { return [] }
    return (0..<rows.rows).map { i in
      rows.row(i).enumerated().reduce(0) { sum, entry in
        let (j, c) = entry
        if c == 0 { return sum }
        let error = ErrorBounds.multiplyUp(c.magnitude, radius[j])
        return ErrorBounds.subtractDown(ErrorBounds.addDown(sum, ErrorBounds.multiplyDown(c, mid[j])), error)
      }
    }
  }
}
