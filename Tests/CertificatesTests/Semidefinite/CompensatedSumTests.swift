import LinearAlgebra
import Testing

@testable import Certificates

@Suite struct CompensatedSumTests {
  private static func exact(_ a: [Double], _ b: [Double]) -> Dyadic {
    zip(a, b).reduce(Dyadic.zero) { $0 + Dyadic($1.0) * Dyadic($1.1) }
  }

  private static func holds(_ bounded: Bounded, _ exact: Dyadic) -> Bool {
    let error = exact + -Dyadic(bounded.value)
    let magnitude = error.isNegative ? -error : error
    return !(Dyadic(bounded.radius) + -magnitude).isNegative
      && !(Dyadic(bounded.upper) + -exact).isNegative && !(exact + -Dyadic(bounded.lower)).isNegative
  }

  @Test func radiiHoldTheErrorOfCancellingSums() {
    var generator = SplitMix64(seed: 3)
    for _ in 0..<300 {
      let count = Int.random(in: 0...40, using: &generator)
      var a = (0..<count).map { _ in Double.random(in: -1...1, using: &generator) * exp2(Int.random(in: -30...30, using: &generator)) }
      var b = (0..<count).map { _ in Double.random(in: -1...1, using: &generator) * exp2(Int.random(in: -30...30, using: &generator)) }
      // The same again with the other sign: the sum is the last term.
      a += a.map { -$0 } + [0x1p-40]
      b += b + [1]
      let sum = Bounded(dot: a, b)
      #expect(Self.holds(sum, Self.exact(a, b)))
      #expect(sum.radius < 1e-10)
    }
  }

  @Test func radiiCoverUnderflow() {
    var generator = SplitMix64(seed: 4)
    for _ in 0..<300 {
      let count = Int.random(in: 1...20, using: &generator)
      let a = (0..<count).map { _ in Double.random(in: -1...1, using: &generator) * exp2(Int.random(in: -600 ... -450, using: &generator)) }
      let b = (0..<count).map { _ in Double.random(in: -1...1, using: &generator) * exp2(Int.random(in: -600 ... -450, using: &generator)) }
      #expect(Self.holds(Bounded(dot: a, b), Self.exact(a, b)))
    }
  }

  @Test func overflowIsNotANumber() {
    let sum = Bounded(dot: [1e300, -1e300], [1e300, 1e300])
    #expect(!(sum.upper < .infinity) && !(sum.lower > -.infinity))
    #expect(!Bounded.norm([Bounded(value: .nan, radius: 0)]).isFinite)
    #expect(!Bounded.norm([Bounded(value: 1, radius: 0), Bounded(value: .nan, radius: 0)]).isFinite)
    #expect(!Bounded.norm([Bounded(value: 1, radius: .infinity)]).isFinite)
  }

  @Test func normsAreUpperBounds() {
    var generator = SplitMix64(seed: 5)
    for _ in 0..<100 {
      let scale = exp2(Int.random(in: -400...400, using: &generator))
      let v = (0..<Int.random(in: 1...30, using: &generator)).map { _ in Double.random(in: -1...1, using: &generator) * scale }
      let norm = Bounded.norm(v.map { Bounded(value: $0, radius: 0) })
      let square = Self.exact(v, v)
      #expect(!(Dyadic(norm) * Dyadic(norm) + -square).isNegative)
      #expect((Dyadic(norm) * Dyadic(norm) * Dyadic(1 - 0x1p-18) + -square).isNegative)
    }
    #expect(Bounded.norm([]) == 0 && Bounded.norm([Bounded(value: 0, radius: 0)]) < 1e-300)
  }

  private static func exp2(_ exponent: Int) -> Double { Double(sign: .plus, exponent: exponent, significand: 1) }
  private func exp2(_ exponent: Int) -> Double { Self.exp2(exponent) }
}
