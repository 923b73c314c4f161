import LinearAlgebra

/// Solves M dx − A₀′dw = r, A₀ dx = r₀ with M positive definite, by Cholesky factorisation and iterative refinement.
struct NewtonSystem {
  private let matrix: Matrix<Double>
  private let equations: Matrix<Double>
  private let factor: Matrix<Double>
  /// κ: M + κ A₀′A₀ is factored, which changes no solution and makes it definite where M alone is not.
  private let weight: Double
  private let complement: Matrix<Double>?
  /// L⁻¹A₀′.
  private let coupling: Matrix<Double>

  /// Factors the lower triangle of `m`; where it is not numerically definite, its diagonal is raised, by at most 1e-6 of it.
  ///
  /// - Throws: `LinearAlgebraError` when even that does not help.
  init(_ m: Matrix<Double>, equations: Matrix<Double>) throws(LinearAlgebraError) {
    var full = m
    let n = m.rows
    for i in 0..<n { for j in 0..<i { full[j, i] = full[i, j] } }
    matrix = full
    self.equations = equations
    var trace = 0.0
    for i in 0..<n { trace += full[i, i] }
    weight = equations.rows > 0 ? max(trace / Double(max(1, n)), 1) : 0
    var augmented = full
    if equations.rows > 0 { augmented.add(equations.gram(), times: weight) }
    var regularisation = 0.0
    var found: Matrix<Double>?
    var failure = LinearAlgebraError.notPositiveDefinite(order: 0)
    for _ in 0..<9 {
      do throws(LinearAlgebraError) {
        var attempt = augmented
        if regularisation > 0 {
          // Without any entry at all every direction is as good as another.
          let floor = trace > 0 ? 1e-10 * trace / Double(n) : 1
          for i in 0..<n { attempt[i, i] += regularisation * max(augmented[i, i], floor) }
        }
        found = try attempt.cholesky()
        break
      } catch { failure = error }
      regularisation = regularisation == 0 ? 1e-14 : regularisation * 10
    }
    guard let factor = found else { throw failure }
    self.factor = factor
    var coupling = equations.transposed
    if equations.rows > 0 {
      try factor.solveTriangular(.lower, &coupling)
      var gram = coupling.gram()
      for i in 0..<gram.rows { gram[i, i] *= 1 + 1e-13 }
      complement = try gram.cholesky()
    } else {
      complement = nil
    }
    self.coupling = coupling
  }

  /// The solution without equations.
  func solve(_ r: [Double]) throws(LinearAlgebraError) -> [Double] { try solve(r, []).x }

  /// The solution, refined while the residual falls.
  func solve(_ r: [Double], _ r0: [Double]) throws(LinearAlgebraError) -> (x: [Double], w: [Double]) {
    var (x, w) = try solveOnce(r, r0)
    var previous = Double.infinity
    for _ in 0..<5 {
      var rest = matrix.multiplied(by: x)
      let back = equations.multiplied(by: w, transposing: true)
      for i in rest.indices { rest[i] = r[i] - rest[i] + back[i] }
      let restEquations = zip(r0, equations.multiplied(by: x)).map { $0 - $1 }
      let size = VectorKernels.dot(rest, rest) + VectorKernels.dot(restEquations, restEquations)
      guard size < 0.25 * previous, size > 0 else { break }
      previous = size
      let correction = try solveOnce(rest, restEquations)
      for i in x.indices { x[i] += correction.x[i] }
      for i in w.indices { w[i] += correction.w[i] }
    }
    return (x, w)
  }

  /// With M̃ = M + κA₀′A₀: M̃ dx − A₀′dw = r + κA₀′r₀.
  private func solveOnce(_ r: [Double], _ r0: [Double]) throws(LinearAlgebraError) -> (x: [Double], w: [Double]) {
    guard let complement else {
      let half = try factor.solvedTriangular(.lower, r)
      return (try factor.solvedTriangular(.lower, transposing: true, half), [])
    }
    var right = r
    let raised = equations.multiplied(by: r0, transposing: true)
    for i in right.indices { right[i] += weight * raised[i] }
    let half = try factor.solvedTriangular(.lower, right)
    // A₀ M̃⁻¹ (right + A₀′dw) = r₀.
    let reached = coupling.multiplied(by: half, transposing: true)
    let first = try complement.solvedTriangular(.lower, zip(r0, reached).map { $0 - $1 })
    let w = try complement.solvedTriangular(.lower, transposing: true, first)
    let shift = coupling.multiplied(by: w)
    let x = try factor.solvedTriangular(.lower, transposing: true, zip(half, shift).map { $0 + $1 })
    return (x, w)
  }
}
