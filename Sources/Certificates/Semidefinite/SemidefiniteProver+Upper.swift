import ConicPrograms
import LinearAlgebra

extension SemidefiniteProver {
  /// The bound c′x, if x is feasible: X(x) ⪰ 0 by a verified Cholesky factorisation of each block.
  ///
  /// - Throws: ``NotProved``.
  /// - Complexity: n³/6 multiplications for each block.
  public func upperBound(at x: [Double]) throws -> SemidefiniteBound {
    try require(x)
    for (index, block) in try problem.enclosure(at: x).enumerated() {
      do { try block.prove(isCancelled: isCancelled) } catch let error as NotProved where error != Interruptible.cancelled {
        throw NotProved("block \(index + 1): \(error.description)")
      }
    }
    let value = try finite(Bounded(dot: problem.objective, x).upper)
    return SemidefiniteBound(side: .upper, value: value, method: .feasiblePoint, point: x)
  }

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
        let bound = try upperBound(at: zip(x, direction).map { $0 + step * $1 })
        return SemidefiniteBound(side: .upper, value: bound.value, method: .repairedPoint, point: bound.point, repair: step / limit)
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

  /// An upper bound of the dual optimum by way of trace bounds, from any point: c′x + Σ t_k max(0, −λ_min(X_k(x))).
  ///
  /// For every dual feasible Y with tr Y_k ≤ t_k is ⟨F₀, Y⟩ = c′x − ⟨X(x), Y⟩ ≤ c′x − Σ λ_min(X_k) tr Y_k on the blocks where λ_min is
  /// negative (Jansson, Chaykin and Keil, Rigorous error bounds for the optimal value in semidefinite programming, 2007).
  ///
  /// - Parameters:
  ///   - x: the point; it need not be feasible.
  ///   - dualTraceBounds: t, one for each block.
  /// - Throws: ``NotProved``.
  public func upperBound(at x: [Double], dualTraceBounds: [Double]) throws -> SemidefiniteBound {
    try check(dualTraceBounds, count: problem.blocks.count)
    let least = try leastEigenvalues(at: x)
    var value = Bounded(dot: problem.objective, x).upper
    for (least, trace) in zip(least, dualTraceBounds) where least < 0 {
      value = ErrorBounds.addUp(value, ErrorBounds.multiplyUp(-least, trace))
    }
    return SemidefiniteBound(
      side: .upper, value: try finite(value), method: .dualTraceBounds,
      assumptions: [.dualTraceBounds(dualTraceBounds), .noDualityGap])
  }

  func finite(_ value: Double) throws -> Double {
    guard value.isFinite else { throw NotProved("the objective is beyond the range of double precision") }
    return value
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
