/// Bounds of variables that follow from the rows: with a_ij > 0 and a row a'x ≤ u,
///
///     x_j ≤ (u − min Σ_{k ≠ j} a_ik x_k) / a_ij.
///
/// Only infinite bounds are replaced. Everything is rounded outwards, so every feasible point satisfies the results.
struct BoundPropagation {
  /// The bounds of the columns, given or implied.
  private(set) var columns: [Interval]

  /// Rounds over all rows; chains of rows that bound one another need as many.
  private static let rounds = 20

  init(_ program: LinearProgram) {
    columns = program.columns.map { Interval($0.lower, $0.upper) }
    for _ in 0..<Self.rounds {
      var hasChanged = false
      for row in program.rows.indices {
        let range = program.rows[row]
        let entries = program.rowStarts[row]..<program.rowStarts[row + 1]
        if range.upper.isFinite, tighten(program, entries, sign: 1, limit: range.upper) { hasChanged = true }
        if range.lower.isFinite, tighten(program, entries, sign: -1, limit: -range.lower) { hasChanged = true }
      }
      if !hasChanged { break }
    }
  }

  /// Uses sign · a'x ≤ limit.
  private mutating func tighten(_ program: LinearProgram, _ entries: Range<Int>, sign: Double, limit: Double) -> Bool {
    // The least activity: the sum of its finite terms, and how many are infinite.
    var (sum, infinite) = (0.0, 0)
    for entry in entries {
      let term = leastTerm(sign * program.entryValues[entry], columns[program.entryColumns[entry]])
      if term.isFinite { sum = Interval.addDown(sum, term) } else { infinite += 1 }
    }
    guard infinite <= 1 else { return false }
    var hasChanged = false
    for entry in entries {
      let (a, column) = (sign * program.entryValues[entry], program.entryColumns[entry])
      guard (a > 0 ? columns[column].upper : columns[column].lower).isInfinite else { continue }
      let term = leastTerm(a, columns[column])
      if infinite == 1, term.isFinite { continue }
      // What the others take at least; the term to take out again is rounded up.
      let others = term.isFinite ? Interval.addDown(sum, -greatestOfLeast(a, columns[column])) : sum
      let room = Interval.addUp(limit, -others)
      // room / |a|, rounded away from the variable's feasible side.
      let quotient = (room / a.magnitude).nextUp
      guard quotient.isFinite else { continue }
      if a > 0, quotient >= columns[column].lower {
        columns[column].upper = quotient
        hasChanged = true
      } else if a < 0, -quotient <= columns[column].upper {
        columns[column].lower = -quotient
        hasChanged = true
      }
    }
    return hasChanged
  }

  /// At most the least value of a t over the bounds; −∞ if there is none.
  private func leastTerm(_ a: Double, _ bounds: Interval) -> Double {
    let end = a > 0 ? bounds.lower : bounds.upper
    return end.isFinite ? Interval.multiplyDown(a, end) : -.infinity
  }

  /// At least the least value of a t over the bounds, which is finite.
  private func greatestOfLeast(_ a: Double, _ bounds: Interval) -> Double {
    Interval.multiplyUp(a, a > 0 ? bounds.lower : bounds.upper)
  }
}
