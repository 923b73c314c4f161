import Certificates
import LinearAlgebra
import Networks

/// Intervals and linear bounds of a network's values on a batch of boxes, sound in floating point.
///
/// Forwards every node gets an interval; before each activation the intervals of the units whose sign is open are tightened by linear bounds
/// propagated back to the input (Zhang et al., CROWN, 2018). Rounding: a row c of coefficients is taken as it is in floating point. When it
/// moves through h = A g + b, the exact row c A differs from the computed one by at most γ |c| |A|, so that on a box where |g| ≤ m the
/// bound is wrong by at most γ |c| (|A| m + |b|), a number that is added to the row's `slack`; see the article on verification.
struct BoxPropagation {
  let plan: PropagationPlan
  /// The number of boxes.
  let count: Int
  /// For each node the ends of the intervals: boxes × elements.
  private(set) var lower: [Matrix<Double>] = []
  private(set) var upper: [Matrix<Double>] = []
  /// For each affine node, boxes × elements: what rounding can do to c · h for a row c with one 1.
  private var roundoff: [Matrix<Double>] = []
  /// For each activation node its lines, element by element.
  private(set) var relaxations: [Int: Relaxation] = [:]
  /// Boxes on which no bound can be given because numbers overflow or are NaN.
  private(set) var isBroken: [Bool]
  /// Boxes that contain no input with the phases asked for.
  private(set) var isEmpty: [Bool]

  /// The lines of one activation node, and the greatest magnitudes of the units' arguments: boxes × elements.
  struct Relaxation {
    var lowerSlope: [Double]
    var lowerIntercept: [Double]
    var upperSlope: [Double]
    var upperIntercept: [Double]
    var reach: [Double]
  }

  /// An assumption about a unit: its argument is at least, or at most, a threshold; for units with a kink at 0 a threshold of 0 makes it linear.
  struct Phase: Sendable, Hashable {
    /// The activation node.
    let node: Int
    let unit: Int
    let isAbove: Bool
    let threshold: Double
  }

  /// Intervals of some nodes that hold on all boxes of a batch.
  typealias KnownIntervals = [Int: (lower: [Double], upper: [Double])]

  /// What may be chosen for every row at an activation node.
  struct RowChoices {
    /// A multiple of an assumption.
    struct Multiplier {
      let row: Int
      let phase: Phase
      /// β ≥ 0.
      var value: Double
    }

    /// The slopes of the lower lines, rows × units: between those of the two sides for a unit whose kink is open, else the relaxation's.
    var slopes: Matrix<Double>
    var multipliers: [Multiplier]
  }

  /// Linear lower bounds of rows on their boxes.
  struct LinearBounds {
    /// Λ: rows × inputs.
    var coefficients: Matrix<Double>
    /// d: for every x of its box the row's value is at least Λ x + d.
    var constants: [Double]
    /// The least value of Λ x + d on the box, rounded down: a lower bound of the row.
    var values: [Double]
  }

  /// Propagates boxes.
  ///
  /// - Parameters:
  ///   - boxes: their ends, boxes × inputs.
  ///   - phases: signs that are assumed on each box; empty for none.
  ///   - known: intervals that are proved already; nodes that have some are not tightened again.
  ///   - isRefining: whether intervals before activations are tightened by linear bounds.
  init(
    _ plan: PropagationPlan, lower: Matrix<Double>, upper: Matrix<Double>, phases: [[Phase]] = [], known: KnownIntervals = [:],
    isRefining: Bool = true, isCancelled: () -> Bool = { false }
  ) {
    self.plan = plan
    count = lower.rows
    isBroken = Array(repeating: false, count: count)
    isEmpty = Array(repeating: false, count: count)
    self.lower.reserveCapacity(plan.nodes.count)
    let empty = Matrix<Double>(rows: 0, columns: 0)
    for (index, node) in plan.nodes.enumerated() {
      switch node.kind {
      case .input:
        self.lower.append(lower)
        self.upper.append(upper)
        roundoff.append(empty)
      case .affine(let terms, let bias, let gamma): appendAffine(terms, bias, gamma, node.count)
      case .activation(let source, let units):
        if let known = known[source] {
          intersect(source, known)
        } else if isRefining, plan.refined[source] {
          refine(source, units, isCancelled)
        }
        applyPhases(phases, node: index, source: source)
        appendActivation(index, source, units)
        roundoff.append(empty)
      }
      check(index)
    }
  }

  /// The number of units on a box whose argument may lie on both sides of a kink, or that have none.
  func openCount(box: Int) -> Int {
    plan.nodes.reduce(0) { sum, node in
      guard case .activation(let source, let units) = node.kind else { return sum }
      return (0..<node.count).reduce(sum) { count, unit in
        let (l, u) = (lower[source][box, unit], upper[source][box, unit])
        return count + (units.activation(of: unit).kink != nil && (l >= 0 || u <= 0) ? 0 : 1)
      }
    }
  }

  // MARK: - Forwards

  private mutating func appendAffine(_ terms: [PropagationPlan.Term], _ bias: [Double]?, _ gamma: Double, _ width: Int) {
    let rows = count
    var mid = Matrix<Double>(rows: rows, columns: width)
    if let bias { for row in 0..<rows { mid.elements.replaceSubrange(row * width..<(row + 1) * width, with: bias) } }
    var size = Matrix(rows: rows, columns: width, elements: mid.elements.map(\.magnitude))
    var spread = Matrix<Double>(rows: rows, columns: width)
    var uncertainty: Matrix<Double>?
    for term in terms {
      let (l, u) = (lower[term.source], upper[term.source])
      let (middle, radius) = Self.middle(l, u)
      let magnitude = Matrix(rows: middle.rows, columns: middle.columns, elements: middle.elements.map(\.magnitude))
      guard let map = term.map, let absolute = term.magnitude else {
        Self.add(middle, to: &mid)
        Self.add(magnitude, to: &size)
        Self.add(radius, to: &spread)
        continue
      }
      map.apply(middle, to: &mid, accumulating: true)
      absolute.apply(magnitude, to: &size, accumulating: true)
      absolute.apply(radius, to: &spread, accumulating: true)
      if let uncertain = term.radius {
        var greatest = magnitude
        Self.add(radius, to: &greatest)
        var share = uncertainty ?? Matrix(rows: rows, columns: width)
        uncertain.apply(greatest, to: &share, accumulating: true)
        uncertainty = share
      }
    }
    var (low, high, error) = (mid, mid, mid)
    let inflation = 1 + 8 * gamma
    for k in mid.elements.indices {
      let doubt = uncertainty?.elements[k] ?? 0
      let reach = ((gamma * size.elements[k] + spread.elements[k] + doubt) * inflation + Self.tiny).nextUp
      low.elements[k] = ErrorBounds.subtractDown(mid.elements[k], reach)
      high.elements[k] = ErrorBounds.addUp(mid.elements[k], reach)
      error.elements[k] = ((gamma * (size.elements[k] + spread.elements[k]) + doubt) * inflation + Self.tiny).nextUp
    }
    lower.append(low)
    upper.append(high)
    roundoff.append(error)
  }

  /// All products here are of numbers below 2³⁰⁰ with at most 2⁴⁰ of them in a sum; those that underflow change less than this.
  private static let tiny = 0x1p-700

  private static func middle(_ l: Matrix<Double>, _ u: Matrix<Double>) -> (middle: Matrix<Double>, radius: Matrix<Double>) {
    var (middle, radius) = (l, u)
    for k in l.elements.indices {
      let m = 0.5 * l.elements[k] + 0.5 * u.elements[k]
      middle.elements[k] = m
      radius.elements[k] =
        u.elements[k] == l.elements[k] ? 0 : max(ErrorBounds.subtractUp(u.elements[k], m), ErrorBounds.subtractUp(m, l.elements[k]))
    }
    return (middle, radius)
  }

  private static func add(_ other: Matrix<Double>, to sum: inout Matrix<Double>) {
    for k in sum.elements.indices { sum.elements[k] += other.elements[k] }
  }

  private mutating func appendActivation(_ index: Int, _ source: Int, _ units: LoweredNetwork.Units) {
    let (l, u) = (lower[source], upper[source])
    var (low, high) = (l, u)
    let zeros = [Double](repeating: 0, count: l.elements.count)
    var lines = Relaxation(lowerSlope: zeros, lowerIntercept: zeros, upperSlope: zeros, upperIntercept: zeros, reach: zeros)
    let width = l.columns
    let shapes = units.shapes
    for k in l.elements.indices {
      let (a, b) = (l.elements[k], u.elements[k])
      // A box that is broken or empty proves nothing more; its numbers only have to stay harmless.
      guard a <= b, a > -.infinity, b < .infinity else {
        (low.elements[k], high.elements[k]) = (.nan, .nan)
        continue
      }
      lines.reach[k] = max(a.magnitude, b.magnitude)
      let shape = shapes(k % width)
      if let kink = shape.activation.kink {
        let (left, right) = ((a < 0 ? kink.below : kink.above) * a, (b < 0 ? kink.below : kink.above) * b)
        low.elements[k] = a < 0 && b > 0 && kink.below <= 0 ? 0 : min(left, right)
        high.elements[k] = max(left, right)
        if kink.below != 0, kink.below.magnitude != 1 {
          low.elements[k] = low.elements[k].nextDown
          high.elements[k] = high.elements[k].nextUp
        }
      } else {
        let image = shape.activation.image(of: a...b)
        (low.elements[k], high.elements[k]) = (image.lowerBound, image.upperBound)
      }
      let relaxation = UnitRelaxation(shape, on: a...b)
      (lines.lowerSlope[k], lines.lowerIntercept[k]) = (relaxation.lower.slope, relaxation.lower.intercept)
      (lines.upperSlope[k], lines.upperIntercept[k]) = (relaxation.upper.slope, relaxation.upper.intercept)
    }
    relaxations[index] = lines
    lower.append(low)
    upper.append(high)
  }

  private mutating func intersect(_ node: Int, _ known: (lower: [Double], upper: [Double])) {
    let width = lower[node].columns
    for k in lower[node].elements.indices {
      if known.lower[k % width] > lower[node].elements[k] { lower[node].elements[k] = known.lower[k % width] }
      if known.upper[k % width] < upper[node].elements[k] { upper[node].elements[k] = known.upper[k % width] }
    }
    settleEmpty(node)
  }

  private mutating func applyPhases(_ phases: [[Phase]], node: Int, source: Int) {
    var isChanged = false
    for (box, list) in phases.enumerated() {
      for phase in list where phase.node == node {
        isChanged = true
        if phase.isAbove {
          if lower[source][box, phase.unit] < phase.threshold { lower[source][box, phase.unit] = phase.threshold }
        } else {
          if upper[source][box, phase.unit] > phase.threshold { upper[source][box, phase.unit] = phase.threshold }
        }
      }
    }
    if isChanged { settleEmpty(source) }
  }

  /// Finds boxes whose intervals do not exist, and gives them points.
  private mutating func settleEmpty(_ node: Int) {
    let width = lower[node].columns
    for k in lower[node].elements.indices where lower[node].elements[k] > upper[node].elements[k] {
      isEmpty[k / width] = true
      upper[node].elements[k] = lower[node].elements[k]
    }
  }

  private mutating func check(_ node: Int) {
    let width = lower[node].columns
    for k in lower[node].elements.indices {
      let (l, u) = (lower[node].elements[k], upper[node].elements[k])
      if !(l <= u && l.magnitude <= PropagationPlan.largestValue && u.magnitude <= PropagationPlan.largestValue) {
        isBroken[k / width] = true
      }
    }
  }

  /// Tightens the intervals of the units of a node that are not linear on them.
  private mutating func refine(_ node: Int, _ units: LoweredNetwork.Units, _ isCancelled: () -> Bool) {
    let width = lower[node].columns
    var open: [(box: Int, unit: Int)] = []
    for k in lower[node].elements.indices where !isBroken[k / width] && !isEmpty[k / width] {
      let (l, u) = (lower[node].elements[k], upper[node].elements[k])
      guard l < u else { continue }
      if units.activation(of: k % width).kink != nil, l >= 0 || u <= 0 { continue }
      open.append((k / width, k % width))
    }
    // Each row and its opposite: lower bounds of both.
    let chunk = max(1, (1 << 21) / max(1, plan.nodes.map(\.count).max() ?? 1))
    for start in stride(from: 0, to: open.count, by: chunk) {
      if isCancelled() { return }
      let part = open[start..<min(open.count, start + chunk)]
      var rows = Matrix<Double>(rows: 2 * part.count, columns: width)
      for (i, place) in part.enumerated() {
        rows[2 * i, place.unit] = 1
        rows[2 * i + 1, place.unit] = -1
      }
      let bounds = lowerBounds(of: rows, at: node, boxes: part.flatMap { [$0.box, $0.box] })
      for (i, place) in part.enumerated() {
        let (l, u) = (bounds.values[2 * i], -bounds.values[2 * i + 1])
        // Not a number bounds nothing.
        if l > lower[node][place.box, place.unit] { lower[node][place.box, place.unit] = l }
        if u < upper[node][place.box, place.unit] { upper[node][place.box, place.unit] = u }
      }
    }
    settleEmpty(node)
  }

  // MARK: - Backwards

  /// Lower bounds of rows over a node's vector, each on its own box.
  ///
  /// - Parameters:
  ///   - rows: the coefficients.
  ///   - node: what they are over; the last node by default.
  ///   - boxes: the box of each row.
  ///   - inputs: coefficients over the inputs that are added to each row; `nil` for none.
  ///   - slack: what each row's value may be less for other reasons, such as coefficients that are not doubles.
  ///   - choices: slopes and multipliers of the rows; `nil` for the relaxations' own slopes.
  ///   - record: told the coefficients over every activation node before they are moved through it.
  func lowerBounds(
    of rows: Matrix<Double>, at node: Int? = nil, boxes: [Int], inputs: Matrix<Double>? = nil, slack: [Double]? = nil,
    choices: [Int: RowChoices] = [:], record: (Int, Matrix<Double>) -> Void = { _, _ in }
  ) -> LinearBounds {
    let target = node ?? plan.nodes.count - 1
    var coefficients = [Matrix<Double>?](repeating: nil, count: target + 1)
    coefficients[target] = rows
    if target > 0, let inputs { coefficients[0] = inputs }
    var sums = [Double](repeating: 0, count: rows.rows)
    var slack = slack ?? sums
    for index in stride(from: target, to: 0, by: -1) {
      guard let c = coefficients[index].take() else { continue }
      switch plan.nodes[index].kind {
      case .input: break
      case .affine(let terms, let bias, _):
        addConstants(c, bias, index, boxes, &sums, &slack)
        for term in terms {
          if var sum = coefficients[term.source].take() {
            if let map = term.map { map.adjoint(c, to: &sum, accumulating: true) } else { Self.add(c, to: &sum) }
            coefficients[term.source] = sum
          } else {
            coefficients[term.source] = term.map?.adjoint(c) ?? c
          }
        }
      case .activation(let source, _):
        record(index, c)
        var moved = throughActivation(c, index, source, boxes, choices[index], &sums, &slack)
        if let multipliers = choices[index]?.multipliers { addMultipliers(multipliers, to: &moved, source, boxes, &sums, &slack) }
        if var sum = coefficients[source].take() {
          Self.add(moved, to: &sum)
          coefficients[source] = sum
        } else {
          coefficients[source] = moved
        }
      }
    }
    let last = coefficients[0] ?? Matrix(rows: rows.rows, columns: plan.inputCount)
    return concretised(last, boxes, sums, slack)
  }

  /// Adds c · b to the sums, and to the slack what rounding can do in c · (A h + b).
  private func addConstants(
    _ c: Matrix<Double>, _ bias: [Double]?, _ node: Int, _ boxes: [Int], _ sums: inout [Double], _ slack: inout [Double]
  ) {
    let width = c.columns
    let gamma = ErrorBounds.gamma(width + plan.nodes.count + 8)
    c.elements.withUnsafeBufferPointer { c in
      roundoff[node].elements.withUnsafeBufferPointer { roundoff in
        (bias ?? []).withUnsafeBufferPointer { bias in
          guard let c = c.baseAddress, let roundoff = roundoff.baseAddress else { return }
          for row in 0..<boxes.count {
            let error = RowKernels.weightedSize(c + row &* width, roundoff + boxes[row] &* width, width)
            let (sum, size) = bias.isEmpty ? (0, 0) : bias.baseAddress.map { RowKernels.dot(c + row &* width, $0, width) } ?? (0, 0)
            sums[row] += sum
            slack[row] += (error + gamma * (size + sums[row].magnitude)) * (1 + 8 * gamma) + Self.tiny
          }
        }
      }
    }
  }

  /// Replaces each unit by the line that bounds it on the side where its coefficient looks.
  private func throughActivation(
    _ c: Matrix<Double>, _ node: Int, _ source: Int, _ boxes: [Int], _ choices: RowChoices?, _ sums: inout [Double], _ slack: inout [Double]
  ) -> Matrix<Double> {
    var result = Matrix<Double>(rows: c.rows, columns: c.columns)
    guard let lines = relaxations[node] else { return result }
    let width = c.columns
    let gamma = ErrorBounds.gamma(width + plan.nodes.count + 8)
    // The product, and the sums with what others who read the source have of it.
    let relative = ErrorBounds.gamma(plan.nodes.count + 2)
    lines.withPointers { lines in
      (choices?.slopes.elements ?? []).withUnsafeBufferPointer { chosen in
        result.elements.withUnsafeMutableBufferPointer { result in
          c.elements.withUnsafeBufferPointer { c in
            guard let c = c.baseAddress, let result = result.baseAddress else { return }
            for row in 0..<boxes.count {
              let (start, place) = (row &* width, boxes[row] &* width)
              let slopes = (chosen.isEmpty ? nil : chosen.baseAddress).map { $0 + start } ?? lines.lowerSlope + place
              let parts = RowKernels.move(c + start, result + start, lines, lowerSlope: slopes, place: place, width)
              sums[row] += parts.sum
              slack[row] += (relative * parts.error + gamma * (parts.size + sums[row].magnitude)) * (1 + 8 * gamma) + Self.tiny
            }
          }
        }
      }
    }
    return result
  }

  /// Adds multiples of the assumptions about units: for a unit with p ≥ t the row may lose β (p − t), for p ≤ t it may gain it, β ≥ 0.
  private func addMultipliers(
    _ multipliers: [RowChoices.Multiplier], to rows: inout Matrix<Double>, _ source: Int, _ boxes: [Int], _ sums: inout [Double],
    _ slack: inout [Double]
  ) {
    let relative = ErrorBounds.gamma(plan.nodes.count + 4)
    for multiplier in multipliers where multiplier.value > 0 {
      let (row, unit) = (multiplier.row, multiplier.phase.unit)
      let signed = multiplier.phase.isAbove ? -multiplier.value : multiplier.value
      let before = rows[row, unit]
      rows[row, unit] = before + signed
      let greatest = max(lower[source][boxes[row], unit].magnitude, upper[source][boxes[row], unit].magnitude)
      let constant = -signed * multiplier.phase.threshold
      sums[row] += constant
      slack[row] += relative * ((before.magnitude + signed.magnitude) * greatest + constant.magnitude + sums[row].magnitude) + Self.tiny
    }
  }

  /// The least values of linear functions on their boxes.
  private func concretised(_ rows: Matrix<Double>, _ boxes: [Int], _ sums: [Double], _ slack: [Double]) -> LinearBounds {
    let width = rows.columns
    let gamma = ErrorBounds.gamma(width + plan.nodes.count + 8)
    var constants = [Double](repeating: 0, count: boxes.count)
    var values = constants
    rows.elements.withUnsafeBufferPointer { c in
      lower[0].elements.withUnsafeBufferPointer { low in
        upper[0].elements.withUnsafeBufferPointer { high in
          guard let c = c.baseAddress, let low = low.baseAddress, let high = high.baseAddress else { return }
          for row in 0..<boxes.count {
            let (sum, size) = RowKernels.minimum(c + row &* width, low + boxes[row] &* width, high + boxes[row] &* width, width)
            let own = slack[row] * (1 + 64 * gamma)
            constants[row] = ErrorBounds.subtractDown(sums[row], own)
            values[row] = ErrorBounds.subtractDown(
              constants[row] + sum, gamma * (size + constants[row].magnitude) * (1 + 8 * gamma) + Self.tiny)
          }
        }
      }
    }
    return LinearBounds(coefficients: rows, constants: constants, values: values)
  }
}
