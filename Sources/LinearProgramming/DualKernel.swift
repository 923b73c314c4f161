import LinearAlgebra

/// The dual side of min cost'x over the rows and bounds of a program, in outward rounded arithmetic.
struct DualKernel {
  let program: LinearProgram
  let cost: [Double]

  init(_ program: LinearProgram, cost: [Double]) { (self.program, self.cost) = (program, cost) }

  /// What multipliers prove.
  struct Evaluation {
    /// A lower bound; −∞ when `violated` is not empty.
    var bound: Double
    /// The reduced costs.
    var reduced: [Interval]
    /// Columns whose reduced costs may fall on an infinite bound.
    var violated: [Int]
  }

  /// The best lower bound from the multipliers, tried as they are, with implied bounds, and moved; none on a thread with other arithmetic
  /// than the proofs assume.
  func bestBound(_ multipliers: [Double]) -> (Double, SafeBound.Proof)? {
    guard multipliers.allSatisfy(\.isFinite), ErrorBounds.isArithmeticStandard else { return nil }
    let y = clipped(multipliers)
    let box = y.map { Interval($0) }
    let given = program.columns.map { Interval($0.lower, $0.upper) }
    let direct = evaluate(box, bounds: given, vanishing: [])
    if direct.violated.isEmpty { return direct.bound.isFinite ? (direct.bound, .direct) : nil }

    var best: (Double, SafeBound.Proof)?
    func offer(_ bound: Double, _ proof: SafeBound.Proof) {
      if bound.isFinite, bound > best?.0 ?? -.infinity { best = (bound, proof) }
    }
    let implied = BoundPropagation(program).columns
    offer(evaluate(box, bounds: implied, vanishing: []).bound, .impliedBounds)
    // Only what the implied bounds leave open, and then all of it: huge implied bounds cost more than a shift.
    for bounds in [given, implied] {
      if let bound = DualShift(self, y: y, bounds: bounds).bound() { offer(bound, .shiftedDual) }
    }
    return best
  }

  /// The multipliers with those set to zero that fall on an infinite bound of their row.
  private func clipped(_ y: [Double]) -> [Double] {
    zip(y, program.rows).map { value, row in (value > 0 && row.lower == -.infinity) || (value < 0 && row.upper == .infinity) ? 0 : value }
  }

  /// A lower bound that holds for some y in the box, if for that y the reduced costs of the columns in `vanishing` are zero.
  func evaluate(_ y: [Interval], bounds: [Interval], vanishing: Set<Int>) -> Evaluation {
    var reduced = cost.map { Interval($0) }
    var sum = 0.0
    for (row, range) in program.rows.enumerated() where y[row] != Interval(0) {
      sum = Interval.addDown(sum, Self.least(y[row], Interval(range.lower, range.upper)))
      for entry in program.rowStarts[row]..<program.rowStarts[row + 1] {
        reduced[program.entryColumns[entry]].subtract(program.entryValues[entry], times: y[row])
      }
    }
    var violated: [Int] = []
    for column in reduced.indices {
      if vanishing.contains(column) { reduced[column] = Interval(0) }
      let term = Self.least(reduced[column], bounds[column])
      if term.isFinite { sum = Interval.addDown(sum, term) } else { violated.append(column) }
    }
    return Evaluation(bound: violated.isEmpty ? sum : -.infinity, reduced: reduced, violated: violated)
  }

  /// At most the least product of a number in `factor` and one in `range`, which may be infinite.
  ///
  /// For a fixed factor the least product lies at an end of the range, and it is a concave function of the factor.
  private static func least(_ factor: Interval, _ range: Interval) -> Double {
    func least(_ factor: Double) -> Double {
      if factor == 0 { return 0 }
      let end = factor > 0 ? range.lower : range.upper
      return end.isFinite ? Interval.multiplyDown(factor, end) : -.infinity
    }
    let result = min(least(factor.lower), least(factor.upper))
    return factor.lower.isNaN || factor.upper.isNaN || result.isNaN ? -.infinity : result
  }
}
