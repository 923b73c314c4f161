import BigInt
import LinearAlgebra

/// Decisions by a witness: floating-point arithmetic proposes, exact arithmetic disposes.
extension SymmetricForm {
  /// Whether the form A is positive definite, or nil when neither witness convinces.
  ///
  /// - A lower triangular S without zeros on its diagonal such that SAS′ is strictly diagonally dominant with a positive diagonal: then SAS′
  ///   is positive definite, and so is A. S is an approximate inverse of A's Cholesky factor.
  /// - A vector x ≠ 0 with x′Ax ≤ 0: then A is not. It is an approximate eigenvector.
  ///
  /// S and x are exact dyadic numbers wherever they come from, and SAS′ and x′Ax are computed exactly, so nothing is believed of the
  /// floating-point numbers. Only forms that are singular but for 10⁻¹³ or so are left undecided.
  var quickDecision: Bool? {
    guard entries.indices.allSatisfy({ !entries[$0][$0].isNegative && !entries[$0][$0].isZero }) else { return false }
    // Scales by powers of two bring the diagonal near one.
    let scales = entries.indices.map { i in
      Dyadic(significand: 1, exponent: -((entries[i][i].exponent + entries[i][i].significand.bitWidth) >> 1))
    }
    var a = Matrix<Double>(rows: order, columns: order)
    for i in 0..<order { for j in 0..<order { a[i, j] = (scales[i] * entries[i][j] * scales[j]).approximate } }
    if let inverse = Self.inverseFactor(a) {
      let s = (0..<order).map { i in (0...i).map { Dyadic(inverse[i, $0]) * scales[$0] } }
      return isDominant(after: s) ? true : nil
    }
    guard let x = try? a.symmetricEigen().vectors.row(0), x.allSatisfy(\.isFinite) else { return nil }
    let vector = zip(x, scales).map { Dyadic($0) * $1 }
    let product = entries.map { Self.product($0, vector) }
    let value = Self.product(product, vector)
    return vector.contains { !$0.isZero } && (value.isNegative || value.isZero) ? false : nil
  }

  /// Whether SAS′ is strictly diagonally dominant with a positive diagonal, exactly; S is given by the rows of its lower triangle.
  private func isDominant(after s: [[Dyadic]]) -> Bool {
    guard s.allSatisfy({ $0.last.map { !$0.isZero } ?? false }) else { return false }
    var sums = [Dyadic](repeating: .zero, count: order)
    var diagonal = sums
    for i in 0..<order {
      // Row i of SA, as far as the rows of S up to i need it.
      let row = (0...i).map { j in Self.product(s[i], entries[j]) }
      for j in 0..<i {
        let value = Self.product(s[j], row)
        let magnitude = value.isNegative ? -value : value
        sums[i] = sums[i] + magnitude
        sums[j] = sums[j] + magnitude
      }
      diagonal[i] = Self.product(s[i], row)
    }
    return zip(diagonal, sums).allSatisfy { pair in
      let excess = pair.0 + -pair.1
      return !excess.isNegative && !excess.isZero
    }
  }

  /// The inner product over the shorter length.
  private static func product(_ a: [Dyadic], _ b: [Dyadic]) -> Dyadic {
    var sum = Dyadic.zero
    for (x, y) in zip(a, b) where !x.isZero && !y.isZero { sum = sum + x * y }
    return sum
  }

  /// About the inverse of the Cholesky factor, in floating point; nil when a pivot is not positive.
  private static func inverseFactor(_ a: Matrix<Double>) -> Matrix<Double>? {
    let n = a.rows
    var l = a
    for j in 0..<n {
      for k in 0..<j { l[j, j] -= l[j, k] * l[j, k] }
      guard l[j, j] > 0, l[j, j].isFinite else { return nil }
      l[j, j].formSquareRoot()
      for i in j + 1..<max(n, j + 1) {
        for k in 0..<j { l[i, j] -= l[i, k] * l[j, k] }
        l[i, j] /= l[j, j]
      }
    }
    var s = Matrix<Double>.identity(n)
    for j in 0..<n {
      for i in j..<n {
        for k in j..<max(i, j) { s[i, j] -= l[i, k] * s[k, j] }
        s[i, j] /= l[i, i]
        guard s[i, j].isFinite else { return nil }
      }
    }
    return s
  }
}
