/// How far a pair of vectors (x, y) is from satisfying the optimality conditions, recomputed from the program's own numbers.
///
/// With d = c − A'y, and minimisation (maximisation flips the signs of y and d):
/// - primal: the bounds of rows and columns hold;
/// - dual: y_i > 0 only where the row has a lower bound, y_i < 0 only where it has an upper one; the same for d and the columns;
/// - gap: c'x equals the dual value, the sum of y_i and d_j times the bound their sign selects.
///
/// The three together are optimality; complementary slackness follows from them.
public struct LinearResiduals: Sendable, Equatable {
  /// The largest violation of a bound.
  public var primal = 0.0
  /// The same, each relative to 1 + |bound| + Σ|a_ij x_j| for rows and 1 + |bound| for columns.
  public var relativePrimal = 0.0
  /// The largest violation of a sign condition.
  public var dual = 0.0
  /// The same, each relative to 1 + |y_i| for rows and 1 + |c_j| + Σ|a_ij y_i| for columns.
  public var relativeDual = 0.0
  /// |c'x − dual value|.
  public var gap = 0.0
  /// The same relative to 1 + |c'x|.
  public var relativeGap = 0.0
  /// The largest distance of an integer variable from a whole number.
  public var integrality = 0.0
  /// The dual value, with the constant; violated sign conditions count nothing, so it bounds nothing (``SafeBound`` does).
  public var dualObjective = 0.0

  /// No violations.
  public init() {}

  /// The residuals of x alone.
  ///
  /// - Precondition: one number for each column.
  public init(_ program: LinearProgram, x: [Double]) { addPrimal(program, x) }

  /// The residuals of x and y.
  ///
  /// - Precondition: one number for each column and each row.
  public init(_ program: LinearProgram, x: [Double], y: [Double]) {
    addPrimal(program, x)
    addDual(program, y)
    let value = program.linearObjective(x)
    gap = (value + program.objectiveConstant - dualObjective).magnitude
    relativeGap = gap / (1 + value.magnitude)
    for number in [primal, dual, gap] where number.isNaN { (relativePrimal, relativeDual, relativeGap) = (.nan, .nan, .nan) }
  }

  /// Whether all relative residuals are at most `tolerance`; NaN is not.
  public func isOptimal(within tolerance: Double) -> Bool {
    isFeasible(within: tolerance) && relativeDual <= tolerance && relativeGap <= tolerance
  }

  /// Whether x is feasible up to `tolerance`.
  public func isFeasible(within tolerance: Double) -> Bool { relativePrimal <= tolerance && integrality <= tolerance }

  /// Whether y is feasible up to `tolerance`.
  public func isDualFeasible(within tolerance: Double) -> Bool { relativeDual <= tolerance }

  private mutating func addPrimal(_ program: LinearProgram, _ x: [Double]) {
    func violation(_ value: Double, _ lower: Double, _ upper: Double) -> (size: Double, bound: Double) {
      value < lower ? (lower - value, lower.magnitude) : value > upper ? (value - upper, upper.magnitude) : (value.isNaN ? .nan : 0, 0)
    }
    for (row, bounds) in program.rows.enumerated() {
      var (sum, size) = (0.0, 0.0)
      for entry in program.rowStarts[row]..<program.rowStarts[row + 1] {
        let term = program.entryValues[entry] * x[program.entryColumns[entry]]
        sum += term
        size += term.magnitude
      }
      let (found, bound) = violation(sum, bounds.lower, bounds.upper)
      primal = Self.larger(primal, found)
      relativePrimal = Self.larger(relativePrimal, found / (1 + bound + size))
    }
    for (column, value) in zip(program.columns, x) {
      let (found, bound) = violation(value, column.lower, column.upper)
      primal = Self.larger(primal, found)
      relativePrimal = Self.larger(relativePrimal, found / (1 + bound))
      if column.isInteger { integrality = Self.larger(integrality, (value - value.rounded()).magnitude) }
    }
  }

  private mutating func addDual(_ program: LinearProgram, _ y: [Double]) {
    let sign = program.sense == .minimise ? 1.0 : -1.0
    var value = 0.0
    func account(_ multiplier: Double, _ lower: Double, _ upper: Double, _ size: Double) {
      guard multiplier != 0 else { return }
      let bound = sign * multiplier > 0 ? lower : upper
      if bound.isFinite, !multiplier.isNaN {
        value += multiplier * bound
      } else {
        dual = Self.larger(dual, multiplier.magnitude)
        relativeDual = Self.larger(relativeDual, multiplier.magnitude / (1 + size))
      }
    }
    var reduced = program.columns.map(\.cost)
    var sizes = reduced.map(\.magnitude)
    for row in program.rows.indices where y[row] != 0 {
      account(y[row], program.rows[row].lower, program.rows[row].upper, y[row].magnitude)
      for entry in program.rowStarts[row]..<program.rowStarts[row + 1] {
        let term = program.entryValues[entry] * y[row]
        reduced[program.entryColumns[entry]] -= term
        sizes[program.entryColumns[entry]] += term.magnitude
      }
    }
    for (j, column) in program.columns.enumerated() { account(reduced[j], column.lower, column.upper, sizes[j]) }
    dualObjective = value + program.objectiveConstant
  }

  /// The maximum that does not lose NaN.
  private static func larger(_ a: Double, _ b: Double) -> Double { a.isNaN || b.isNaN ? .nan : max(a, b) }
}
