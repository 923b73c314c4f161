import Foundation
import LinearAlgebra
import Networks
import Testing

@testable import Certificates

@Suite("Unit forms")
struct UnitFormTests {
  private func unit(_ activation: Activation, _ interval: ClosedRange<Double>, anchor: Double, error: Double) -> LocalForm.Unit {
    LocalForm.Unit(
      position: 0, index: 0, activation: activation, interval: interval, anchor: anchor, anchorRadius: 1e-14, error: error)
  }

  @Test("The least value bounds q over the graph, and is nearly attained", arguments: TestNetworks.activations)
  func least(activation: Activation) {
    var random = SplitMix64(seed: 5)
    for _ in 0..<60 {
      let (a, b) = (3 * random.nextGaussian(), 3 * random.nextGaussian())
      let interval = min(a, b)...max(a, b)
      let anchor = interval.lowerBound + Double.random(in: 0...1, using: &random) * (interval.upperBound - interval.lowerBound)
      let error = Bool.random(using: &random) ? 1e-13 : 1e-3
      let unit = unit(activation, interval, anchor: anchor, error: error)
      let form = UnitForm(
        hh: random.nextGaussian(), hp: random.nextGaussian(), pp: random.nextGaussian(), h: random.nextGaussian(),
        p: random.nextGaussian())
      let bound = form.minimum(over: unit)
      var least = Double.infinity
      let samples = (0...2000).map { interval.lowerBound + (interval.upperBound - interval.lowerBound) * Double($0) / 2000 }
      for y in samples + activation.pieces(of: interval).flatMap({ [$0.lowerBound, $0.upperBound] }) {
        let h = activation.value(y) - activation.value(anchor)
        for e in [-error, 0, error] {
          let value = form.value(h: h, p: y - anchor + e)
          #expect(bound <= value + 1e-12)
          least = min(least, value)
        }
      }
      // Uncertain increments cost their size times the form's slope, curves the departure of short pieces from lines: both grow with the form.
      let reach = interval.upperBound - interval.lowerBound
      let slope = form.coefficients.reduce(0) { $0 + $1.magnitude } * (1 + 2 * reach)
      let departure = activation.isPiecewiseLinear ? 0 : 0x1p-6
      #expect(bound >= least - (1e-3 + slope * (2 * error + departure)))
    }
  }

  @Test("A ReLU's sector, lines and equation have the least value zero")
  func relu() {
    let (l, u, y) = (-1.0, 2.0, 0.5)
    let unit = unit(.relu, l...u, anchor: y, error: 0)
    let alpha = y / (y - l)
    let forms = [
      UnitForm(hh: -1, hp: 1 + alpha, pp: -alpha),
      // h ≥ −φ(y) is the line 0, less its constant.
      UnitForm(hh: 1, hp: -1, pp: 0, h: y, p: -y),
    ]
    for form in forms {
      let least = form.minimum(over: unit)
      #expect(least <= 0 && least > -1e-10)
    }
  }

  @Test("What is not finite bounds nothing", arguments: [Double.nan, .infinity, 1e300])
  func notFinite(value: Double) {
    let unit = unit(.relu, -1...1, anchor: 0.5, error: 1e-13)
    for k in 0..<5 {
      var c = [0.0, 0, 0, 0, 0]
      c[k] = value
      #expect(!(UnitForm(hh: c[0], hp: c[1], pp: c[2], h: c[3], p: c[4]).minimum(over: unit) > -1e200))
    }
  }

  @Test("Rounding is paid for in exact arithmetic, where large coefficients cancel", arguments: [Activation.relu, .absoluteValue])
  func exact(activation: Activation) {
    var random = SplitMix64(seed: 6)
    for _ in 0..<200 {
      let (lower, upper) = (-Double.random(in: 0...2, using: &random), Double.random(in: 0...2, using: &random))
      let y = Double.random(in: lower...upper, using: &random)
      let unit = LocalForm.Unit(
        position: 0, index: 0, activation: activation, interval: lower...upper, anchor: y, anchorRadius: 0, error: 0)
      // K (h − s p − t)² less its constant: zero on one side of the kink and nearly so at the vertex elsewhere.
      let (size, s, t) = (exp(random.nextGaussian() * 10), random.nextGaussian(), random.nextGaussian())
      let form = UnitForm(hh: size, hp: -2 * size * s, pp: size * s * s, h: -2 * size * t, p: 2 * size * s * t)
      let bound = form.minimum(over: unit)
      let vertices = [(t + s * y) / (1 - s), (t - s * y) / (-1 - s), (t - y + s * y) / (-s)].flatMap { [$0, y + $0, $0.magnitude] }
      for x in [lower, upper, 0] + vertices where lower <= x && x <= upper {
        func value(_ x: Double) -> Dyadic { Dyadic(activation == .relu ? max(0, x) : x.magnitude) }
        let (p, h) = (Dyadic(x) + -Dyadic(y), value(x) + -value(y))
        let q = Dyadic(form.hh) * h * h + Dyadic(form.hp) * h * p + Dyadic(form.pp) * p * p + Dyadic(form.h) * h + Dyadic(form.p) * p
        #expect(!(q + -Dyadic(bound)).isNegative)
      }
    }
  }
}
