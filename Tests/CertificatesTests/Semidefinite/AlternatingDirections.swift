import ConicPrograms
import LinearAlgebra

/// A plain alternating direction method for min c′x, Ax + s = b, s ∈ K: a source of inexact vectors for proofs.
///
/// x ← (A′A)⁻¹(A′(b − s + u) − c/ρ), s ← Π(b − Ax + u), u ← u + b − Ax − s; −ρu is the dual vector.
enum AlternatingDirections {
  static func solve(_ program: ConicProgram, iterations: Int, penalty: Double = 1) throws -> ConicPoint {
    let (m, n) = (program.variableCount, program.rowCount)
    let a = program.coefficients
    var gram = Matrix<Double>(rows: m, columns: m)
    for i in 0..<m {
      var dense = [Double](repeating: 0, count: n)
      for k in a.range(i) { dense[a.rows[k]] = a.values[k] }
      gram.elements.replaceSubrange(i * m..<(i + 1) * m, with: a.transposedMultiplied(by: dense))
    }
    let factor = try gram.cholesky()
    var point = ConicPoint(zeroOf: program)
    var u = point.s
    for _ in 0..<iterations {
      let target = (0..<n).map { program.constants[$0] - point.s[$0] + u[$0] }
      let right = zip(a.transposedMultiplied(by: target), program.objective).map { $0 - $1 / penalty }
      point.x = try factor.solvedTriangular(.lower, transposing: true, try factor.solvedTriangular(.lower, right))
      let ax = a.multiplied(by: point.x)
      let moved = (0..<n).map { program.constants[$0] - ax[$0] + u[$0] }
      for (cone, range) in zip(program.cones, program.ranges) {
        switch cone {
        case .semidefinite(let order):
          let projection = try projected(SymmetricVector.matrix(moved[range], order: order))
          point.s.replaceSubrange(range, with: SymmetricVector.vector(projection))
        default: point.s.replaceSubrange(range, with: moved[range].map { max(0, $0) })
        }
      }
      for i in 0..<n { u[i] = moved[i] - point.s[i] }
    }
    point.z = u.map { -penalty * $0 }
    return point
  }

  private static func projected(_ matrix: Matrix<Double>) throws -> Matrix<Double> {
    let eigen = try matrix.symmetricEigen()
    var scaled = eigen.vectors
    for k in 0..<matrix.rows {
      let root = max(0, eigen.values[k]).squareRoot()
      for j in 0..<matrix.rows { scaled[k, j] *= root }
    }
    return scaled.gram()
  }
}
