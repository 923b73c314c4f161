import Certificates
import LinearAlgebra
import Networks

extension Activation {
  /// Bounds of φ(z) − s z for all z of an interval, in real arithmetic: the intercepts of the best lines of slope s, rounded outwards.
  func range(of interval: ClosedRange<Double>, minusSlope s: Double) -> ClosedRange<Double> {
    let lines = Certificates.UnitRelaxation(self, on: interval, lowerSlope: s, upperSlope: s)
    let (lower, upper) = (lines.lower.intercept, lines.upper.intercept)
    // Not a number bounds nothing.
    return lower <= upper ? lower...upper : -.infinity ... .infinity
  }

  /// The slopes s for which bounds of φ(z) − s z make a tight relaxation on an interval: those of the pieces and of the chord, for curved
  /// functions also those at the ends and of the lines that enclose least; never zero, which bounds of φ itself are for.
  func relaxationSlopes(on interval: ClosedRange<Double>) -> [Double] {
    let (a, b) = (interval.lowerBound, interval.upperBound)
    let chord = b > a ? (value(b) - value(a)) / (b - a) : derivative(a)
    var slopes: [Double]
    switch self {
    case .relu: slopes = [1, chord]
    case .absoluteValue: slopes = [-1, 1, chord]
    case .leakyReLU(let slope): slopes = [slope, 1, chord]
    case .clip(let lower, let upper): slopes = [1] + flankSlopes(a, b, lower, upper)
    case .hardSigmoid(let slope, _): slopes = [slope] + (kinks.count == 2 ? flankSlopes(a, b, kinks[0], kinks[1]) : [])
    default:
      let lines = Certificates.UnitRelaxation(self, on: interval)
      slopes = [lines.lower.slope, lines.upper.slope, chord, derivative(a), derivative(b)]
    }
    var result: [Double] = []
    for slope in slopes where slope.magnitude > 1e-12 && slope.isFinite && !result.contains(slope) { result.append(slope) }
    return result
  }

  /// From the left end to the upper kink, and from the lower kink to the right end.
  private func flankSlopes(_ a: Double, _ b: Double, _ lower: Double, _ upper: Double) -> [Double] {
    func slope(_ x: Double, _ y: Double) -> Double { y > x ? (value(y) - value(x)) / (y - x) : 0 }
    return [slope(a, min(b, upper)), slope(max(a, lower), b)]
  }
}
