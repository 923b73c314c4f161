import Foundation
import LinearAlgebra
import Networks
import Testing

@testable import Certificates

@Suite("Lines around activation functions")
struct RelaxationTests {
  /// Intervals of every size and place, those at kinks and inflections among them.
  static func intervals(seed: UInt64, count: Int) -> [ClosedRange<Double>] {
    var random = SplitMix64(seed: seed)
    let marks = [0, 1, -1, 3, -3, 2, -2, 1.414_213_562_373_095, -2.399_357_280_515_467, -1.192_431_214_515_495_4, 50, -50]
    return (0..<count).map { k in
      let width = exp(random.nextGaussian() * 4 - 2)
      let center = k.isMultiple(of: 3) ? marks[Int.random(in: 0..<marks.count, using: &random)] : 4 * random.nextGaussian()
      switch k % 4 {
      case 0: return center...center + width
      case 1: return center - width...center
      case 2: return center - width * random.nextUniform()...center + width * random.nextUniform()
      default: return center.nextDown...center.nextUp
      }
    } + [0...0, 1.5...1.5, -1e6...1e6, -1e100...1e100, 0...1e-300, -1e-300...0, -750...(-700), -1...1e8]
  }

  /// No line crosses the function, whatever its slope; where there is a choice of slopes the chosen one touches it.
  @Test("Lines enclose the function", arguments: TestNetworks.activations)
  func linesEnclose(activation: Activation) {
    var random = SplitMix64(seed: 5)
    for (k, interval) in Self.intervals(seed: 3, count: 120).enumerated() {
      let own = k.isMultiple(of: 2)
      let slopes = own ? (nil, nil) : (random.nextGaussian(), k.isMultiple(of: 5) ? 1e6 * random.nextGaussian() : random.nextGaussian())
      let lines = UnitRelaxation(activation, on: interval, lowerSlope: slopes.0, upperSlope: slopes.1)
      var least = (lower: Double.infinity, upper: Double.infinity)
      let (a, b) = (interval.lowerBound, interval.upperBound)
      let inside = [0, 1, -1, 3, -3].filter { interval.contains($0) }
      for y in (0...100).map({ a + (b - a) * (Double($0) / 100) }) + [a.nextUp, b.nextDown] + inside where interval.contains(y) {
        let value = activation.value(y)
        let scale = 1 + value.magnitude + (lines.lower.slope.magnitude + lines.upper.slope.magnitude) * y.magnitude
        let slack = activation.valueError(at: y) + 0x1p-50 * scale
        let below = value - (lines.lower.slope * y + lines.lower.intercept)
        let above = lines.upper.slope * y + lines.upper.intercept - value
        #expect(below >= -slack && above >= -slack, "\(activation) \(interval) at \(y): \(below), \(above)")
        least = (min(least.lower, below), min(least.upper, above))
      }
      // Samples miss the point of contact by 1/200 of the width at most.
      let coarse = 1e-9 * (1 + a.magnitude + b.magnitude) + (b - a) * 0.01 * (1 + lines.lower.slope.magnitude + lines.upper.slope.magnitude)
      if own, b - a < 1e5 { #expect(least.lower <= coarse && least.upper <= coarse, "\(activation) \(interval): \(least)") }
    }
  }

  /// For piecewise linear functions in exact arithmetic: a line below at the ends and at the kinks is below everywhere.
  @Test(
    "Lines of straight pieces hold exactly",
    arguments: [Activation.relu, .absoluteValue, .leakyReLU(slope: -0.5), .clip(lower: -1, upper: 1)])
  func exactlyBelow(activation: Activation) {
    var random = SplitMix64(seed: 8)
    for interval in Self.intervals(seed: 4, count: 200) {
      let slope = Bool.random(using: &random) ? nil : random.nextGaussian()
      let lines = UnitRelaxation(activation, on: interval, lowerSlope: slope, upperSlope: slope)
      for y in [interval.lowerBound, interval.upperBound, 0, 1, -1] where interval.contains(y) {
        // Products with these parameters are exact.
        let value = Dyadic(activation.value(y))
        func line(_ line: UnitRelaxation.Line) -> Dyadic { Dyadic(line.slope) * Dyadic(y) + Dyadic(line.intercept) }
        #expect(!(value + -line(lines.lower)).isNegative && !(line(lines.upper) + -value).isNegative, "\(activation) \(interval) at \(y)")
      }
    }
  }

  @Test("ReLU has CROWN's lines")
  func adaptiveSlopes() {
    let wide = UnitRelaxation(.relu, on: -1...3)
    #expect(wide.lower.slope == 1 && wide.lower.intercept == 0)
    #expect(wide.upper.slope == 0.75 && abs(wide.upper.intercept - 0.75) < 1e-12)
    #expect(UnitRelaxation(.relu, on: -3...1).lower.slope == 0)
    #expect(UnitRelaxation(.relu, on: -3...(-1)).upper == UnitRelaxation.Line(slope: 0, intercept: 0, contact: -3))
    #expect(UnitRelaxation(.relu, on: 1...2).lower.intercept == 0)
  }

  @Test("Slopes that are no numbers count as none")
  func wildSlopes() {
    for slope in [Double.nan, .infinity, -.infinity] {
      let lines = UnitRelaxation(.tanh, on: -1...2, lowerSlope: slope, upperSlope: slope)
      #expect(lines == UnitRelaxation(.tanh, on: -1...2))
    }
    let steep = UnitRelaxation(.relu, on: -1...2, lowerSlope: 1e308, upperSlope: -1e308)
    #expect(steep.lower.intercept <= -2e308.nextDown || steep.lower.intercept.isNaN || steep.lower.intercept == -.infinity)
  }
}
