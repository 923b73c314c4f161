import LinearAlgebra

/// Ways to choose a diagonal S with S ≥ K for a symmetric positive semidefinite K, without an optimiser.
///
/// Every closed-form estimator is one such choice made at each layer. `spectral` is ECLipsE-Fast's; the others are a wider family
/// (Syed & Hu, arXiv 2503.14297, and its relatives): diagonal dominance with weights q gives S_ii = Σ_j |K_ij| q_j / q_i, and scaling by D = diag K gives
/// S = λ_max(D^{-1/2} K D^{-1/2}) D.
enum DiagonalMajorant: String, CaseIterable, Sendable {
  /// λ_max(K) I.
  case spectral
  /// λ_max(D^{-1/2} K D^{-1/2}) D, D = diag K: invariant under scaling of the units.
  case scaledSpectral = "scaled spectral"
  /// Σ_j |K_ij|.
  case rowSums = "row sums"
  /// Diagonal dominance with q = √diag K.
  case scaledRowSums = "scaled row sums"
  /// Diagonal dominance with q the Perron vector of |K|: S = λ_max(|K|) I when |K| is irreducible.
  case perron

  /// The diagonal of S, a little above the majorant so that rounding does not matter.
  ///
  /// - Throws: ``LinearAlgebraError`` when K is not finite.
  func diagonal(for k: Matrix<Double>) throws -> [Double] {
    let n = k.rows
    let safety = 1 + 1e-9
    let diagonal = (0..<n).map { k[$0, $0] }
    switch self {
    case .spectral:
      let sigma = try k.largestEigenvalueEstimate()
      return Array(repeating: sigma * safety, count: n)
    case .scaledSpectral:
      let scale = diagonal.map { $0 > 0 ? 1 / $0.squareRoot() : 0 }
      var scaled = k
      for i in 0..<n { for j in 0..<n { scaled[i, j] *= scale[i] * scale[j] } }
      let sigma = try scaled.largestEigenvalueEstimate()
      return diagonal.map { sigma * safety * $0 }
    case .rowSums:
      return Self.dominance(k, Array(repeating: 1, count: n))
    case .scaledRowSums:
      return Self.dominance(k, diagonal.map { $0 > 0 ? $0.squareRoot() : 1 })
    case .perron:
      var q = [Double](repeating: 1, count: n)
      for _ in 0..<30 {
        let sums = Self.dominance(k, q)
        var next = zip(sums, q).map { $0 * $1 }
        let largest = next.max() ?? 0
        guard largest > 0 else { break }
        next = zip(next, q).map { max($0 / largest, 1e-6 * $1) }
        q = next
      }
      return Self.dominance(k, q)
    }
  }

  private static func dominance(_ k: Matrix<Double>, _ q: [Double]) -> [Double] {
    let n = k.rows
    return k.elements.withUnsafeBufferPointer { k in
      (0..<n).map { i in
        var sum = 0.0
        for j in 0..<n { sum += k[i * n + j].magnitude * q[j] }
        return sum / q[i] * (1 + 1e-9)
      }
    }
  }
}
