import Foundation
import Testing

@testable import Reports

@Suite("Axes")
struct AxisTests {
  @Test("Linear marks are multiples of 1, 2 or 5 times a power of ten")
  func linear() {
    #expect(AxisScale(0, 10, logarithmic: false, count: 5).ticks.map(\.label) == ["0", "2", "4", "6", "8", "10"])
    #expect(AxisScale(0, 0.115, logarithmic: false, count: 6).ticks.map(\.label) == ["0", "0.02", "0.04", "0.06", "0.08", "0.1"])
    #expect(AxisScale(-3, 3, logarithmic: false, count: 3).ticks.map(\.label) == ["-2", "0", "2"])
    for exponent in stride(from: -12, through: 12, by: 3) {
      for width in [1.0, 1.7, 2.3, 4.9, 5.1, 9.9] {
        let scale = AxisScale(0, width * pow(10, Double(exponent)), logarithmic: false, count: 6)
        #expect((3...8).contains(scale.ticks.count))
        let step = scale.ticks[1].coefficient
        #expect([1, 2, 5, 10].contains(step))
        #expect(scale.ticks.allSatisfy { $0.value <= scale.upper * (1 + 1e-9) })
      }
    }
  }

  @Test("Logarithmic marks are decades, with 2 and 5 where there is room")
  func logarithmic() {
    #expect(AxisScale(1, 1000, logarithmic: true, count: 5).ticks.map(\.label) == ["1", "10", "100", "1000"])
    #expect(AxisScale(3, 60, logarithmic: true, count: 7).ticks.map(\.label) == ["5", "10", "20", "50"])
    #expect(AxisScale(0.2, 40, logarithmic: true, count: 4).ticks.map(\.label) == ["1", "10"])
    #expect(AxisScale(1, 1e12, logarithmic: true, count: 5).ticks.map(\.exponent) == [0, 3, 6, 9, 12])
    #expect(AxisScale(12, 13, logarithmic: true, count: 5).ticks.map(\.label) == ["12", "12.2", "12.4", "12.6", "12.8", "13"])
    #expect(AxisScale(1e-300, 1e300, logarithmic: true, count: 7).ticks.count >= 3)
    #expect(!AxisScale(0, 10, logarithmic: true, count: 5).isLogarithmic)
  }

  @Test("Positions rise from 0 to 1 and stay there", arguments: [true, false])
  func positions(isLogarithmic: Bool) {
    let scale = AxisScale(2, 200, logarithmic: isLogarithmic, count: 5)
    #expect(scale.position(2) == 0 && scale.position(200) == 1 && scale.position(0) == 0 && scale.position(1e9) == 1)
    #expect(abs(scale.position(20) - (isLogarithmic ? 0.5 : 18.0 / 198)) < 1e-12)
  }

  @Test("Intervals of no width, turned around or not finite still make an axis")
  func degenerate() {
    for (a, b) in [(5.0, 5.0), (0, 0), (3, 1), (.nan, .infinity), (1, 1 + 1e-15)] {
      for isLogarithmic in [true, false] {
        let scale = AxisScale(a, b, logarithmic: isLogarithmic, count: 5)
        #expect(scale.lower < scale.upper && !scale.ticks.isEmpty)
        #expect(scale.position(4).isFinite)
      }
    }
  }

  @Test("Labels are exact and short")
  func labels() {
    #expect(AxisTick(25, exponent: -2).label == "0.25")
    #expect(AxisTick(5, exponent: -4).label == "0.0005")
    #expect(AxisTick(5, exponent: -5).label == "5·10⁻⁵")
    #expect(AxisTick(1500, exponent: 0).label == "1500")
    #expect(AxisTick(1, exponent: 6).label == "10⁶")
    #expect(AxisTick(125, exponent: 10).label == "1.25·10¹²")
    #expect(AxisTick(-20, exponent: -1).label == "-2")
  }

  @Test("Labels move apart and stay inside")
  func labelsSpread() {
    let spread = ConvergenceChart.spread([10, 12, 300], within: 0...300, distance: 17)
    #expect(spread == [10, 27, 300])
    let low = ConvergenceChart.spread([295, 298, 300], within: 0...300, distance: 17)
    #expect(low == [266, 283, 300])
  }

  @Test("Quartiles of multipliers leave zeros out")
  func quartiles() {
    let fact = MultiplierFact(name: "n", multipliers: [0, 4, 1, 3, 2, 5])
    #expect(fact.quartiles == [1, 2, 3, 4, 5] && fact.zeros == 1 && fact.count == 6)
    #expect(MultiplierFact(name: "n", multipliers: [0]).quartiles.isEmpty)
    #expect(MultipliersChart([MultiplierFact(name: "n", multipliers: [0])], method: "lifted") == nil)
  }
}
