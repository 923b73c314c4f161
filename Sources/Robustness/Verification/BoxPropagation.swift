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
  private(set) var roundoff: [Matrix<Double>] = []
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
  static let tiny = 0x1p-700

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

  static func add(_ other: Matrix<Double>, to sum: inout Matrix<Double>) {
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
}
