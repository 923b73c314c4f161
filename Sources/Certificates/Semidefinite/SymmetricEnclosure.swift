import LinearAlgebra

/// What is known of a symmetric matrix: it is at least a floating-point matrix minus a diagonal, in the order of forms.
///
/// **Verified eigenvalues.** ``VerifiedElimination`` with nothing but pivots is a verified Cholesky factorisation: when it completes on
/// A − dI − diag(slack), with the diagonal rounded down, every matrix enclosed has all eigenvalues at least d. A computed eigenvalue only
/// suggests d; nothing is believed of it.
struct SymmetricEnclosure {
  /// The floating-point matrix, both triangles, or the diagonal of a diagonal one.
  enum Midpoint {
    case dense(Matrix<Double>)
    case diagonal([Double])
  }

  let midpoint: Midpoint
  /// The diagonal.
  let slack: [Double]

  /// The matrix itself.
  init(_ exact: Midpoint) {
    midpoint = exact
    switch exact {
    case .dense(let matrix): slack = [Double](repeating: 0, count: matrix.rows)
    case .diagonal(let values): slack = [Double](repeating: 0, count: values.count)
    }
  }

  /// All matrices whose entries differ from the midpoint's by at most the radii, symmetric as the midpoint.
  ///
  /// The errors E with |E| ≤ R satisfy E ≥ −diag((Rw)ᵢ/wᵢ) for any w > 0; see ``DominatingDiagonal``.
  init(_ midpoint: Matrix<Double>, radius: Matrix<Double>) {
    self.midpoint = .dense(midpoint)
    let w = (0..<midpoint.rows).map { DominatingDiagonal.weight(midpoint[$0, $0]) }
    // Fewer than 2²² non-negative terms have a relative error below 2⁻³⁰; weights lie between 2^±150, so underflow costs less than 2⁻⁹⁰⁰.
    slack = zip(DominatingDiagonal.absoluteProduct(radius, w), w).map { (($0 / $1) * (1 + 0x1p-30) + 0x1p-900).nextUp }
  }

  /// All diagonal matrices with these elements.
  init(diagonal: [Bounded]) {
    midpoint = .diagonal(diagonal.map(\.value))
    slack = diagonal.map(\.radius)
  }

  /// Proves that all eigenvalues are at least `shift`.
  ///
  /// - Throws: ``NotProved``.
  /// - Complexity: n³/6 multiplications.
  func prove(leastEigenvalue shift: Double = 0, isCancelled: () -> Bool = { false }) throws {
    try FloatingPointEnvironment.requireStandard()
    guard shift.isFinite else { throw NotProved("no eigenvalue is proved to be at least \(shift)") }
    switch midpoint {
    case .diagonal(let values):
      for (j, value) in values.enumerated() where !((value - slack[j]).nextDown >= shift && value.isFinite) {
        // An exact difference needs no rounding down.
        guard slack[j] == 0, value >= shift, value.isFinite else { throw NotProved("element \(j + 1) of the diagonal is not proved") }
      }
    case .dense(var matrix):
      guard matrix.rows < NumberRange.largestOrder else { throw NotProved("matrices of this order are not covered") }
      // Infinity rounded down would be a number. Off the diagonal, and without a shift, the elimination refuses what is not finite itself.
      for j in 0..<matrix.rows where !matrix[j, j].isFinite { throw NotProved("element \(j + 1) of the diagonal is not finite") }
      if shift != 0 {
        for j in 0..<matrix.rows { matrix[j, j] = (matrix[j, j] - shift).nextDown }
      }
      var coupling = Matrix<Double>(rows: 0, columns: matrix.rows)
      _ = try VerifiedElimination(pivots: &matrix, coupling: &coupling, starts: [], slack: slack, isCancelled: isCancelled)
    }
  }

  /// About the least eigenvalue, in floating point; infinite for order 0.
  func approximateLeastEigenvalue() throws -> Double {
    switch midpoint {
    case .diagonal(let values): return values.min() ?? .infinity
    case .dense(let matrix): return try matrix.symmetricEigenvalues().first ?? .infinity
    }
  }

  /// A proved lower bound of the least eigenvalue, within a few hundred roundings of it when all goes well; infinite for order 0.
  ///
  /// - Throws: ``NotProved``.
  /// - Complexity: 4/3 n³ operations and a few Cholesky factorisations.
  func leastEigenvalue(isCancelled: () -> Bool = { false }) throws -> Double {
    try FloatingPointEnvironment.requireStandard()
    switch midpoint {
    case .diagonal(let values):
      var least = Double.infinity
      for (value, slack) in zip(values, slack) {
        let lower = slack == 0 ? value : (value - slack).nextDown
        guard lower.isFinite else { throw NotProved("an element of the diagonal is not finite") }
        least = min(least, lower)
      }
      return least
    case .dense(let matrix):
      let n = matrix.rows
      guard n > 0 else { return .infinity }
      let eigenvalue: Double
      do { eigenvalue = try approximateLeastEigenvalue() } catch { throw NotProved("no eigenvalue is found: \(error)") }
      let scale = (0..<n).reduce(0) { max($0, matrix[$1, $1].magnitude + slack[$1]) }
      // What the elimination subtracts from the diagonal, and as much for the error of the eigenvalue.
      var margin = 2 * (Double(n + 2) * Double(n + 8) * 0x1p-53 * scale + (slack.max() ?? 0)) + 0x1p-1000
      for _ in 0..<24 {
        let shift = eigenvalue - margin
        do {
          try prove(leastEigenvalue: shift, isCancelled: isCancelled)
          return shift
        } catch let error as NotProved where error != Interruptible.cancelled { margin *= 8 }
      }
      throw NotProved("no lower bound of the least eigenvalue is proved")
    }
  }
}
