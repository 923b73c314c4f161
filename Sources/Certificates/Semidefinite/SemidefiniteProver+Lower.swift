import ConicPrograms
import LinearAlgebra

extension SemidefiniteProver {
  /// The bound ⟨F₀, Y⟩ − Σ |cᵢ − ⟨Fᵢ, Y⟩| x̄ᵢ, Y being the given matrix raised by its proved least eigenvalues to be semidefinite.
  ///
  /// For every feasible x with |xᵢ| ≤ x̄ᵢ is c′x = Σ xᵢ⟨Fᵢ, Y⟩ + Σ xᵢ(cᵢ − ⟨Fᵢ, Y⟩), and the first sum is ⟨X(x), Y⟩ + ⟨F₀, Y⟩ ≥ ⟨F₀, Y⟩
  /// (Jansson, Chaykin and Keil 2007).
  ///
  /// - Parameters:
  ///   - z: svec of the matrix, in the layout of `LinearMatrixInequality.program()`.
  ///   - variableBounds: x̄.
  /// - Throws: ``NotProved``.
  public func lowerBound(at z: [Double], variableBounds: [Double]) throws -> SemidefiniteBound {
    try check(variableBounds, count: problem.variableCount)
    let y = try semidefinite(matrix(z))
    let value = ErrorBounds.subtractDown(y.inner(problem.constant).lower, penalty(y, problem.objective, variableBounds))
    return SemidefiniteBound(
      side: .lower, value: try finite(value), method: .variableBounds, assumptions: [.variableBounds(variableBounds)])
  }

  /// Y raised to be proved semidefinite.
  func semidefinite(_ y: BlockMatrix) throws -> BlockMatrix {
    var y = y
    for block in problem.blocks.indices {
      let least = try SymmetricEnclosure(y.part(block)).leastEigenvalue(isCancelled: isCancelled)
      if least < 0 { y.raiseDiagonal(of: block, by: -least) }
    }
    return y
  }

  /// At least Σ |cᵢ − ⟨Fᵢ, Y⟩| x̄ᵢ.
  func penalty(_ y: BlockMatrix, _ c: [Double], _ bounds: [Double]) -> Double {
    var sum = 0.0
    for i in bounds.indices {
      let inner = y.inner(problem.coefficients[i])
      let error = ErrorBounds.addUp((c[i] - inner.value).magnitude.nextUp, inner.radius)
      sum = ErrorBounds.addUp(sum, ErrorBounds.multiplyUp(error, bounds[i]))
    }
    return sum
  }

  /// The bound ⟨F₀, Y⟩ of a dual feasible matrix Y that is proved to exist near the given one.
  ///
  /// - Throws: ``NotProved``.
  func lowerBound(beside y: BlockMatrix, _ gram: ConstraintGram) throws -> SemidefiniteBound {
    SemidefiniteBound(side: .lower, value: try finite(dualValue(y, gram, problem.objective)), method: .feasibleDual)
  }

  /// A proved lower bound of ⟨F₀, Y⟩ for some Y ⪰ 0 with ⟨Fᵢ, Y⟩ = cᵢ near a matrix; it may be NaN or infinite.
  ///
  /// By the lemma of `ConstraintGram` there is one within a distance ε of the matrix that satisfies the equations. Its eigenvalues are within
  /// ε of the matrix's, which are proved to be at least ε, and its ⟨F₀, Y⟩ is within ε |F₀|.
  ///
  /// - Throws: ``NotProved``.
  func dualValue(_ y: BlockMatrix, _ gram: ConstraintGram, _ c: [Double]) throws -> Double {
    let distance = gram.distance(y, c)
    for block in problem.blocks.indices {
      try SymmetricEnclosure(y.part(block)).prove(leastEigenvalue: distance, isCancelled: isCancelled)
    }
    return ErrorBounds.subtractDown(
      y.inner(problem.constant).lower, ErrorBounds.multiplyUp(distance, problem.constant.frobeniusNormBound))
  }
}

extension [LinearMatrixInequality.Entry] {
  /// At least the Frobenius norm of the matrix with these entries.
  var frobeniusNormBound: Double {
    var magnitudes: [Bounded] = []
    var previous: LinearMatrixInequality.Entry?
    for entry in sorted(by: { ($0.block, $0.row, $0.column) < ($1.block, $1.row, $1.column) }) {
      // Off the diagonal the entry counts in both triangles: 1.5 > √2. Entries of one place add up, at most in magnitude.
      let magnitude = ((entry.row == entry.column ? 1 : 1.5) * entry.value.magnitude).nextUp
      if let previous, (previous.block, previous.row, previous.column) == (entry.block, entry.row, entry.column) {
        magnitudes[magnitudes.count - 1].value = ErrorBounds.addUp(magnitudes[magnitudes.count - 1].value, magnitude)
      } else {
        magnitudes.append(Bounded(value: magnitude, radius: 0))
      }
      previous = entry
    }
    return Bounded.norm(magnitudes)
  }
}
