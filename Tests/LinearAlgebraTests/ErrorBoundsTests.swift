import Foundation
import LinearAlgebra
import Testing

@Suite struct ErrorBoundsTests {
  /// Random pairs over many binades, and the awkward ones.
  static var pairs: [(Double, Double)] {
    var random = SplitMix64(seed: 1)
    func draw() -> Double { random.nextGaussian() * exp2(Double(Int.random(in: -60...60, using: &random))) }
    let special = [0, 1, -1, 3, 0.1, 1 + Double.ulpOfOne, 1e-30, -1e30]
    return (0..<2000).map { _ in (draw(), draw()) } + special.flatMap { a in special.map { (a, $0) } }
  }

  /// a + b − s exactly, as the sum of two doubles (Knuth), compared with zero.
  func signOfSumError(_ a: Double, _ b: Double, _ s: Double) -> Int {
    let t = a + b
    let z = t - a
    let error = (a - (t - z)) + (b - z)
    // t − s is exact: s is t or its neighbour.
    let difference = (t - s) + error
    return difference > 0 ? 1 : difference < 0 ? -1 : 0
  }

  @Test func sums() {
    for (a, b) in Self.pairs {
      #expect(signOfSumError(a, b, ErrorBounds.addUp(a, b)) <= 0)
      #expect(signOfSumError(a, b, ErrorBounds.addDown(a, b)) >= 0)
      #expect(signOfSumError(a, -b, ErrorBounds.subtractUp(a, b)) <= 0)
      #expect(signOfSumError(a, -b, ErrorBounds.subtractDown(a, b)) >= 0)
    }
  }

  /// The residuals a b − p, b q − a and r² − a are rounded once, which keeps their sign.
  @Test func productsQuotientsRoots() {
    for (a, b) in Self.pairs {
      #expect(fma(a, b, -ErrorBounds.multiplyUp(a, b)) <= 0)
      #expect(fma(a, b, -ErrorBounds.multiplyDown(a, b)) >= 0)
      if b != 0 {
        #expect(fma(ErrorBounds.divideUp(a, b), b.magnitude, b < 0 ? a : -a) >= 0)
        #expect(fma(ErrorBounds.divideDown(a, b), b.magnitude, b < 0 ? a : -a) <= 0)
      }
      let (up, down) = (ErrorBounds.sqrtUp(a.magnitude), ErrorBounds.sqrtDown(a.magnitude))
      #expect(fma(up, up, -a.magnitude) >= 0 && fma(down, down, -a.magnitude) <= 0 && down >= 0)
    }
  }

  @Test func extremes() {
    let (most, least) = (Double.greatestFiniteMagnitude, Double.leastNonzeroMagnitude)
    #expect(ErrorBounds.addUp(most, most) == .infinity && ErrorBounds.addDown(most, most) == most)
    #expect(ErrorBounds.multiplyUp(least, 0.25) > 0 && ErrorBounds.multiplyDown(least, 0.25) <= 0)
    #expect(ErrorBounds.divideUp(.nan, 1).isNaN)
  }

  /// γ(k) (1 − k u) ≥ k u, all three exact but the product, whose residual has the right sign.
  @Test func gammaIsAboveItsFormula() {
    for k in [1, 2, 3, 10, 4608, 1 << 20, 1 << 40, (1 << 53) - 1] {
      let u = 0x1p-53
      let gamma = ErrorBounds.gamma(k)
      #expect(fma(gamma, 1 - Double(k) * u, -Double(k) * u) >= 0)
      #expect(gamma <= Double(k) * u / (1 - Double(k) * u) * (1 + 4 * u))
    }
    #expect(ErrorBounds.gamma(0) == 0)
    #expect(ErrorBounds.gamma(1, for: Float.self) > 0x1p-24 && ErrorBounds.gamma(1, for: Float.self) < 0x1.1p-24)
  }
}
