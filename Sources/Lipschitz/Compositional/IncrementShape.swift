import Foundation
import LinearAlgebra

/// An ellipsoid for a layer's increments, (u′v)² ≤ u′Pu |dx|² for all u, carried forwards through a chain in floating point.
///
/// P is held with trace n and its scale as a logarithm, so that chains of any depth stay within range.
struct IncrementShape {
  /// P̂, with P = e^logScale P̂.
  private(set) var matrix: Matrix<Double>
  /// log of P's scale.
  private(set) var logScale: Double

  /// The shape of W dx.
  init(firstMap w: Matrix<Double>) {
    matrix = w.gram(transposing: true)
    logScale = 0
    normalise()
  }

  /// Passes a layer of units with the given τ (in the units of ``matrix``); see ``LookaheadProgram``.
  ///
  /// Units with τ = 0 are taken as linear, h = cz.
  ///
  /// - Throws: `LinearAlgebraError` when diag τ − P_SS is not positive definite.
  mutating func pass(_ sectors: CentredSectors, tau: [Double]) throws {
    let n = matrix.rows
    let active = tau.indices.filter { tau[$0] > 0 }
    if !active.isEmpty {
      var slack = Matrix<Double>(rows: active.count, columns: active.count)
      var coupling = Matrix<Double>(rows: active.count, columns: n)
      for (i, a) in active.enumerated() {
        for (j, b) in active.enumerated() { slack[i, j] = -matrix[a, b] }
        slack[i, i] += tau[a]
        for j in 0..<n { coupling[i, j] = matrix[a, j] }
      }
      try slack.cholesky().solveTriangular(.lower, &coupling)
      matrix.add(coupling.gram())
    }
    for i in 0..<n { for j in 0..<n { matrix[i, j] *= sectors.centre[i] * sectors.centre[j] } }
    for a in active { matrix[a, a] += sectors.radius[a] * sectors.radius[a] * tau[a] }
  }

  /// Passes a linear map.
  mutating func pass(_ w: Matrix<Double>) {
    var result = Matrix<Double>(rows: w.rows, columns: w.rows)
    Matrix.multiply(Matrix.product(w, matrix), w, transposingRight: true, into: &result)
    matrix = result
    // Rounding may leave the two triangles apart.
    for i in 0..<matrix.rows { for j in 0..<i { matrix[j, i] = matrix[i, j] } }
    normalise()
  }

  private mutating func normalise() {
    let n = matrix.rows
    let mean = (0..<n).reduce(0) { $0 + matrix[$1, $1] } / Double(max(1, n))
    guard mean > 0, mean.isFinite else { return }
    matrix.scale(by: 1 / mean)
    logScale += log(mean)
  }
}
