import Foundation
import LinearAlgebra
import Networks
import Testing

/// Every kind of activation, some with several parameters.
let allActivations: [Activation] = [
  .relu, .leakyReLU(slope: 0.1), .leakyReLU(slope: -0.5), .leakyReLU(slope: 2), .tanh, .sigmoid, .elu(alpha: 1), .elu(alpha: 0.5),
  .elu(alpha: 2), .elu(alpha: -0.5), .softplus, .clip(lower: -1, upper: 1), .clip(lower: 0, upper: 6),
  .hardSigmoid(slope: 0.2, offset: 0.5), .hardSigmoid(slope: -0.3, offset: 0.1), .gelu, .geluTanh, .silu, .mish, .hardSwish,
  .absoluteValue,
]

@Suite struct ActivationTests {
  /// Difference quotients of 10⁴ random pairs lie in the global sector, and come within 1e-6 of both of its ends.
  @Test(arguments: allActivations) func globalSectorHoldsAndIsTight(_ activation: Activation) {
    var generator = SplitMix64(seed: 7)
    let sector = activation.globalSector
    var (least, greatest) = (Double.infinity, -Double.infinity)
    for index in 0..<10_000 {
      let s = Double.random(in: -10...10, using: &generator)
      let t = index.isMultiple(of: 2) ? Double.random(in: -10...10, using: &generator) : s + 1e-3
      let quotient = (activation.value(s) - activation.value(t)) / (s - t)
      guard abs(s - t) > 1e-5 else { continue }
      #expect(quotient >= sector.lower - 1e-9 && quotient <= sector.upper + 1e-9)
    }
    // Next to kinks too, where the derivative may jump.
    for point in (-40_000...40_000).map({ Double($0) * 1e-3 }) + [-1e-9, -3 + 1e-9, 3 - 1e-9] {
      let slope = activation.derivative(point)
      (least, greatest) = (min(least, slope), max(greatest, slope))
    }
    #expect(least >= sector.lower - 1e-15 && greatest <= sector.upper + 1e-15)
    #expect(least <= sector.lower + 1e-6 && greatest >= sector.upper - 1e-6)
  }

  /// Quotients within random intervals lie in the local sector, which is tight and inside the global one.
  @Test(arguments: allActivations) func localSectors(_ activation: Activation) {
    var generator = SplitMix64(seed: 11)
    for _ in 0..<300 {
      let a = Double.random(in: -6...6, using: &generator)
      let b = a + Double.random(in: 0.01...3, using: &generator)
      let sector = activation.sector(on: a...b)
      #expect(sector.lower >= activation.globalSector.lower && sector.upper <= activation.globalSector.upper)
      var (least, greatest) = (Double.infinity, -Double.infinity)
      for step in 0..<50 {
        let (s, t) = (a + (b - a) * Double(step) / 50, a + (b - a) * Double(step + 1) / 50)
        let quotient = (activation.value(s) - activation.value(t)) / (s - t)
        #expect(quotient >= sector.lower - 1e-9 && quotient <= sector.upper + 1e-9)
        for slope in [activation.derivative(s), activation.derivative(t), quotient] {
          (least, greatest) = (min(least, slope), max(greatest, slope))
        }
      }
      if a < 0, b > 0 { (least, greatest) = (min(least, activation.derivative(-1e-9)), max(greatest, activation.derivative(-1e-9))) }
      #expect(least <= sector.lower + 0.05 && greatest >= sector.upper - 0.05)
    }
    // Half lines: quotients of points as far out as 10⁴ lie in the sector.
    for (end, sign) in [(-2.0, 1.0), (0.5, 1), (2, -1), (-0.5, -1)] {
      let sector = activation.sector(on: sign > 0 ? end...Double.infinity : -Double.infinity...end)
      let points = (0...40).map { end + sign * (pow(10, Double($0) / 10) - 1) }
      for (s, t) in zip(points, points.dropFirst()) {
        let quotient = (activation.value(s) - activation.value(t)) / (s - t)
        #expect(quotient >= sector.lower - 1e-9 && quotient <= sector.upper + 1e-9)
      }
    }
    let all = activation.sector(on: -Double.infinity...Double.infinity)
    #expect(abs(all.lower - activation.globalSector.lower) < 1e-12 && abs(all.upper - activation.globalSector.upper) < 1e-12)
  }

  @Test func exactLocalSectors() {
    #expect(Activation.relu.sector(on: 0...1) == Sector(1, 1))
    #expect(Activation.relu.sector(on: -1...0) == Sector(0, 0))
    #expect(Activation.relu.sector(on: 0...0) == Sector(0, 1))
    for alpha in [1, 0.5, 2, -0.5] {
      #expect(Activation.elu(alpha: alpha).sector(on: 0...3) == Sector(1, 1))
      #expect(Activation.elu(alpha: alpha).sector(on: 1...1) == Sector(1, 1))
    }
    #expect(Activation.hardSwish.sector(on: 3...7) == Sector(1, 1) && Activation.hardSwish.sector(on: -5 ... -3) == Sector(0, 0))
    #expect(Activation.clip(lower: 0, upper: 6).sector(on: 6...7) == Sector(0, 0))
    #expect(Activation.clip(lower: 0, upper: 6).sector(on: 1...2) == Sector(1, 1))
    #expect(Activation.absoluteValue.sector(on: -2...(-1)) == Sector(-1, -1))
  }

  /// The derivative is the limit of difference quotients, and both precisions agree.
  @Test(arguments: allActivations) func derivatives(_ activation: Activation) {
    for step in -120...120 {
      let x = Double(step) * 0.0517 + 0.0071
      let quotient = (activation.value(x + 1e-6) - activation.value(x - 1e-6)) / 2e-6
      #expect(abs(quotient - activation.derivative(x)) < 1e-5)
      #expect(abs(Double(activation.value(Float(x))) - activation.value(Double(Float(x)))) < 1e-6)
    }
    let points = Matrix<Double>(rows: 1, columns: 3, elements: [-1.5, 0.3, 2])
    #expect(activation.values(points).elements == points.elements.map { activation.value($0) })
    #expect(activation.derivatives(points).elements == points.elements.map { activation.derivative($0) })
    for x in [-1e308, -800, 800, 1e300] { #expect(activation.derivative(x).isFinite && !activation.value(x).isNaN) }
  }
}
