import Foundation

/// An axis: which numbers it shows, where they stand and which of them are marked.
public struct AxisScale: Sendable {
  /// The least number shown.
  public let lower: Double
  /// The greatest number shown.
  public let upper: Double
  /// Whether equal distances are equal ratios.
  public let isLogarithmic: Bool
  /// The marks, ascending.
  public let ticks: [AxisTick]

  /// An axis over an interval; logarithmic only where every number is positive.
  ///
  /// - Parameters:
  ///   - first: one end.
  ///   - last: the other end.
  ///   - logarithmic: whether equal distances are to be equal ratios.
  ///   - count: about how many marks are wanted.
  public init(_ first: Double, _ last: Double, logarithmic: Bool, count: Int) {
    var (a, b) = (first.isFinite ? first : 0, last.isFinite ? last : 1)
    if a > b { (a, b) = (b, a) }
    isLogarithmic = logarithmic && a > 0
    // An interval of no width gets one; so does one so narrow that marks would differ beyond the sixth digit.
    if b - a <= 1e-6 * max(a.magnitude, b.magnitude) {
      let margin = a == 0 ? 1 : 0.1 * a.magnitude
      (a, b) = (a - margin, b + margin)
    }
    (lower, upper) = (a, b)
    ticks = isLogarithmic ? Self.logarithmicTicks(a, b, count: max(2, count)) : Self.linearTicks(a, b, count: max(2, count))
  }

  /// Where a number stands: 0 at the lower end, 1 at the upper; numbers outside stand at the nearer end.
  public func position(_ value: Double) -> Double {
    let share =
      isLogarithmic ? log(max(value, .leastNormalMagnitude) / lower) / log(upper / lower) : (value - lower) / (upper - lower)
    return min(1, max(0, share))
  }

  /// Multiples of 1, 2 or 5 times a power of ten.
  static func linearTicks(_ a: Double, _ b: Double, count: Int) -> [AxisTick] {
    let raw = (b - a) / Double(count)
    guard raw > 0, raw.isFinite else { return [] }
    let exponent = Int(log10(raw).rounded(.down))
    let step = [1, 2, 5].first { AxisTick($0, exponent: exponent).value >= raw * (1 - 1e-9) } ?? 10
    let unit = AxisTick(step, exponent: exponent).value
    let (first, last) = ((a / unit - 1e-9).rounded(.up), (b / unit + 1e-9).rounded(.down))
    guard first <= last, last - first < 1000, first.magnitude < 1e12, last.magnitude < 1e12 else { return [] }
    return (Int(first)...Int(last)).map { AxisTick($0 * step, exponent: exponent) }
  }

  /// Powers of ten, with 2 and 5 between them where there is room; linear steps where even those are too few.
  static func logarithmicTicks(_ a: Double, _ b: Double, count: Int) -> [AxisTick] {
    let (first, last) = (Int((log10(a) + 1e-12).rounded(.down)), Int((log10(b) + 1e-12).rounded(.down)))
    func within(_ mantissas: [Int]) -> [AxisTick] {
      (first...last).flatMap { power in mantissas.map { AxisTick($0, exponent: power) } }
        .filter { $0.value >= a * (1 - 1e-12) && $0.value <= b * (1 + 1e-12) }
    }
    let decades = within([1])
    if decades.count > count {
      let stride = [1, 2, 3, 5, 10, 20, 50, 100].first { (decades.count + $0 - 1) / $0 <= count } ?? 200
      return decades.filter { $0.exponent.quotientAndRemainder(dividingBy: stride).remainder == 0 }
    }
    for mantissas in [[1, 2, 5], [1, 3]] {
      let ticks = within(mantissas)
      if 3...max(3, count) ~= ticks.count { return ticks }
    }
    return decades.count >= 2 ? decades : linearTicks(a, b, count: count)
  }
}
