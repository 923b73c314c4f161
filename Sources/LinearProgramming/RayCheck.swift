/// Whether a direction r shows that the objective is unbounded, given a feasible point: c'r improves, A r and r keep every finite bound.
///
/// A ray of equations with rounded coefficients is rarely a vector of doubles, so the conditions hold up to rounding: the violations are
/// measured relative to Σ|a_ij r_j| (rows) and max|r| (columns) after scaling to c'r = −1 (minimisation) or 1 (maximisation). The change
/// of the objective must stand out by as much from Σ|c_j r_j|: one that rounding leaves of terms that cancel says nothing.
public struct RayCheck: Sendable {
  /// The direction, scaled.
  public let direction: [Double]
  /// The largest relative violation.
  public let violation: Double

  /// What counts as rounding, relative to the terms of a sum.
  private static let tolerance = 1e-9

  /// `nil` when the objective does not noticeably change along the direction, or a number or product is not finite.
  ///
  /// - Precondition: one number for each column.
  public init?(_ program: LinearProgram, _ direction: [Double]) {
    let target = program.sense == .minimise ? -1.0 : 1.0
    var (change, terms) = (0.0, 0.0)
    for (column, value) in zip(program.columns, direction) {
      change += column.cost * value
      terms += (column.cost * value).magnitude
    }
    guard terms.isFinite, change.magnitude > Self.tolerance * terms else { return nil }
    let scaled = direction.map { $0 * (target / change) }
    // What overflows or underflows here does not have the change it should have.
    guard scaled.allSatisfy(\.isFinite), (program.linearObjective(scaled) - target).magnitude < 1e-6 else { return nil }
    // Positive numbers run into upper bounds, negative ones into lower bounds.
    func excess(_ value: Double, _ lower: Double, _ upper: Double) -> Double {
      (value > 0 && upper.isFinite) || (value < 0 && lower.isFinite) ? value.magnitude : 0
    }
    let largest = scaled.reduce(0) { max($0, $1.magnitude) }
    var violation = 0.0
    for (row, range) in program.rows.enumerated() {
      var (sum, size) = (0.0, 0.0)
      for entry in program.rowStarts[row]..<program.rowStarts[row + 1] {
        let term = program.entryValues[entry] * scaled[program.entryColumns[entry]]
        sum += term
        size += term.magnitude
      }
      guard size.isFinite else { return nil }
      if size > 0 { violation = max(violation, excess(sum, range.lower, range.upper) / size) }
    }
    for (column, value) in zip(program.columns, scaled) {
      violation = max(violation, excess(value, column.lower, column.upper) / largest)
    }
    (self.direction, self.violation) = (scaled, violation)
  }

  /// Whether the conditions hold up to rounding.
  public var isAccepted: Bool { violation <= Self.tolerance }
}
