import ConicPrograms
import LinearAlgebra

/// Where to look for dual matrices. Whatever is found counts only as far as ``dualValue(_:_:_:)`` proves it.
extension SemidefiniteProver {
  /// The bound ⟨F₀, Y⟩ of a dual feasible matrix Y near a given one, whose existence is proved.
  ///
  /// A matrix Ỹ in floating point is within ε of one that satisfies the equations exactly (`ConstraintGram`). If its eigenvalues are
  /// proved to be at least ε, that one is semidefinite, and its objective is at least ⟨F₀, Ỹ⟩ − ε|F₀|_F. The given matrix is projected
  /// and, where needed, mixed with interior matrices: those of the caller, and such as are found by projecting multiples of I. From a
  /// strictly feasible point, matrices on the central path are tried as well (`CentralPath`) unless the problem is large.
  ///
  /// - Parameters:
  ///   - z: svec of the matrix, in the layout of `LinearMatrixInequality.program()`.
  ///   - interior: vectors of matrices well inside the cone that nearly satisfy the equations.
  ///   - point: a strictly feasible x, such as that of an upper bound.
  /// - Throws: ``NotProved``, always so when the dual has no interior or the Fᵢ are linearly dependent.
  public func lowerBound(near z: [Double], interior: [[Double]] = [], point: [Double]? = nil) throws -> SemidefiniteBound {
    try lowerBoundAndPoints(near: z, interior: interior, point: point).bound
  }

  /// The bound, and the points of the central path by falling objective, as far as they were followed.
  func lowerBoundAndPoints(near z: [Double], interior: [[Double]], point: [Double]?) throws -> (
    bound: SemidefiniteBound, points: [[Double]]
  ) {
    let given = try matrix(z)
    let gram = try ConstraintGram(problem, isCancelled: isCancelled)
    let base = try gram.projection(given, problem.objective)
    let direct = try attempt({ try lowerBound(beside: base, gram) })
    if let direct {
      // Only a gap is worth the search.
      let upper = point.map { Bounded(dot: problem.objective, $0).value } ?? direct.value
      if upper - direct.value <= 1e-7 * (1 + upper.magnitude) { return (direct, []) }
    }
    var bounds =
      try direct.map { [$0] }
      ?? mixed(base, gram, problem.objective, interior: interior.map { try matrix($0) }) {
        try lowerBound(beside: $0, gram).repaired($1)
      }
    var points: [[Double]] = []
    if let point {
      let central = try centralBounds(from: point, near: base, gram) { try lowerBound(beside: $0, gram).repaired(1) }
      bounds += central.bounds
      points = central.points
    }
    guard let best = bounds.max(by: { $0.value < $1.value }) else {
      throw NotProved("no dual feasible matrix is proved near the given one")
    }
    return (best, points)
  }

  /// The bounds along the central path, down from where the complementarity of the point and the matrix lies.
  private func centralBounds(
    from point: [Double], near y: BlockMatrix, _ gram: ConstraintGram, _ prove: (BlockMatrix) throws -> SemidefiniteBound
  ) throws -> (bounds: [SemidefiniteBound], points: [[Double]]) {
    try require(point)
    guard CentralPath.cost(problem) < 4e9 else { return ([], []) }
    let order = Double(problem.blocks.reduce(0) { $0 + $1.order })
    let gap = Bounded(dot: problem.objective, point).value - y.inner(problem.constant).value
    var μ = 16 * max(gap.magnitude, 1e-9 * (1 + y.largest)) / max(1, order)
    var path = CentralPath(problem, scales: gram.scales, point: point)
    var (bounds, points) = ([SemidefiniteBound](), [[Double]]())
    for _ in 0..<20 {
      let bound: SemidefiniteBound?
      do {
        let matrix = try path.matrix(μ, steps: bounds.isEmpty ? 60 : 20, isCancelled: isCancelled)
        bound = try attempt { try prove(try gram.projection(matrix, problem.objective)) }
      } catch let error as NotProved where error == Interruptible.cancelled { throw error } catch { bound = nil }
      if let bound {
        if let last = bounds.last, bound.value - last.value < 1e-10 * bound.value.magnitude { break }
        bounds.append(bound)
        points.append(path.point)
        μ /= 8
      } else if bounds.isEmpty {
        // Nearer to the boundary than floating point can go.
        μ *= 64
        path = CentralPath(problem, scales: gram.scales, point: point)
      } else {
        break
      }
    }
    return (bounds, points)
  }

  /// What is proved of mixtures of a matrix that nearly satisfies ⟨Fᵢ, Y⟩ = cᵢ with matrices inside the cone that do so as well.
  func mixed<Result>(
    _ base: BlockMatrix, _ gram: ConstraintGram, _ c: [Double], interior: [BlockMatrix], _ prove: (BlockMatrix, Double) throws -> Result
  ) throws -> [Result] {
    let scale = base.largest
    let need = max(0, -(try approximateLeastEigenvalue(base))) + 0x1p-46 * scale
    var results: [Result] = []
    func mix(_ other: BlockMatrix, limit: Double) throws {
      let depth = try approximateLeastEigenvalue(other)
      guard depth > 0 else { return }
      let result = try smallestStep(from: min(0.25, need / 16 / depth), to: limit) { weight in
        var y = base
        y.add(-weight, base)
        y.add(weight, other)
        return try prove(try gram.projection(y, c), weight)
      }
      if let result { results.append(result) }
    }
    for matrix in interior { try mix(try gram.projection(matrix, c), limit: 1) }
    // Projections of the matrix raised a little: near, when there is room.
    for factor in [2.0, 16, 256] where results.isEmpty {
      guard let near = try attempt({ try interiorMatrix(near: base, gram, c, depth: factor * need) }) else { continue }
      try mix(near, limit: 1)
    }
    // Projections of multiples of I: far, but deep inside.
    for factor in [0x1p14, 0x1p7, 1, 0x1p-4, 0x1p-8, 0x1p-12] {
      let identity = BlockMatrix(problem.blocks, identity: factor * scale)
      guard let far = try attempt({ try interiorMatrix(near: identity, gram, c, depth: factor * scale / 16) }) else { continue }
      try mix(far, limit: 1)
    }
    return results
  }

  /// A matrix that nearly satisfies the equations with λ_min of about half of `depth`, by alternating projections.
  private func interiorMatrix(near y: BlockMatrix, _ gram: ConstraintGram, _ c: [Double], depth: Double) throws -> BlockMatrix {
    var result = try gram.projection(y, c)
    for _ in 0..<eigendecompositions(y) {
      try Interruptible.check(isCancelled)
      var (raised, least) = try result.raised(to: depth)
      if least > depth / 2 { return result }
      // Over-relaxed: 1.6 of the step to the raised matrix.
      raised.add(-0.375, result)
      result = try gram.projection(raised.scaled(by: 1.6), c)
    }
    return result
  }
}
