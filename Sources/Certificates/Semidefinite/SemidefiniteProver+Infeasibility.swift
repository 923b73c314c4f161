import ConicPrograms
import LinearAlgebra

extension SemidefiniteProver {
  /// Proves that the dual has no feasible matrix, from a ray: Σ xᵢ Fᵢ ⪰ 0 and c′x < 0.
  ///
  /// For a feasible Y, c′x = ⟨Σ xᵢ Fᵢ, Y⟩ ≥ 0. Moving any feasible point of (P) along the ray lowers c′x without end. A ray that is not
  /// proved is moved along a direction into the interior of the cone, as long as c′x stays negative.
  ///
  /// - Throws: ``NotProved``.
  public func proveDualInfeasible(ray x: [Double]) throws -> SemidefiniteInfeasibility {
    try require(x)
    func proof(_ ray: [Double]) throws -> SemidefiniteInfeasibility {
      let margin = -Bounded(dot: problem.objective, ray).upper
      guard margin > 0, margin.isFinite else { throw NotProved("c′x of the ray is not negative") }
      for block in try problem.enclosure(at: ray, withConstant: false) { try block.prove(isCancelled: isCancelled) }
      return SemidefiniteInfeasibility(claim: .noDualMatrix, margin: margin, ray: ray)
    }
    if let proof = try attempt({ try proof(x) }) { return proof }
    let matrix = problem.approximateMatrix(at: x, withConstant: false)
    let need = max(0, -(try approximateLeastEigenvalue(matrix))) + 0x1p-48 * matrix.largest
    let direction = try recessionDirection(ConstraintSpan(problem))
    let result = try smallestStep(from: need / 64, to: max(1, matrix.largest)) { step in
      try proof(zip(x, direction).map { $0 + step * $1 })
    }
    guard let result else { throw NotProved("the ray does not prove that the dual is infeasible") }
    return result
  }

  /// Proves that no x is feasible, from a matrix near one with Y ⪰ 0, ⟨Fᵢ, Y⟩ = 0 and ⟨F₀, Y⟩ > 0.
  ///
  /// For a feasible x, 0 ≤ ⟨X(x), Y⟩ = −⟨F₀, Y⟩ < 0. That an exact Y exists is proved as in ``lowerBound(near:interior:point:)``.
  ///
  /// - Parameter z: svec of the matrix, in the layout of `LinearMatrixInequality.program()`.
  /// - Throws: ``NotProved``.
  public func provePrimalInfeasible(ray z: [Double]) throws -> SemidefiniteInfeasibility {
    let given = try matrix(z)
    let gram = try ConstraintGram(problem, isCancelled: isCancelled)
    let zero = [Double](repeating: 0, count: problem.variableCount)
    func proof(_ y: BlockMatrix) throws -> SemidefiniteInfeasibility {
      let margin = try dualValue(y, gram, zero)
      guard margin > 0, margin.isFinite else { throw NotProved("⟨F₀, Y⟩ of the ray is not positive") }
      return SemidefiniteInfeasibility(claim: .noPoint, margin: margin)
    }
    let base = try gram.projection(given, zero)
    if let proof = try attempt({ try proof(base) }) { return proof }
    let results = try mixed(base, gram, zero, interior: []) { y, _ in try proof(y) }
    guard let best = results.max(by: { $0.margin < $1.margin }) else { throw NotProved("the ray does not prove that no point is feasible") }
    return best
  }

  /// Proves that no x with |xᵢ| ≤ x̄ᵢ is feasible: ⟨F₀, Y⟩ > Σ |⟨Fᵢ, Y⟩| x̄ᵢ for the given matrix raised to be semidefinite.
  ///
  /// For a feasible x, 0 ≤ ⟨X(x), Y⟩ = Σ xᵢ⟨Fᵢ, Y⟩ − ⟨F₀, Y⟩.
  ///
  /// - Throws: ``NotProved``.
  public func provePrimalInfeasible(ray z: [Double], variableBounds: [Double]) throws -> SemidefiniteInfeasibility {
    try check(variableBounds, count: problem.variableCount)
    let y = try semidefinite(matrix(z))
    let zero = [Double](repeating: 0, count: problem.variableCount)
    let margin = ErrorBounds.subtractDown(y.inner(problem.constant).lower, penalty(y, zero, variableBounds))
    guard margin > 0, margin.isFinite else { throw NotProved("the ray does not exclude points within the bounds") }
    return SemidefiniteInfeasibility(claim: .noPointWithinBounds, margin: margin, assumptions: [.variableBounds(variableBounds)])
  }

  /// A number R such that every feasible x has an element of magnitude at least R, from an approximate ray: ⟨F₀, Y⟩ / Σ |⟨Fᵢ, Y⟩|.
  ///
  /// - Throws: ``NotProved`` when the ray excludes nothing.
  public func leastMagnitudeOfFeasiblePoints(ray z: [Double]) throws -> Double {
    let y = try semidefinite(matrix(z))
    let zero = [Double](repeating: 0, count: problem.variableCount)
    let value = y.inner(problem.constant).lower
    let sum = penalty(y, zero, zero.map { _ in 1 })
    guard value > 0, value.isFinite, sum.isFinite else { throw NotProved("⟨F₀, Y⟩ of the ray is not positive, or nothing is finite") }
    return ErrorBounds.divideDown(value, sum)
  }
}
