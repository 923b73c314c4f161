import ConicPrograms
import LinearAlgebra

/// The interior point's matrices of one semidefinite cone: S, Z ≻ 0 with their Cholesky factors, and S⁻¹.
struct SemidefiniteState {
  /// The cone's rows in the program.
  let rows: Range<Int>
  var s: Matrix<Double>
  var z: Matrix<Double>
  private(set) var inverse: Matrix<Double>
  private var factorS: Matrix<Double>
  private var factorZ: Matrix<Double>

  /// The order.
  var order: Int { s.rows }

  /// The state with the given positive definite matrices.
  ///
  /// - Throws: `LinearAlgebraError` when one is not positive definite.
  init(rows: Range<Int>, s: Matrix<Double>, z: Matrix<Double>) throws(LinearAlgebraError) {
    self.rows = rows
    self.s = s
    self.z = z
    inverse = s
    factorS = try s.cholesky()
    factorZ = try z.cholesky()
    try invert()
  }

  private mutating func invert() throws(LinearAlgebraError) {
    var half = Matrix<Double>.identity(order)
    try factorS.solveTriangular(.lower, &half)
    inverse = half.gram()
  }

  /// P(W), the symmetric part of Z W S⁻¹.
  func scaled(_ w: Matrix<Double>) -> Matrix<Double> {
    symmetricPart(product(z, w))
  }

  /// The symmetric part of dZ dS S⁻¹, Mehrotra's second-order term.
  func correction(_ dz: Matrix<Double>, _ ds: Matrix<Double>) -> Matrix<Double> {
    symmetricPart(product(dz, ds))
  }

  /// V W S⁻¹ for symmetric V and W. W, a slack, has the pattern of the data, which may be sparse.
  private func product(_ v: Matrix<Double>, _ w: Matrix<Double>) -> Matrix<Double> {
    let n = order
    guard let rows = sparseRows(w) else { return Matrix.product(Matrix.product(v, w), inverse) }
    // The rows of W V = (V W)′ are sums of a few rows of V.
    var wv = Matrix<Double>(rows: n, columns: n)
    wv.elements.withUnsafeMutableBufferPointer { target in
      v.elements.withUnsafeBufferPointer { source in
        guard let target = SharedBuffer(target), let source = SharedInput(source) else { return }
        ParallelFor.runRanges(n, minimumChunk: 16) { range in
          for i in range {
            let sum = target.base + i * n
            for k in rows[i] {
              let (factor, row) = (w.elements[i * n + k], source.base + k * n)
              for j in 0..<n { sum[j] += factor * row[j] }
            }
          }
        }
      }
    }
    return Matrix.product(wv, inverse, transposingLeft: true)
  }

  /// The places of each row's entries; `nil` for matrices that are not sparse enough for products by entries.
  private func sparseRows(_ w: Matrix<Double>) -> [[Int]]? {
    let n = order
    var left = n * n / 16
    var rows = [[Int]](repeating: [], count: n)
    return w.elements.withUnsafeBufferPointer { w in
      for i in 0..<n {
        for j in 0..<n where w[i &* n &+ j] != 0 {
          rows[i].append(j)
          left -= 1
          if left < 0 { return nil }
        }
      }
      return rows
    }
  }

  private func symmetricPart(_ matrix: Matrix<Double>) -> Matrix<Double> {
    var result = matrix
    let n = order
    result.elements.withUnsafeMutableBufferPointer { a in
      guard let a = a.baseAddress else { return }
      let block = 32
      for i0 in stride(from: 0, to: n, by: block) {
        for j0 in stride(from: 0, through: i0, by: block) {
          for i in i0..<min(i0 + block, n) {
            for j in j0..<max(j0, min(j0 + block, i)) {
              let mean = (a[i * n + j] + a[j * n + i]) / 2
              a[i * n + j] = mean
              a[j * n + i] = mean
            }
          }
        }
      }
    }
    return result
  }

  /// The greatest α ≤ `limit` with S + α dS ⪰ 0, or a little less.
  func maximumStepS(_ ds: Matrix<Double>, limit: Double) throws(LinearAlgebraError) -> Double {
    try Self.maximumStep(factorS, ds, limit: limit)
  }

  /// The greatest α ≤ `limit` with Z + α dZ ⪰ 0, or a little less.
  func maximumStepZ(_ dz: Matrix<Double>, limit: Double) throws(LinearAlgebraError) -> Double {
    try Self.maximumStep(factorZ, dz, limit: limit)
  }

  /// 1/λ_max(−L⁻¹ D L⁻ᵀ), capped.
  private static func maximumStep(_ factor: Matrix<Double>, _ direction: Matrix<Double>, limit: Double) throws(LinearAlgebraError) -> Double
  {
    let n = factor.rows
    let largest: Double
    if n <= 60 {
      var scaled = direction
      try factor.solveTriangular(.lower, &scaled)
      try factor.solveTriangular(.lower, transposing: true, fromRight: true, &scaled)
      // From the right with L⁻ᵀ: the product is symmetric up to rounding.
      largest = -(try scaled.symmetricEigenvalues()[0])
    } else {
      // A Ritz value is an estimate from below; its residual bounds the distance to the eigenvalue.
      var failure: LinearAlgebraError?
      let pairs: [Lanczos.Pair<Double>] = try Lanczos(tolerance: 1e-3, maximumIterations: 40).largestEigenpairs(order: n) { x in
        do throws(LinearAlgebraError) {
          let y = try factor.solvedTriangular(.lower, transposing: true, x)
          return try factor.solvedTriangular(.lower, direction.multiplied(by: y)).map { -$0 }
        } catch {
          failure = error
          return x
        }
      }
      if let failure { throw failure }
      largest = (pairs.first?.value ?? 0) + (pairs.first?.residual ?? 0)
    }
    guard largest.isFinite else { throw .notFinite(routine: "step length") }
    return largest * limit > 1 ? 1 / largest : limit
  }

  /// The state at S + α dS, Z + β dZ; `nil` when one of them is not numerically positive definite.
  func moved(_ ds: Matrix<Double>, _ α: Double, _ dz: Matrix<Double>, _ β: Double) throws(LinearAlgebraError) -> SemidefiniteState? {
    var result = self
    result.s.add(ds, times: α)
    result.z.add(dz, times: β)
    do throws(LinearAlgebraError) {
      result.factorS = try result.s.cholesky()
      result.factorZ = try result.z.cholesky()
    } catch .notPositiveDefinite {
      return nil
    }
    try result.invert()
    return result
  }
}
