import ConicPrograms
import LinearAlgebra

/// Where to look for feasible points. Whatever is found counts only as far as ``upperBound(at:)`` proves it.
extension SemidefiniteProver {
  /// The bound c′x of a feasible point near x: x itself, or x moved until it is proved feasible.
  ///
  /// The point moves along each of the given directions, along one for which Σ dᵢ Fᵢ ≻ 0, and towards points that alternating projections
  /// find inside the cone; the best bound is returned. Strictly feasible points x̂ of the caller give the directions x̂ − x.
  ///
  /// - Parameters:
  ///   - x: the point.
  ///   - directions: directions to try.
  /// - Throws: ``NotProved``.
  public func upperBound(near x: [Double], directions: [[Double]] = []) throws -> SemidefiniteBound {
    if let bound = try attempt({ try upperBound(at: x) }) { return bound }
    try require(x)
    let matrix = problem.approximateMatrix(at: x)
    let least = try approximateLeastEigenvalue(matrix)
    // Below this size the rounding errors of the proof prevail.
    let need = max(-least, 0) + 0x1p-48 * matrix.largest
    var best: SemidefiniteBound?
    func move(along direction: [Double], first: Double, limit: Double) throws {
      let bound = try smallestStep(from: first, to: limit) { step in
        try upperBound(at: zip(x, direction).map { $0 + step * $1 }).repaired(step / limit)
      }
      if let bound, bound.value < best?.value ?? .infinity { best = bound }
    }
    for direction in directions {
      try require(direction)
      try move(along: direction, first: 0x1p-40, limit: 1)
    }
    if let span = try attempt({ try ConstraintSpan(problem) }) {
      if let direction = try attempt({ try recessionDirection(span) }) {
        // Along it the least eigenvalue grows by at least 1 for each unit.
        try move(along: direction, first: need / 64, limit: max(1, matrix.largest) * 0x1p10)
      }
      for factor in [2.0, 16, 256] {
        guard let point = try attempt({ try interiorPoint(near: x, span, depth: factor * need) }) else { continue }
        try move(along: zip(point, x).map { $0 - $1 }, first: 0x1p-6, limit: 4)
        if best != nil { break }
      }
    }
    guard let best else { throw NotProved("no feasible point is proved near the given one, whose least eigenvalue is about \(least)") }
    return best
  }

  func approximateLeastEigenvalue(_ matrix: BlockMatrix) throws -> Double {
    do { return try matrix.approximateLeastEigenvalue() } catch { throw NotProved("no eigenvalues are found: \(error)") }
  }

  /// How many eigendecompositions a search may take.
  func eigendecompositions(_ matrix: BlockMatrix) -> Int { max(2, min(40, Int(1e10 / max(1, matrix.eigenvalueCost)))) }

  /// A direction d with λ_min(Σ dᵢ Fᵢ) about 1, by alternating projections between the span and {M ⪰ I}.
  func recessionDirection(_ span: ConstraintSpan) throws -> [Double] {
    var target = BlockMatrix(problem.blocks, identity: 1)
    for _ in 0..<eigendecompositions(target) {
      try Interruptible.check(isCancelled)
      let direction = try span.coordinates(target)
      let (raised, least) = try problem.approximateMatrix(at: direction, withConstant: false).raised(to: 1)
      if least > 0.02 { return direction.map { $0 / least } }
      target = raised
    }
    throw NotProved("no direction into the cone is found")
  }

  /// A point near x with λ_min(X) of about half of `depth`, by alternating projections between the affine space and {M ⪰ depth · I}.
  private func interiorPoint(near x: [Double], _ span: ConstraintSpan, depth: Double) throws -> [Double] {
    var point = x
    for _ in 0..<eigendecompositions(BlockMatrix(problem.blocks)) {
      try Interruptible.check(isCancelled)
      let matrix = problem.approximateMatrix(at: point)
      var (change, least) = try matrix.raised(to: depth)
      if least > depth / 2 { return point }
      change.add(-1, matrix)
      point = zip(point, try span.coordinates(change)).map { $0 + 1.6 * $1 }
    }
    return point
  }
}
