import ConicPrograms
import LinearAlgebra

extension NewtonMatrix {
  /// The part of one semidefinite cone from the positive eigenpairs alone; `nil` where the other eigenvectors are cheaper to have, or where
  /// an eigenvalue is so small that the factorisation fails.
  ///
  /// With S = Π(−V) the sum over the other side of λₖ/(λₖ − λₗ) qₗqₗ′ is λₖ (λₖI + S)⁻¹ − Q_P Q_P′, so that
  /// H_ij = 2 Σₖ λₖ (F_i qₖ)′ (λₖI + S)⁻¹ (F_j qₖ) − Σ_{k,l ∈ P} a_ikl a_jkl: a Cholesky factor for each of the few positive eigenvalues.
  ///
  /// - Parameter slack: svec of S.
  static func resolved(
    _ spectrum: SpectralDerivative, _ cover: StarCover, slack: ArraySlice<Double>
  ) throws(LinearAlgebraError) -> Matrix<Double>? {
    let (n, m, r) = (spectrum.order, cover.columns.variables.count, spectrum.pairs.count)
    // All eigenvectors cost about as much as 2 n³ multiply-adds of a factorisation.
    guard spectrum.side == .positive, !spectrum.isComplete, Double(r) * (Double(n) / 3 + Double(m) / 2) < 1.5 * Double(n) else {
      return nil
    }
    var result = Matrix<Double>(rows: m, columns: m)
    var shifted = SymmetricVector.matrix(slack, order: n)
    let diagonal = (0..<n).map { shifted[$0, $0] }
    var inner = Matrix<Double>(rows: m, columns: r * r)
    for (k, λ) in spectrum.pairs.values.enumerated() {
      for i in 0..<n { shifted[i, i] = diagonal[i] + λ }
      let factor: Matrix<Double>
      do { factor = try shifted.cholesky() } catch {
        guard case .notPositiveDefinite = error else { throw error }
        return nil
      }
      // Row i: F_i qₖ, times √2λ; replaced by the solution of y L′ = that.
      var images = Matrix<Double>(rows: m, columns: n)
      let q = spectrum.pairs.vectors.row(k)
      for i in 0..<m {
        for star in cover.stars(i) {
          let centre = cover.centres[star]
          var sum = 0.0
          for entry in cover.entries(star) {
            sum += cover.values[entry] * q[cover.indices[entry]]
            images.elements[i * n + cover.indices[entry]] += cover.values[entry] * q[centre]
          }
          images.elements[i * n + centre] += sum
        }
      }
      let products = Matrix.product(images, spectrum.pairs.vectors, transposingRight: true)
      for i in 0..<m { for l in 0..<r { inner[i, k * r + l] = products[i, l] } }
      images.scale(by: (2 * λ).squareRoot())
      try factor.solveTriangular(.lower, transposing: true, fromRight: true, &images)
      result.add(images.gram(transposing: true))
    }
    result.add(inner.gram(transposing: true), times: -1)
    return result
  }
}
