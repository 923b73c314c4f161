import LinearAlgebra
import Testing

@testable import Certificates

@Suite struct VerifiedEigenvalueTests {
  /// (v′v)I − vv′ with integers v, which has the eigenvalue 0 exactly, and all others v′v.
  static func singular(_ order: Int, seed: UInt64) -> (matrix: Matrix<Double>, v: [Double]) {
    var generator = SplitMix64(seed: seed)
    let v = (0..<order).map { _ in Double(Int.random(in: 1...9, using: &generator)) }
    let square = v.reduce(0) { $0 + $1 * $1 }
    var matrix = Matrix<Double>(rows: order, columns: order)
    for i in 0..<order { for j in 0..<order { matrix[i, j] = (i == j ? square : 0) - v[i] * v[j] } }
    return (matrix, v)
  }

  private static func shifted(_ matrix: Matrix<Double>, _ shift: Double) -> Matrix<Double> {
    var result = matrix
    for i in 0..<matrix.rows { result[i, i] += shift }
    return result
  }

  static func isExactlyPositiveDefinite(_ matrix: Matrix<Double>, shift: Double = 0) -> Bool {
    SymmetricForm(order: matrix.rows) { i, j in i == j ? Dyadic(matrix[i, i]) + -Dyadic(shift) : Dyadic(matrix[i, j]) }.isPositiveDefinite
  }

  @Test(arguments: [2, 3, 8, 20, 60]) func leastEigenvalueOfRelativeSizeTenToMinusTwelve(order: Int) throws {
    let (matrix, _) = Self.singular(order, seed: UInt64(order))
    let scale = matrix[0, 0] + 1
    let exponent = (scale * 1e-12).exponent
    // Sums of the diagonal and the shift are exact.
    let shift = Double(sign: .plus, exponent: max(exponent, -40) + (order > 30 ? 4 : 0), significand: 1)
    #expect(Self.shifted(matrix, shift)[0, 0] - matrix[0, 0] == shift)
    try SemidefiniteProver.prove(Self.shifted(matrix, shift))
    #expect(throws: NotProved.self) { try SemidefiniteProver.prove(matrix) }
    #expect(throws: NotProved.self) { try SemidefiniteProver.prove(Self.shifted(matrix, -shift)) }
    #expect(throws: NotProved.self) { try SemidefiniteProver.prove(Self.shifted(matrix, shift), leastEigenvalue: shift) }
    for multiple in [-3.0, -1, 0, 1, 5] {
      let least = try SemidefiniteProver.leastEigenvalue(of: Self.shifted(matrix, multiple * shift))
      #expect(least <= multiple * shift && least > (multiple - 8) * shift)
    }
  }

  /// Whatever is proved of matrices near the boundary is true in exact arithmetic.
  @Test(arguments: 1...30) func provedMeansDefinite(seed: Int) throws {
    var generator = SplitMix64(seed: UInt64(seed))
    let order = Int.random(in: 1...10, using: &generator)
    let rank = Int.random(in: max(1, order - 2)...order, using: &generator)
    var matrix = Matrix<Double>(rows: order, columns: order)
    for _ in 0..<rank {
      let v = (0..<order).map { _ in Double.random(in: -1...1, using: &generator) }
      for i in 0..<order { for j in 0..<order { matrix[i, j] += v[i] * v[j] } }
    }
    for i in 0..<order { for j in 0..<i { matrix[i, j] = matrix[j, i] } }
    let least = try SemidefiniteProver.leastEigenvalue(of: matrix)
    #expect(Self.isExactlyPositiveDefinite(matrix, shift: least.nextDown))
    #expect(least > (try matrix.symmetricEigenvalues()[0]) - 1e-12)
    for _ in 0..<10 {
      let candidate = Self.shifted(matrix, Double.random(in: -2e-14...2e-14, using: &generator))
      do {
        try SemidefiniteProver.prove(candidate)
        #expect(Self.isExactlyPositiveDefinite(candidate))
      } catch {}
    }
  }

  /// The worst matrix within the radii, −r sign(vᵢvⱼ) away, takes r (Σ|vᵢ|)²/v′v from the eigenvalue of v.
  @Test(arguments: [2, 5, 12]) func radiiCount(order: Int) throws {
    let (singular, v) = Self.singular(order, seed: UInt64(order) + 77)
    let shift = 0x1p-20
    let matrix = Self.shifted(singular, shift)
    let sum = v.reduce(0, +)
    let square = v.reduce(0) { $0 + $1 * $1 }
    let critical = shift * square / (sum * sum)
    func radii(_ r: Double) -> Matrix<Double> { Matrix(rows: order, columns: order, repeating: r) }
    try SemidefiniteProver.prove(matrix, radius: radii(critical / 16))
    #expect(throws: NotProved.self) { try SemidefiniteProver.prove(matrix, radius: radii(critical * 1.001)) }
    for factor in [0.01, 0.1, 0.5, 2] {
      let least = try SemidefiniteProver.leastEigenvalue(of: matrix, radius: radii(critical * factor))
      var worst = matrix
      for e in worst.elements.indices { worst.elements[e] = (worst.elements[e] - critical * factor * 0.999) }
      // The matrix less r everywhere is within the radii, so that what is proved holds for it.
      #expect(least <= (try worst.symmetricEigenvalues()[0]) + 1e-12)
    }
  }

  @Test func whatIsNotANumberIsNotProved() {
    for value in [Double.nan, .infinity, -.infinity] {
      var matrix = Matrix<Double>.identity(3)
      matrix[1, 1] = value
      #expect(throws: NotProved.self) { try SemidefiniteProver.prove(matrix) }
      #expect(throws: NotProved.self) { try SemidefiniteProver.leastEigenvalue(of: matrix) }
      matrix = .identity(3)
      matrix[2, 0] = value
      matrix[0, 2] = value
      #expect(throws: NotProved.self) { try SemidefiniteProver.prove(matrix) }
      #expect(throws: NotProved.self) { try SemidefiniteProver.prove(.identity(3), leastEigenvalue: value == .infinity ? .nan : value) }
      var radius = Matrix<Double>(rows: 3, columns: 3)
      radius[1, 1] = value
      #expect(throws: NotProved.self) { try SemidefiniteProver.prove(.identity(3), radius: radius) }
    }
    var matrix = Matrix<Double>.identity(2)
    matrix[0, 1] = 0.5
    #expect(throws: NotProved.self) { try SemidefiniteProver.prove(matrix) }
    var negative = Matrix<Double>(rows: 2, columns: 2)
    negative[0, 0] = -1
    #expect(throws: NotProved.self) { try SemidefiniteProver.prove(.identity(2), radius: negative) }
  }

  @Test func emptyMatricesHaveNoEigenvalues() throws {
    let empty = Matrix<Double>(rows: 0, columns: 0)
    try SemidefiniteProver.prove(empty)
    #expect(try SemidefiniteProver.leastEigenvalue(of: empty) == .infinity)
  }
}
