import ConicPrograms
import LinearAlgebra

/// Least squares over the span of the constraint matrices, in floating point: where to look for proofs. Nothing is believed of it.
struct ConstraintSpan {
  private let problem: LinearMatrixInequality
  private let scales: [Double]
  private let factor: Matrix<Double>

  /// - Throws: ``NotProved`` when the Gram matrix cannot be factored even after a small shift.
  init(_ problem: LinearMatrixInequality, scales: [Double], gram: SymmetricEnclosure) throws {
    guard case .dense(let matrix) = gram.midpoint else { throw NotProved("the Gram matrix is not dense") }
    self.problem = problem
    self.scales = scales
    for shift in [0, 0x1p-45, 0x1p-40, 0x1p-30] {
      var shifted = matrix
      for i in 0..<matrix.rows { shifted[i, i] += shift * max(1, matrix[i, i]) }
      if let factor = try? shifted.cholesky() {
        self.factor = factor
        return
      }
    }
    throw NotProved("the Gram matrix of the constraints cannot be factored")
  }

  /// - Throws: ``NotProved``.
  init(_ problem: LinearMatrixInequality) throws {
    let (scales, gram) = try ConstraintGram.enclosure(problem)
    try self.init(problem, scales: scales, gram: gram)
  }

  /// G⁻¹r.
  func solve(_ r: [Double]) throws -> [Double] {
    do { return try factor.solvedTriangular(.lower, transposing: true, try factor.solvedTriangular(.lower, r)) } catch {
      throw NotProved("the Gram matrix of the constraints is singular: \(error)")
    }
  }

  /// The d for which Σ dᵢ Fᵢ is nearest to a matrix.
  func coordinates(_ matrix: BlockMatrix) throws -> [Double] {
    let w = try solve(zip(problem.coefficients, scales).map { matrix.inner($0).value * $1 })
    return zip(w, scales).map { $0 * $1 }
  }
}

extension BlockMatrix {
  /// The matrix with eigenvalues below a threshold raised to it, in floating point, and the least eigenvalue before.
  func raised(to threshold: Double) throws -> (matrix: BlockMatrix, least: Double) {
    var least = Double.infinity
    do {
      let matrix = try replacing { _, part in
        switch part {
        case .diagonal(let values):
          least = min(least, values.min() ?? .infinity)
          return .diagonal(values.map { max($0, threshold) })
        case .dense(var matrix):
          let eigen = try matrix.symmetricEigen()
          least = min(least, eigen.values.first ?? .infinity)
          let count = eigen.values.firstIndex { $0 >= threshold } ?? eigen.values.count
          if count == 0 { return part }
          // Add Σ (threshold − λ) vv′ over what lies below.
          var scaled = Matrix<Double>(rows: count, columns: matrix.rows)
          for k in 0..<count {
            let root = (threshold - eigen.values[k]).squareRoot()
            for j in 0..<matrix.rows { scaled[k, j] = root * eigen.vectors[k, j] }
          }
          let sum = scaled.gram()
          for k in matrix.elements.indices { matrix.elements[k] += sum.elements[k] }
          return .dense(matrix)
        }
      }
      return (matrix, least)
    } catch { throw NotProved("no eigenvalues are found: \(error)") }
  }

  /// About the operations of all eigendecompositions.
  var eigenvalueCost: Double {
    blocks.reduce(0) { cost, block in
      switch block {
      case .symmetric(let order): cost + 9 * Double(order) * Double(order) * Double(order)
      case .diagonal(let order): cost + Double(order)
      }
    }
  }
}
