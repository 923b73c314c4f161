import ConicPrograms
import LinearAlgebra

/// Matrices inside the cone that satisfy the equations, from points inside the inequality: where to look for lower bounds. In floating
/// point; nothing is believed of it.
///
/// A Newton step Δ for c′x/μ − log det X(x) at a strictly feasible x solves HΔ = −g with gᵢ = cᵢ/μ − ⟨Fᵢ, X⁻¹⟩ and
/// H_ij = ⟨Fᵢ, X⁻¹FⱼX⁻¹⟩. So Y = μ(X⁻¹ − X⁻¹(Σ ΔᵢFᵢ)X⁻¹) satisfies ⟨Fᵢ, Y⟩ = cᵢ, and it is definite when the decrement √(g′H⁻¹g) is below 1.
struct CentralPath {
  private let problem: LinearMatrixInequality
  private let scales: [Double]
  /// A strictly feasible point.
  private(set) var point: [Double]

  init(_ problem: LinearMatrixInequality, scales: [Double], point: [Double]) {
    self.problem = problem
    self.scales = scales
    self.point = point
  }

  /// About the operations of a step.
  static func cost(_ problem: LinearMatrixInequality) -> Double {
    Double(problem.variableCount) * BlockMatrix(problem.blocks).eigenvalueCost / 2
  }

  /// The matrix for μ, after as many steps as it takes to come near the path.
  ///
  /// - Throws: ``NotProved`` or `LinearAlgebraError` when it is not reached.
  mutating func matrix(_ μ: Double, steps: Int, isCancelled: () -> Bool) throws -> BlockMatrix {
    let m = problem.variableCount
    for _ in 0..<steps {
      try Interruptible.check(isCancelled)
      let inverse = try problem.approximateMatrix(at: point).inverse()
      var hessian = Matrix<Double>(rows: m, columns: m)
      var gradient = [Double](repeating: 0, count: m)
      for j in 0..<m {
        gradient[j] = scales[j] * (problem.objective[j] / μ - inverse.inner(problem.coefficients[j]).value)
        var f = BlockMatrix(problem.blocks)
        f.add(scales[j], problem.coefficients[j])
        let product = inverse.congruence(f)
        for i in 0...j {
          hessian[j, i] = scales[i] * product.inner(problem.coefficients[i]).value
          hessian[i, j] = hessian[j, i]
        }
      }
      for i in 0..<m { hessian[i, i] *= 1 + 0x1p-46 }
      let factor = try hessian.cholesky()
      let half = try factor.solvedTriangular(.lower, gradient)
      let step = try factor.solvedTriangular(.lower, transposing: true, half).enumerated().map { -$1 * scales[$0] }
      let decrement = half.reduce(0) { $0 + $1 * $1 }.squareRoot()
      guard decrement.isFinite else { break }
      if decrement < 0.5 {
        var y = inverse.scaled(by: μ)
        y.add(-μ, inverse.congruence(problem.approximateMatrix(at: step, withConstant: false)))
        point = zip(point, step).map { $0 + $1 }
        return y
      }
      let damping = 1 / (1 + decrement)
      point = zip(point, step).map { $0 + damping * $1 }
    }
    throw NotProved("the central path is not reached")
  }
}

extension BlockMatrix {
  /// The inverse of a definite matrix, in floating point.
  func inverse() throws -> BlockMatrix {
    try replacing { _, part in
      switch part {
      case .diagonal(let values):
        guard values.allSatisfy({ $0 > 0 }) else { throw LinearAlgebraError.notPositiveDefinite(order: 1) }
        return .diagonal(values.map { 1 / $0 })
      case .dense(let matrix):
        var inverse = Matrix<Double>.identity(matrix.rows)
        try matrix.cholesky().solveTriangular(.lower, &inverse)
        return .dense(inverse.gram())
      }
    }
  }

  /// AFA for this symmetric matrix A, in floating point.
  func congruence(_ f: BlockMatrix) -> BlockMatrix {
    replacing { block, part in
      switch (part, f.part(block)) {
      case (.dense(let a), .dense(let f)): .dense(Matrix.product(Matrix.product(a, f), a))
      case (.diagonal(let a), .diagonal(let f)): .diagonal(zip(a, f).map { $0 * $0 * $1 })
      default: part
      }
    }
  }
}
