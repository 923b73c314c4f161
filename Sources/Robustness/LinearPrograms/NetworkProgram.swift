import Certificates
import LinearAlgebra
import LinearProgramming
import Networks

/// The linear relaxation of a network on a region: a linear program whose feasible set holds the values of the network for all inputs of the
/// region.
///
/// Its columns are the inputs, the values of affine nodes and those of activation units, each within its interval. An affine node gives the
/// equations z = Σ A h + b. A unit h = φ(z) gives, for a few slopes s, the row
///
///     min (φ(z) − s z) ≤ h − s z ≤ max (φ(z) − s z)      over the interval of z
///
/// (``Networks/Activation`` ranges, rounded outwards): for ReLU s = 1 and the chord's slope, with 0 ≤ h ≤ u, make the triangle. When an
/// interval shrinks only bounds change, never a coefficient, so an optimal basis stays dual feasible from a relaxation to its children.
///
/// The rows hold in real arithmetic: coefficients are the stored weights; what is not exact (entries with radii, constants multiplied into
/// a bias) widens the row by the radius times the greatest magnitude of the value.
struct NetworkProgram: Sendable {
  /// A unit that is not replaced by a constant or by its own argument.
  struct Unit: Sendable {
    /// The activation node.
    let node: Int
    /// The position in its vector.
    let index: Int
    /// φ.
    let activation: Activation
    /// The column of z.
    let argument: Int
    /// The column of h.
    let value: Int
    /// The first of its rows, one for each slope.
    let firstRow: Int
    /// The slopes s.
    let slopes: [Double]
  }

  private enum Element: Sendable {
    case column(Int)
    case constant(ClosedRange<Double>)
    case unused
  }

  /// The program; its objective is zero until ``setUnsafe(_:range:)`` or ``setObjective(element:sense:)``.
  private(set) var program = LinearProgram()
  /// The units that are relaxed.
  private(set) var units: [Unit] = []
  private var elements: [[Element]] = []
  /// The column of the unsafe set's violation, when there is one.
  private(set) var violation: Int?

  /// The relaxation of the nodes before `end`.
  ///
  /// - Parameters:
  ///   - network: the network.
  ///   - intervals: intervals of all its nodes before `end`, from bound propagation on the region.
  ///   - skeleton: wider intervals that decide which units are relaxed and with how many rows, so that programs of several regions have the
  ///     same size and can share a basis.
  ///   - end: the nodes to take; all by default.
  ///   - outputs: the elements of the last node taken that matter; all by default.
  /// - Throws: `NotProved` when an interval is not bounded; `LinearProgramError` for numbers that no program may have.
  init(
    _ network: LoweredNetwork, intervals: NodeIntervals, skeleton: NodeIntervals? = nil, end: Int? = nil, outputs: [Bool]? = nil
  ) throws {
    let end = end ?? network.nodes.count
    let skeleton = skeleton ?? intervals
    let rows = network.nodes.prefix(end).map { node -> [(source: Int, rows: SparseRows<Double>?)] in
      guard case .affine(let terms, _) = node.kind else { return [] }
      return terms.map { ($0.source, $0.map?.sparseRows()) }
    }
    let needed = Self.needed(network, rows, skeleton: skeleton, end: end, outputs: outputs)
    for (index, node) in network.nodes.prefix(end).enumerated() {
      let (lower, upper) = intervals[index]
      guard zip(lower, upper).allSatisfy({ $0 <= $1 && $0.isFinite && $1.isFinite }) else {
        throw NotProved("at '\(node.name)': the values are not bounded")
      }
      switch node.kind {
      case .input:
        elements.append(
          try lower.indices.map { i in
            guard needed[index][i] else { return .unused }
            if skeleton.lower[index][i] == skeleton.upper[index][i] { return .constant(lower[i]...upper[i]) }
            return .column(try program.addColumn(lower: lower[i], upper: upper[i]))
          })
      case .affine(_, let bias):
        elements.append(try addAffine(rows[index], bias, lower, upper, needed[index]))
      case .activation(let source, let functions):
        let arguments = elements[source]
        elements.append(
          try lower.indices.map { i in
            guard needed[index][i] else { return .unused }
            let (wide, narrow) = (
              skeleton.lower[source][i]...skeleton.upper[source][i], intervals.lower[source][i]...intervals.upper[source][i]
            )
            let activation = functions.activation(of: i)
            guard case .column(let argument) = arguments[i], skeleton.lower[index][i] < skeleton.upper[index][i] else {
              return .constant(lower[i]...upper[i])
            }
            if activation.range(of: wide, minusSlope: 1) == 0...0 { return .column(argument) }
            return .column(try addUnit(index, i, activation, argument, wide: wide, narrow: narrow, values: lower[i]...upper[i]))
          })
      }
    }
  }

  /// Which elements something depends on.
  private static func needed(
    _ network: LoweredNetwork, _ rows: [[(source: Int, rows: SparseRows<Double>?)]], skeleton: NodeIntervals, end: Int, outputs: [Bool]?
  ) -> [[Bool]] {
    var needed = network.nodes.prefix(end).map { [Bool](repeating: false, count: $0.count) }
    needed[end - 1] = outputs ?? needed[end - 1].map { _ in true }
    for index in (0..<end).reversed() {
      switch network.nodes[index].kind {
      case .input: break
      case .activation(let source, _):
        for i in needed[index].indices where needed[index][i] && skeleton.lower[index][i] < skeleton.upper[index][i] {
          needed[source][i] = true
        }
      case .affine:
        for (source, matrix) in rows[index] {
          for i in needed[index].indices where needed[index][i] {
            guard let matrix else { needed[source][i] = true; continue }
            for k in matrix.starts[i]..<matrix.starts[i + 1] { needed[source][matrix.columns[k]] = true }
          }
        }
      }
    }
    return needed
  }

  /// Adds the columns and equations of an affine node.
  private mutating func addAffine(
    _ terms: [(source: Int, rows: SparseRows<Double>?)], _ bias: [Double]?, _ lower: [Double], _ upper: [Double], _ needed: [Bool]
  ) throws -> [Element] {
    try lower.indices.map { i in
      guard needed[i] else { return .unused }
      var row = RowSum(constant: bias?[i] ?? 0)
      for (source, matrix) in terms {
        if let matrix {
          for k in matrix.starts[i]..<matrix.starts[i + 1] {
            add(elements[source][matrix.columns[k]], times: matrix.values[k], radius: matrix.radii.isEmpty ? 0 : matrix.radii[k], to: &row)
          }
        } else {
          add(elements[source][i], times: 1, radius: 0, to: &row)
        }
      }
      let column = try program.addColumn(lower: lower[i], upper: upper[i])
      try program.addRow(lower: row.lower, upper: row.upper, row.entries(columns: program.columns) + [(column, 1)])
      // The sum may have been widened for coefficients that met in one column.
      return .column(column)
    }
  }

  private func add(_ element: Element, times a: Double, radius: Double, to row: inout RowSum) {
    switch element {
    case .unused: break
    case .constant(let range): row.add(range, times: a, radius: radius)
    case .column(let column): row.add(column, of: program.columns[column], times: a, radius: radius)
    }
  }

  /// Adds the column and rows of a unit.
  private mutating func addUnit(
    _ node: Int, _ index: Int, _ activation: Activation, _ argument: Int, wide: ClosedRange<Double>, narrow: ClosedRange<Double>,
    values: ClosedRange<Double>
  ) throws -> Int {
    let column = try program.addColumn(lower: values.lowerBound, upper: values.upperBound)
    let firstRow = program.rows.count
    // A chord of the interval at hand, in as many rows as the wide interval has.
    let count = activation.relaxationSlopes(on: wide).count
    let own = activation.relaxationSlopes(on: narrow)
    let slopes = (own + activation.relaxationSlopes(on: wide).filter { !own.contains($0) }).prefix(count)
    for s in slopes {
      let range = activation.range(of: narrow, minusSlope: s)
      try program.addRow(lower: range.lowerBound, upper: range.upperBound, [(column, 1), (argument, -s)])
    }
    units.append(
      Unit(
        node: node, index: index, activation: activation, argument: argument, value: column, firstRow: firstRow, slopes: Array(slopes)))
    return column
  }

  // MARK: - Changes

  /// The interval of a unit's argument.
  func interval(ofUnit k: Int) -> ClosedRange<Double> {
    let column = program.columns[units[k].argument]
    return column.lower...column.upper
  }

  /// Narrows the interval of a unit's argument: from then on the program speaks of those inputs only for which it holds.
  ///
  /// - Precondition: `interval` lies in the unit's interval.
  mutating func restrict(unit k: Int, to interval: ClosedRange<Double>) throws {
    let argument = units[k].argument
    try program.setBounds(ofColumn: argument, lower: interval.lowerBound, upper: interval.upperBound)
    // Several units may have the same argument.
    for unit in units where unit.argument == argument { try narrow(unit, to: interval) }
  }

  private mutating func narrow(_ unit: Unit, to interval: ClosedRange<Double>) throws {
    let column = program.columns[unit.value]
    let image = unit.activation.image(of: interval)
    try program.setBounds(
      ofColumn: unit.value, lower: min(max(column.lower, image.lowerBound), column.upper),
      upper: max(min(column.upper, image.upperBound), column.lower))
    for (r, s) in unit.slopes.enumerated() {
      let range = unit.activation.range(of: interval, minusSlope: s)
      try program.setBounds(ofRow: unit.firstRow + r, lower: range.lowerBound, upper: range.upperBound)
    }
  }

  /// Adds max over k of (row k · y − bound k) as the objective, to be minimised; y are the values of the last node.
  ///
  /// - Parameter range: bounds of that number on the region.
  mutating func setUnsafe(_ set: OutputSet, range: ClosedRange<Double>) throws {
    let column = try program.addColumn(lower: range.lowerBound, upper: range.upperBound, cost: 1)
    for k in 0..<set.rows.rows {
      var row = RowSum(constant: 0)
      for j in 0..<set.rows.columns { add(elements[elements.count - 1][j], times: set.rows[k, j], radius: 0, to: &row) }
      // t − row · y ≥ −bound.
      let lower = ErrorBounds.subtractDown(row.lower, set.bounds[k])
      try program.addRow(lower: lower, row.entries(columns: program.columns) + [(column, 1)])
    }
    violation = column
  }

  /// Makes one element of the last node taken the objective; false when it is constant or not needed.
  mutating func setObjective(element i: Int, sense: LinearProgram.Sense) throws -> Bool {
    guard case .column(let column) = elements[elements.count - 1][i] else { return false }
    try program.setCost(ofColumn: column, 1)
    program.sense = sense
    return true
  }

  /// Takes back ``setObjective(element:sense:)``.
  mutating func clearObjective(element i: Int) throws {
    guard case .column(let column) = elements[elements.count - 1][i] else { return }
    try program.setCost(ofColumn: column, 0)
  }

  /// Sets the bounds of one element of a node, which must hold on the region.
  mutating func setBounds(node: Int, element i: Int, _ interval: ClosedRange<Double>) throws {
    guard case .column(let column) = elements[node][i] else { return }
    try program.setBounds(ofColumn: column, lower: interval.lowerBound, upper: interval.upperBound)
  }

  /// The input at a point of the program, moved into the region's box.
  func input(at x: [Double], of intervals: NodeIntervals) -> [Double] {
    elements[0].indices.map { i in
      let (lower, upper) = (intervals.lower[0][i], intervals.upper[0][i])
      guard case .column(let column) = elements[0][i] else { return lower.magnitude <= upper.magnitude ? lower : upper }
      return x[column].isNaN ? lower : min(max(x[column], lower), upper)
    }
  }
}

/// The row z − Σ a h ∈ [lower, upper] while its terms are collected.
private struct RowSum {
  private var coefficients: [Int: Double] = [:]
  /// What the row is widened by on either side.
  private var slack = 0.0
  private(set) var constantLower: Double
  private(set) var constantUpper: Double

  init(constant: Double) { (constantLower, constantUpper) = (constant, constant) }

  /// The row's lower bound.
  var lower: Double { slack == 0 ? constantLower : ErrorBounds.subtractDown(constantLower, slack) }
  /// The row's upper bound.
  var upper: Double { slack == 0 ? constantUpper : ErrorBounds.addUp(constantUpper, slack) }

  /// Adds (a ± radius) times a number of the range.
  mutating func add(_ range: ClosedRange<Double>, times a: Double, radius: Double) {
    let size = max(range.lowerBound.magnitude, range.upperBound.magnitude)
    guard size > 0 else { return }
    let (low, high) = a >= 0 ? (range.lowerBound, range.upperBound) : (range.upperBound, range.lowerBound)
    constantLower = ErrorBounds.addDown(constantLower, ErrorBounds.multiplyDown(a, low))
    constantUpper = ErrorBounds.addUp(constantUpper, ErrorBounds.multiplyUp(a, high))
    widen(radius, size)
  }

  /// Adds (a ± radius) times a column.
  mutating func add(_ index: Int, of column: LinearProgram.Column, times a: Double, radius: Double) {
    let size = max(column.lower.magnitude, column.upper.magnitude)
    widen(radius, size)
    guard let other = coefficients[index] else { return coefficients[index] = a }
    // Half a unit in the last place, for coefficients that meet in one column.
    let sum = other + a
    coefficients[index] = sum
    widen(ErrorBounds.multiplyUp(sum.magnitude, 0x1p-53) + .leastNonzeroMagnitude, size)
  }

  private mutating func widen(_ radius: Double, _ size: Double) {
    guard radius > 0 else { return }
    slack = ErrorBounds.addUp(slack, ErrorBounds.multiplyUp(radius, size))
  }

  /// The terms with their signs in the row.
  func entries(columns: [LinearProgram.Column]) -> [(column: Int, value: Double)] { coefficients.map { ($0.key, -$0.value) } }
}
