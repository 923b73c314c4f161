import ConicPrograms
import LinearAlgebra
import Testing

@Suite struct ConeTests {
  @Test func violationsByHand() throws {
    #expect(try Cone.zero(3).violation([1, -2, 0]) == 2)
    #expect(try Cone.zero(3).dualViolation([1, -2, 0]) == 0)
    #expect(try Cone.nonnegative(3).violation([1, -2, 0]) == 2)
    #expect(try Cone.nonnegative(2).violation([1, 0]) == 0)
    #expect(try Cone.secondOrder(3).violation([1, 3, -4]) == 4)
    #expect(try Cone.secondOrder(3).violation([5, 3, -4]) == 0)
    #expect(try Cone.secondOrder(1).violation([-2]) == 2)
    #expect(try Cone.secondOrder(0).violation([]) == 0)
    // [[1, 2], [2, 1]] has eigenvalues −1 and 3.
    #expect(abs(try Cone.semidefinite(order: 2).violation([1, 2 * 2.0.squareRoot(), 1]) - 1) < 1e-14)
    #expect(try Cone.semidefinite(order: 2).violation([1, 0, 1]) == 0)
    #expect(try Cone.semidefinite(order: 0).violation([]) == 0)
    #expect(try Cone.semidefinite(order: 1).violation([-3]) == 3)
    // A slice that does not begin at 0.
    #expect(try Cone.nonnegative(1).violation([5, -7, 9][1..<2]) == 7)
  }

  @Test(arguments: [Cone.zero(1), .nonnegative(1), .secondOrder(1), .semidefinite(order: 1)])
  func whatIsNotFiniteIsInfinitelyFar(cone: Cone) throws {
    for value in [Double.nan, .infinity, -.infinity] {
      #expect(try cone.violation([value]) == .infinity)
      #expect(try cone.dualViolation([value]) == .infinity)
    }
  }

  @Test(arguments: 1...6) func semidefiniteViolationIsTheLeastEigenvalue(order: Int) throws {
    // Q diag(λ) Q′ with a product Q of Householder reflections, so that the spectrum is known.
    var generator = SplitMix64(seed: UInt64(order))
    let spectrum = (0..<order).map { _ in Double.random(in: -2...2, using: &generator) }
    var a = Matrix.diagonal(spectrum)
    for _ in 0..<3 {
      let v = (0..<order).map { _ in Double.random(in: 0.1...1, using: &generator) }
      let norm = v.reduce(0) { $0 + $1 * $1 }
      var reflection = Matrix<Double>.identity(order)
      for i in 0..<order { for j in 0..<order { reflection[i, j] -= 2 * v[i] * v[j] / norm } }
      func product(_ x: Matrix<Double>, _ y: Matrix<Double>) -> Matrix<Double> {
        var z = Matrix<Double>(rows: order, columns: order)
        for i in 0..<order { for j in 0..<order { for k in 0..<order { z[i, j] += x[i, k] * y[k, j] } } }
        return z
      }
      a = product(product(reflection, a), reflection)
    }
    let violation = try Cone.semidefinite(order: order).violation(SymmetricVector.vector(a)[...])
    #expect(abs(violation - max(0, -(spectrum.min() ?? 0))) < 1e-13)
  }
}
