extension SemidefiniteProver {
  /// The best bounds without conditions that are found near a point and a dual vector.
  ///
  /// ``upperBound(near:directions:)``, then ``lowerBound(near:interior:point:)`` from the point it proved, and the bound of the
  /// last feasible point of the central path if that is better.
  ///
  /// - Parameters:
  ///   - x: the point.
  ///   - z: svec of the dual matrix, in the layout of `LinearMatrixInequality.program()`.
  /// - Throws: ``NotProved`` when cancelled or when the vectors do not fit; bounds that are not proved are nil.
  public func enclosure(near x: [Double], _ z: [Double]) throws -> SemidefiniteEnclosure {
    try require(x)
    _ = try matrix(z)
    var upper = try attempt { try upperBound(near: x) }
    // The point is barely feasible. Twice the way is deeper inside, where Newton's method can begin.
    var start = upper?.point
    if let point = start {
      start = try attempt { try upperBound(at: zip(point, x).map { 2 * $0 - $1 }) }?.point ?? point
    }
    let lower = try attempt { try lowerBoundAndPoints(near: z, interior: [], point: start) }
    for point in (lower?.points ?? []).reversed() {
      guard let better = try attempt({ try upperBound(at: point) }) else { continue }
      if better.value < upper?.value ?? .infinity {
        upper = better.repaired(1)
      }
      break
    }
    return SemidefiniteEnclosure(upper: upper, lower: lower?.bound)
  }

  // MARK: - Shared by the searches

  /// The result of `body`, or nil when it proves nothing.
  ///
  /// - Throws: ``NotProved`` when cancelled.
  func attempt<Result>(_ body: () throws -> Result) throws -> Result? {
    do { return try body() } catch let error as NotProved where error != Interruptible.cancelled { return nil }
  }

  /// The result for about the smallest step for which something is proved: the step grows by fours and is then bisected.
  func smallestStep<Result>(from first: Double, to limit: Double, _ body: (Double) throws -> Result) throws -> Result? {
    // A first step of zero would stay zero, an infinite limit would never be passed.
    let limit = min(limit, 0x1p1000)
    var (failed, step) = (0.0, first > 0 ? first : limit * 0x1p-100)
    while step <= limit {
      try Interruptible.check(isCancelled)
      if var result = try attempt({ try body(step) }) {
        var proved = step
        while failed > 0, proved > 1.2 * failed {
          let middle = (failed * proved).squareRoot()
          if let better = try attempt({ try body(middle) }) { (result, proved) = (better, middle) } else { failed = middle }
        }
        return result
      }
      failed = step
      step = step < limit && 4 * step > limit ? limit : 4 * step
    }
    return nil
  }
}
