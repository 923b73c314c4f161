import LinearAlgebra

/// The inputs of a ball as the rows of a local form see them: |dx| ≤ r implies A dx = L z for some |z| ≤ r.
///
/// *Proof.* With AA′ ≤ LL′ and L regular, z = L⁻¹A dx has |z|² = dx′A′(LL′)⁻¹A dx ≤ |dx|², for A′(LL′)⁻¹A ≤ I exactly when AA′ ≤ LL′. ∎
///
/// L is a Cholesky factor of AA′ with its diagonal raised by a relative 10⁻⁹, computed in any way; AA′ ≤ LL′ is proved. So a problem over
/// thousands of inputs becomes one over as many coordinates as there are rows.
public struct InputFactor: Sendable {
  /// L, lower triangular.
  public let factor: Matrix<Double>

  /// Factors the rows of a local form.
  ///
  /// - Throws: ``NotProved`` when AA′ ≤ LL′ cannot be proved.
  /// - Complexity: n² m / 2 for n rows of m inputs.
  public init(_ rows: Matrix<Double>, isCancelled: () -> Bool = { false }) throws {
    let n = rows.rows
    guard NumberRange.holds(rows.elements, limit: NumberRange.largestCoefficient) else { throw NotProved("numbers are too large") }
    let gram = SymmetricProduct.gram(rows)
    var scaled = gram
    // Rows of zeros get something, so that L is regular.
    let floor = 0x1p-400
    let diagonal = (0..<n).map { max(gram[$0, $0], floor) }
    for i in 0..<n {
      for j in 0..<n { scaled[i, j] = gram[i, j] / (diagonal[i] * diagonal[j]).squareRoot() }
      scaled[i, i] = 1 + 1e-9
    }
    guard var factor = try? scaled.cholesky() else { throw NotProved("the input rows cannot be factored") }
    for i in 0..<n { for j in 0...i { factor[i, j] *= diagonal[i].squareRoot() } }
    for i in 0..<n { for j in i + 1..<max(n, i + 1) { factor[i, j] = 0 } }
    guard factor.isFinite, (0..<n).allSatisfy({ factor[$0, $0] > 0 }) else { throw NotProved("the input rows cannot be factored") }
    // LL′ − AA′: each entry is off by γ(k)(|L||L|′ + |A||A|′)_ij ≤ γ(k)(l_i l_j + a_i a_j), l and a the norms of the rows, and one rounding.
    var difference = SymmetricProduct.gram(factor)
    let own = (0..<n).map { difference[$0, $0] }
    let gamma = ErrorBounds.gamma(max(n, rows.columns) + 4)
    // diag(m v_i²) dominates v v′.
    let slack = (0..<n).map { i in
      (gamma * Double(n) * (own[i] + gram[i, i]) * (1 + 0x1p-20) + 0x1p-700).nextUp
    }
    for i in 0..<n { for j in 0..<n { difference[i, j] -= gram[i, j] } }
    do {
      try VerifiedElimination.provePositive(&difference, slack: slack, isCancelled: isCancelled)
    } catch let error as NotProved where error != Interruptible.cancelled {
      throw NotProved("the factor of the inputs is not large enough: \(error)")
    }
    self.factor = factor
  }
}
