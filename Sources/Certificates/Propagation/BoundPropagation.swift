import LinearAlgebra
import Networks

/// Bounds of a network's values on a region, in real arithmetic, sound in floating point.
///
/// Intervals go through the network node by node; the arguments of activation units are bounded backwards as well (CROWN: Zhang et al., NeurIPS
/// 2018; on graphs, LiRPA: Xu et al., NeurIPS 2020), and the better of the two bounds is kept. The slopes of the lines are free: whatever they
/// are, the bounds hold.
public struct BoundPropagation: Sendable {
  /// Which units' intervals are tightened by backward bounds.
  public enum Tightening: Sendable, Equatable {
    /// None: interval arithmetic, after the first layer on a ball.
    case none
    /// The arguments of activation units on whose intervals the function is not one straight line.
    case curved
    /// The arguments of all activation units.
    case all
  }

  /// What was bounded.
  public var network: LoweredNetwork { prepared.lowered }
  /// The same, prepared for further regions.
  public var prepared: PropagationNetwork { pass.network }
  /// The inputs considered.
  public var region: Region { pass.region }
  /// Intervals for all nodes.
  public private(set) var intervals: NodeIntervals
  private var pass: BackwardPass
  private typealias Lines = [Int: (NodeRelaxation, [Double])]
  private let tightening: Tightening

  /// Propagates a region through a network, which is prepared first.
  public init(
    _ network: LoweredNetwork, region: Region, tightening: Tightening = .curved, slopes: [Int: RelaxationSlopes] = [:],
    advisor: (any SlopeAdvisor)? = nil, isCancelled: () -> Bool = { false }
  ) throws {
    try self.init(
      PropagationNetwork(network), region: region, tightening: tightening, slopes: slopes, advisor: advisor, isCancelled: isCancelled)
  }

  /// Propagates a region through a network.
  ///
  /// - Parameters:
  ///   - network: the network; preparing it once pays when there are many regions.
  ///   - region: the inputs, bounded.
  ///   - tightening: which units are bounded backwards.
  ///   - slopes: for nodes that feed activations, the slopes of the lines in the bounds of their units; those not listed take the lines that
  ///     enclose least.
  ///   - enclosing: bounds of the same prepared network on a region that holds this one; its intervals are taken over, so units that are
  ///     stable there cost nothing here. Others are ignored.
  ///   - advisor: chooses slopes for the units that are still curved after that, row by row.
  ///   - isCancelled: asked on the calling thread, many times a second.
  /// - Throws: ``NotProved`` when the region is unbounded or does not fit, values are not bounded, or when cancelled.
  /// - Complexity: for every tightened unit one or two passes over all coefficients of the layers before it.
  public init(
    _ network: PropagationNetwork, region: Region, tightening: Tightening = .curved, slopes: [Int: RelaxationSlopes] = [:],
    inside enclosing: BoundPropagation? = nil, advisor: (any SlopeAdvisor)? = nil, isCancelled: () -> Bool = { false }
  ) throws {
    self.tightening = tightening
    intervals = try NodeIntervals(input: region, count: network.lowered.inputCount)
    pass = try BackwardPass(network, region: region)
    let enclosing = enclosing.flatMap { region.isContained(in: $0.region) && $0.prepared.isSame(as: network) ? $0 : nil }
    let center = region.center
    var centers = [center]
    for node in network.steps.indices.dropFirst() {
      try Interruptible.check(isCancelled)
      let (sizes, spreads) = try intervals.append(node, of: network)
      if let (lower, upper) = enclosing?.intervals[node] { try intervals.intersect(node, lower: lower, upper: upper) }
      switch network.steps[node] {
      case .input: break
      case .affine(let terms, let bias):
        pass.append(sizes: sizes, spreads: spreads)
        var values = bias
        for (source, map) in terms { map.addProduct(centers[source], to: &values) }
        centers.append(values)
        if case .ball = region, terms.allSatisfy({ $0.source == 0 }) {
          // The box around a ball is much larger than the ball, the norms of the rows are exact and cost nothing.
          try tighten(node, near: values, everyUnit: true, slopes: nil, advisor: nil, isCancelled: isCancelled)
        } else if tightening != .none, network.feedsActivation[node] || network.feedsMaximum[node] {
          // Maxima compare also units that are straight.
          let everyUnit = tightening == .all || network.feedsMaximum[node]
          try tighten(node, near: values, everyUnit: everyUnit, slopes: slopes[node], advisor: advisor, isCancelled: isCancelled)
        }
      case .activation(let source, let units):
        let (lower, upper) = intervals[source]
        pass.append(
          NodeRelaxation(units, lower: lower, upper: upper), source: source, magnitudes: intervals.magnitudes(source))
        centers.append(centers[source].enumerated().map { units.activation(of: $0).value($1) })
      case .maximum(let maxima):
        let (lower, upper) = intervals[maxima.source]
        pass.append(
          NodeRelaxation(maxima, lower: lower, upper: upper), source: maxima.source, magnitudes: intervals.magnitudes(maxima.source))
        centers.append(maxima.greatest(of: centers[maxima.source]))
      case .increment(let increments):
        pass.append(
          NodeRelaxation(increments, node: node, intervals: intervals), source: increments.source,
          magnitudes: intervals.magnitudes(increments.source))
        centers.append(zip(centers[increments.movedValue], centers[increments.baseValue]).map { $0 - $1 })
      }
    }
  }

  // MARK: - Intervals

  /// Bounds the units of an affine node backwards.
  ///
  /// The side on which the centre's value lies away from zero comes first: where it proves that the function is straight, the other is spared.
  private mutating func tighten(
    _ node: Int, near center: [Double], everyUnit: Bool, slopes: RelaxationSlopes?, advisor: (any SlopeAdvisor)?, isCancelled: () -> Bool
  ) throws {
    let shapes = self.shapes(fedBy: node)
    // Increments need δ only where one of z and z + δ may lie on another line than the other.
    let increments = (prepared.increments[node] ?? []).map { $0.sectors(intervals).map(\.isStraight) }
    let lines = try slopes.map { try self.lines(for: [$0], below: node) } ?? [:]
    func isWanted(_ unit: Int) -> Bool {
      let (lower, upper) = (intervals.lower[node][unit], intervals.upper[node][unit])
      return lower < upper
        && (everyUnit || shapes.contains { !$0(unit).isStraight(on: lower...upper) } || increments.contains { !$0[unit] })
    }
    var isLowerFirst = [Bool](repeating: true, count: center.count)
    for i in center.indices { isLowerFirst[i] = center[i] > 0 }
    func improve(_ rows: [BackwardRow], _ lines: @Sendable (ArraySlice<BackwardRow>) throws -> Lines) throws {
      let bounds: [Double] = try self.bounds(of: rows, node, lines: lines, isCancelled: isCancelled)
      var (lower, upper) = intervals[node]
      for (row, bound) in zip(rows, bounds) { if row.sign > 0 { lower[row.unit] = bound } else { upper[row.unit] = -bound } }
      try intervals.intersect(node, lower: lower, upper: upper)
    }
    // Units that read the same part of the input stand together, so that the rows of a block reach few units.
    let places = prepared.firstInputs[node]
    func wanted() -> [Int] { center.indices.filter(isWanted).sorted { (places[$0], $0) < (places[$1], $1) } }
    for turn in 0..<2 {
      let rows = wanted().map { BackwardRow(unit: $0, sign: isLowerFirst[$0] == (turn == 0) ? 1 : -1) }
      try improve(rows) { _ in lines }
    }
    guard let advisor, network.activationNodes.contains(where: { $0 < node }) else { return }
    let state = self
    let rows = wanted().flatMap { [BackwardRow(unit: $0, sign: 1), BackwardRow(unit: $0, sign: -1)] }
    try improve(rows) {
      try state.lines(for: advisor.slopes(for: Array($0), of: node, intervals: state.intervals, region: state.region), below: node)
    }
  }

  private func bounds(
    of rows: [BackwardRow], _ node: Int, lines: @Sendable (ArraySlice<BackwardRow>) throws -> Lines, isCancelled: () -> Bool
  ) throws -> [Double] {
    let size = BackwardPass.width(.max)
    let blocks = (rows.count + size - 1) / size
    var bounds = [Double](repeating: -.infinity, count: rows.count)
    let pass = pass
    try bounds.withUnsafeMutableBufferPointer { bounds in
      guard let bounds = SharedBuffer(bounds) else { return }
      try Interruptible.run(blocks, cost: Double(size) * prepared.cost(upTo: node), isCancelled: isCancelled) { block in
        let range = block * size..<min(rows.count, (block + 1) * size)
        // Slopes that do not fit prove nothing.
        guard let lines = try? lines(rows[range]) else { return }
        for (k, bound) in pass.lowerBounds(node, rows: rows[range], lines: lines).enumerated() { bounds.base[range.lowerBound + k] = bound }
      }
    }
    return bounds
  }

  /// The functions of the units that a node feeds.
  private func shapes(fedBy node: Int) -> [(Int) -> ActivationShape] {
    prepared.steps.compactMap { if case .activation(node, let units) = $0 { units.shapes } else { nil } }
  }

  // MARK: - Linear functions of the outputs

  /// For every row c a lower bound of c · y on the region, y the network's outputs.
  ///
  /// - Parameters:
  ///   - rows: as many columns as the network has outputs.
  ///   - slopes: of the lines: none for those that enclose least, one for all rows, or one for each row.
  ///   - isCancelled: asked on the calling thread, many times a second.
  /// - Throws: ``NotProved`` when rows or slopes do not fit, or when cancelled.
  public func lowerBounds(
    of rows: Matrix<Double>, slopes: [RelaxationSlopes] = [], isCancelled: () -> Bool = { false }
  ) throws -> [Double] {
    guard rows.columns == network.outputCount, NumberRange.holds(rows.elements, limit: NumberRange.largestCoefficient) else {
      throw NotProved("the rows do not fit the network's outputs, or are too large")
    }
    let last = network.nodes.count - 1
    let (lower, upper) = intervals[last]
    var bounds = (0..<rows.rows).map { i in
      rows.row(i).enumerated().reduce(0) { sum, entry in
        let (j, c) = entry
        return ErrorBounds.addDown(sum, min(ErrorBounds.multiplyDown(c, lower[j]), ErrorBounds.multiplyDown(c, upper[j])))
      }
    }
    if tightening == .none { return bounds.map { $0 > -.infinity ? $0 : -.infinity } }
    guard slopes.count <= 1 || slopes.count == rows.rows else { throw NotProved("there must be slopes for every row") }
    let size = BackwardPass.width(.max)
    for first in stride(from: 0, to: rows.rows, by: size) {
      try Interruptible.check(isCancelled)
      let range = first..<min(rows.rows, first + size)
      let lines = try slopes.isEmpty ? [:] : self.lines(for: slopes.count == 1 ? slopes : Array(slopes[range]), below: last)
      for (k, bound) in pass.lowerBounds(last, functions: rows, range: range, lines: lines).enumerated()
      where !(bounds[first + k] >= bound) { bounds[first + k] = bound }
    }
    return bounds
  }

  /// The lines with given slopes, one for all rows of a block or one for each, at the activation nodes before `node`.
  private func lines(for slopes: [RelaxationSlopes], below node: Int) throws -> Lines {
    guard slopes.count <= BackwardPass.width(.max), slopes.allSatisfy({ $0.fits(network) }) else {
      throw NotProved("slopes do not fit the rows or the network's units")
    }
    var result: Lines = [:]
    if slopes.isEmpty { return result }
    for (place, index) in network.activationNodes.enumerated() where index < node {
      guard case .activation(let source, let units) = prepared.steps[index] else { continue }
      guard let base = pass.relaxations[index] else { continue }
      let (lower, upper) = intervals[source]
      let relaxation = base.replacing(
        slopes.map { (lower: $0.lower[place], upper: $0.upper[place]) }, width: BackwardPass.width(slopes.count), units: units,
        lower: lower, upper: upper)
      result[index] = (relaxation, pass.slack(of: relaxation, source: source, magnitudes: intervals.magnitudes(source)))
    }
    return result
  }
}
