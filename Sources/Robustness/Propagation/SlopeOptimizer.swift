import Certificates
import LinearAlgebra
import Networks

/// Finds slopes of relaxations that raise lower bounds: projected gradient ascent (α-CROWN, Xu et al., ICLR 2021), every row for itself.
///
/// A bound is a chain of lines chosen by the signs of coefficients. Let x* be the input where it is attained and p the values that the chosen
/// lines give a node's arguments there. Then the derivative of the bound by the slope of a line that touches its function at c is a (p − c),
/// a the coefficient of the unit, for the line that was chosen, and 0 for the other. One sweep back gives the coefficients, one forwards the
/// values.
///
/// Everything is in single precision and nothing is trusted: bounds are proved by `BoundPropagation` with the slopes found.
public struct SlopeOptimizer: SlopeAdvisor {
  private enum Step: Sendable {
    case input
    case affine(terms: [(source: Int, map: (any LinearMap<Float>)?)], bias: [Float])
    case activation(source: Int, units: LoweredNetwork.Units)
  }

  /// How many steps are taken.
  public var iterations = 24
  /// The length of the first step, as a share of the range of a slope; it shrinks by ``decay`` with each step.
  public var stepLength: Float = 0.3
  /// What a step's length is multiplied by after each step.
  public var decay: Float = 0.94

  private let network: LoweredNetwork
  private let steps: [Step]

  /// Prepares a network: its maps are rounded to single precision.
  public init(_ network: LoweredNetwork) {
    self.network = network
    steps = network.nodes.map { node in
      switch node.kind {
      case .input: .input
      case .affine(let terms, let bias):
        .affine(
          terms: terms.map { ($0.source, $0.map?.converted(to: Float.self).fastest()) },
          bias: bias?.map { Float($0) } ?? [Float](repeating: 0, count: node.count))
      case .activation(let source, let units): .activation(source: source, units: units)
      }
    }
  }

  /// Slopes for lower bounds of some functions of a node's values.
  ///
  /// - Parameters:
  ///   - functions: rows over the node's values.
  ///   - node: any node.
  ///   - intervals: bounds of all nodes before it.
  ///   - region: the inputs.
  ///   - start: slopes to begin with, one for each row, or none for those that enclose least.
  ///   - goal: a row whose bound exceeds this is good enough.
  ///   - mustStop: asked before each step.
  /// - Returns: the best slopes met, one for each row.
  public func slopes(
    for functions: Matrix<Float>, of node: Int, intervals: NodeIntervals, region: Region, start: [RelaxationSlopes] = [],
    goal: Double = .infinity, mustStop: () -> Bool = { false }
  ) -> [RelaxationSlopes] {
    var ascent = Ascent(steps: steps, network: network, functions: functions, node: node, intervals: intervals, start: start)
    var length = stepLength
    for iteration in 0..<iterations {
      if mustStop() { break }
      let bounds = ascent.evaluate(region)
      ascent.keepBest(bounds)
      if iteration == iterations - 1 || ascent.best.allSatisfy({ Double($0) > goal }) { break }
      ascent.step(length, iteration: iteration)
      length *= decay
    }
    return ascent.bestSlopes(for: network)
  }

  /// Slopes for the bounds of intermediate units.
  public func slopes(for rows: [BackwardRow], of node: Int, intervals: NodeIntervals, region: Region) -> [RelaxationSlopes] {
    var functions = Matrix<Float>(rows: rows.count, columns: network.nodes[node].count)
    for (i, row) in rows.enumerated() { functions[i, row.unit] = Float(row.sign) }
    return slopes(for: functions, of: node, intervals: intervals, region: region)
  }

  // MARK: - Ascent

  /// The slopes of one activation node for all rows.
  private struct Lines {
    let source: Int
    let units: LoweredNetwork.Units
    /// The intervals of the arguments.
    let lower: [Float]
    let upper: [Float]
    /// Units whose function is not one line.
    let curved: [Int]
    /// Whether only the lower slopes are free.
    let isReLU: Bool
    /// Rows × units.
    var lowerSlopes: [Float]
    var lowerIntercepts: [Float]
    var lowerContacts: [Float]
    var upperSlopes: [Float]
    var upperIntercepts: [Float]
    var upperContacts: [Float]
    /// Rows × curved units: the means of Adam.
    var lowerMean: [Float]
    var lowerSquare: [Float]
    var upperMean: [Float]
    var upperSquare: [Float]
    /// Rows × units.
    var bestLower: [Float]
    var bestUpper: [Float]
  }

  private struct Ascent {
    let steps: [Step]
    let node: Int
    let functions: Matrix<Float>
    let rows: Int
    var lines: [Int: Lines] = [:]
    var best: [Float]
    /// At activation nodes, of the last evaluation.
    var coefficients: [Int: Matrix<Float>] = [:]
    var values: [Int: Matrix<Float>] = [:]

    init(
      steps: [Step], network: LoweredNetwork, functions: Matrix<Float>, node: Int, intervals: NodeIntervals, start: [RelaxationSlopes]
    ) {
      self.steps = steps
      self.node = node
      self.functions = functions
      rows = functions.rows
      best = [Float](repeating: -.infinity, count: rows)
      for (place, index) in network.activationNodes.enumerated() where index < node {
        guard case .activation(let source, let units) = steps[index] else { continue }
        let (lower, upper) = intervals[source]
        let count = lower.count
        var relaxations: [Certificates.UnitRelaxation] = []
        relaxations.reserveCapacity(count)
        var isReLU = false
        if case .uniform(.relu) = units { isReLU = true }
        for i in 0..<count { relaxations.append(Certificates.UnitRelaxation(units.activation(of: i), on: lower[i]...upper[i])) }
        let curved = (0..<count).filter { Certificates.UnitRelaxation.isCurved(units.activation(of: $0), on: lower[$0]...upper[$0]) }
        func spread(_ part: (Certificates.UnitRelaxation) -> Double) -> [Float] {
          let row = relaxations.map { Float(part($0)) }
          return (0..<rows).flatMap { _ in row }
        }
        let zeros = [Float](repeating: 0, count: rows * curved.count)
        var own = Lines(
          source: source, units: units, lower: lower.map { Float($0) }, upper: upper.map { Float($0) }, curved: curved, isReLU: isReLU,
          lowerSlopes: spread(\.lower.slope), lowerIntercepts: spread(\.lower.intercept), lowerContacts: spread(\.lower.contact),
          upperSlopes: spread(\.upper.slope), upperIntercepts: spread(\.upper.intercept), upperContacts: spread(\.upper.contact),
          lowerMean: zeros, lowerSquare: zeros, upperMean: zeros, upperSquare: zeros, bestLower: [], bestUpper: [])
        if isReLU { for i in own.lowerContacts.indices { own.lowerContacts[i] = 0 } }
        if start.count == rows {
          for (r, slopes) in start.enumerated() {
            for i in curved {
              if !slopes.lower[place].isEmpty { own.lowerSlopes[r * count + i] = Float(slopes.lower[place][i]) }
              if !slopes.upper[place].isEmpty, !isReLU { own.upperSlopes[r * count + i] = Float(slopes.upper[place][i]) }
            }
          }
          if !isReLU { Self.refresh(&own, rows: rows) }
        }
        (own.bestLower, own.bestUpper) = (own.lowerSlopes, own.upperSlopes)
        lines[index] = own
      }
    }

    /// Recomputes intercepts and points of contact from slopes.
    private static func refresh(_ own: inout Lines, rows: Int) {
      let count = own.lower.count
      for i in own.curved {
        let activation = own.units.activation(of: i)
        let interval = Double(own.lower[i])...Double(own.upper[i])
        for r in 0..<rows {
          let k = r * count + i
          let relaxation = Certificates.UnitRelaxation(
            activation, on: interval, lowerSlope: Double(own.lowerSlopes[k]), upperSlope: Double(own.upperSlopes[k]))
          (own.lowerIntercepts[k], own.lowerContacts[k]) = (Float(relaxation.lower.intercept), Float(relaxation.lower.contact))
          (own.upperIntercepts[k], own.upperContacts[k]) = (Float(relaxation.upper.intercept), Float(relaxation.upper.contact))
        }
      }
    }

    /// The bounds of all rows, and the coefficients and values that the next step needs.
    mutating func evaluate(_ region: Region) -> [Float] {
      var pending: [Int: Matrix<Float>] = [node: functions]
      var bounds = [Float](repeating: 0, count: rows)
      coefficients = [:]
      func add(_ part: Matrix<Float>, to source: Int) {
        if pending[source] == nil { pending[source] = part } else { pending[source]?.accumulate(part) }
      }
      for index in stride(from: node, through: 1, by: -1) {
        guard let a = pending.removeValue(forKey: index) else { continue }
        switch steps[index] {
        case .input: break
        case .affine(let terms, let bias):
          for r in 0..<rows { for i in 0..<a.columns { bounds[r] += a.elements[r * a.columns + i] * bias[i] } }
          for (source, map) in terms { add(map?.adjoint(a) ?? a, to: source) }
        case .activation(let source, _):
          coefficients[index] = a
          guard let own = lines[index] else { continue }
          var p = a
          p.elements.withUnsafeMutableBufferPointer { p in
            for r in 0..<rows {
              var sum: Float = 0
              for k in r * a.columns..<(r + 1) * a.columns {
                let x = p[k]
                sum += x * (x >= 0 ? own.lowerIntercepts[k] : own.upperIntercepts[k])
                p[k] = x * (x >= 0 ? own.lowerSlopes[k] : own.upperSlopes[k])
              }
              bounds[r] += sum
            }
          }
          add(p, to: source)
        }
      }
      let center = region.center.map { Float($0) }
      let a = pending[0] ?? Matrix(rows: rows, columns: center.count)
      var x = a
      for r in 0..<rows {
        let row = r * center.count..<(r + 1) * center.count
        switch region {
        case .global: break
        case .ball(_, let radius):
          let norm = row.reduce(Float(0)) { $0 + a.elements[$1] * a.elements[$1] }.squareRoot()
          for k in row { x.elements[k] = center[k - row.lowerBound] - (norm > 0 ? Float(radius) * a.elements[k] / norm : 0) }
        case .box(let lower, let upper):
          for k in row { x.elements[k] = Float(a.elements[k] >= 0 ? lower[k - row.lowerBound] : upper[k - row.lowerBound]) }
        }
        for k in row { bounds[r] += a.elements[k] * x.elements[k] }
      }
      sweep(from: x)
      return bounds
    }

    /// The values that the chosen lines give all nodes at the inputs `x`, one for each row.
    private mutating func sweep(from x: Matrix<Float>) {
      values = [0: x]
      let last = lines.keys.max() ?? 0
      for index in 1..<max(1, last) {
        switch steps[index] {
        case .input: break
        case .affine(let terms, let bias):
          guard terms.allSatisfy({ values[$0.source] != nil }) else { continue }
          var sum = Matrix<Float>(rows: rows, columns: bias.count, elements: (0..<rows).flatMap { _ in bias })
          for (source, map) in terms {
            guard let value = values[source] else { continue }
            if let map { map.apply(value, to: &sum, accumulating: true) } else { sum.accumulate(value) }
          }
          values[index] = sum
        case .activation(let source, _):
          guard let own = lines[index], var h = values[source], let a = coefficients[index] else { continue }
          h.elements.withUnsafeMutableBufferPointer { h in
            for k in h.indices {
              h[k] =
                a.elements[k] >= 0
                ? own.lowerSlopes[k] * h[k] + own.lowerIntercepts[k] : own.upperSlopes[k] * h[k] + own.upperIntercepts[k]
            }
          }
          values[index] = h
        }
      }
    }

    mutating func keepBest(_ bounds: [Float]) {
      let better = (0..<rows).filter { bounds[$0] > best[$0] }
      for r in better { best[r] = bounds[r] }
      if better.isEmpty { return }
      for index in lines.keys {
        guard var own = lines.removeValue(forKey: index) else { continue }
        let count = own.lower.count
        for k in better.flatMap({ $0 * count..<($0 + 1) * count }) {
          own.bestLower[k] = own.lowerSlopes[k]
          if !own.isReLU { own.bestUpper[k] = own.upperSlopes[k] }
        }
        lines[index] = own
      }
    }

    /// One step of Adam, projected onto the slopes that a line can touch with.
    mutating func step(_ length: Float, iteration: Int) {
      let (b1, b2): (Float, Float) = (0.9, 0.999)
      var (c1, c2): (Float, Float) = (1, 1)
      for _ in 0...iteration { (c1, c2) = (c1 * b1, c2 * b2) }
      (c1, c2) = (1 / (1 - c1), 1 / (1 - c2))
      for index in lines.keys {
        guard var own = lines.removeValue(forKey: index) else { continue }
        defer { lines[index] = own }
        guard let a = coefficients[index], let p = values[own.source] else { continue }
        let count = own.lower.count
        for (place, i) in own.curved.enumerated() {
          let sector = own.isReLU ? Sector(0, 1) : own.units.activation(of: i).sector(on: Double(own.lower[i])...Double(own.upper[i]))
          let reach = length * Float(sector.upper - sector.lower)
          for r in 0..<rows {
            let (k, m) = (r * count + i, r * own.curved.count + place)
            let x = a.elements[k]
            func move(_ slope: inout Float, _ contact: Float, _ mean: inout Float, _ square: inout Float, isChosen: Bool) {
              let gradient = isChosen ? x * (p.elements[k] - contact) : 0
              mean = b1 * mean + (1 - b1) * gradient
              square = b2 * square + (1 - b2) * gradient * gradient
              let next = slope + reach * mean * c1 / ((square * c2).squareRoot() + 1e-12)
              slope = min(max(next, Float(sector.lower)), Float(sector.upper))
            }
            move(&own.lowerSlopes[k], own.lowerContacts[k], &own.lowerMean[m], &own.lowerSquare[m], isChosen: x >= 0)
            if !own.isReLU { move(&own.upperSlopes[k], own.upperContacts[k], &own.upperMean[m], &own.upperSquare[m], isChosen: x < 0) }
          }
        }
        if !own.isReLU { Self.refresh(&own, rows: rows) }
      }
    }

    func bestSlopes(for network: LoweredNetwork) -> [RelaxationSlopes] {
      let nodes = network.activationNodes
      return (0..<rows).map { r in
        func lists(_ part: (Lines) -> [Float]?) -> [[Double]] {
          nodes.map { index in
            guard let own = lines[index], let all = part(own) else { return [] }
            return all[r * own.lower.count..<(r + 1) * own.lower.count].map { Double($0) }
          }
        }
        return RelaxationSlopes(lower: lists(\.bestLower), upper: lists { $0.isReLU ? nil : $0.bestUpper })
      }
    }
  }
}

extension Matrix<Float> {
  /// Adds a matrix of the same shape.
  fileprivate mutating func accumulate(_ other: Matrix) {
    elements.withUnsafeMutableBufferPointer { target in
      other.elements.withUnsafeBufferPointer { source in for k in target.indices { target[k] += source[k] } }
    }
  }
}
