import BigInt

/// Decimal text that never understates an upper bound and never overstates a lower one.
///
/// A double is a dyadic rational, so its decimal expansion is finite: all of its digits are computed in integers, and the text is cut after
/// the digits asked for, away from or towards zero as the direction demands. No rounding of a library is trusted.
public enum DecimalBound {
  /// The least decimal number of `digits` significant digits that is not below `value`.
  ///
  /// - Precondition: `digits` is positive.
  public static func up(_ value: Double, digits: Int) -> String { text(value, digits: digits, isUpward: true) }

  /// The greatest decimal number of `digits` significant digits that is not above `value`.
  ///
  /// - Precondition: `digits` is positive.
  public static func down(_ value: Double, digits: Int) -> String { text(value, digits: digits, isUpward: false) }

  private static func text(_ value: Double, digits: Int, isUpward: Bool) -> String {
    precondition(digits > 0, "at least one digit")
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    guard value != 0 else { return "0" }
    let isNegative = value < 0
    var (significant, power) = expansion(of: value.magnitude)
    if significant.count > digits {
      // Trailing zeros are gone, so what is cut off is never nothing.
      significant.removeLast(significant.count - digits)
      if isUpward != isNegative, carry(into: &significant) { power += 1 }
    }
    while significant.count > 1, significant.last == 0 { significant.removeLast() }
    return (isNegative ? "-" : "") + layout(significant, power: power, digits: digits)
  }

  /// The digits d₀ d₁ … of a positive number d₀.d₁… · 10^power, without trailing zeros.
  private static func expansion(of value: Double) -> (digits: [UInt8], power: Int) {
    let isNormal = value.exponentBitPattern != 0
    let integer = BigInt(value.significandBitPattern) + (isNormal ? BigInt(1) << Double.significandBitCount : 0)
    let exponent = Int(max(1, value.exponentBitPattern)) - 1023 - Double.significandBitCount
    // m · 2^−k = m · 5^k · 10^−k.
    let scaled = exponent >= 0 ? integer << exponent : integer * BigInt(5).power(-exponent)
    var digits = String(scaled).utf8.map { $0 - UInt8(ascii: "0") }
    let power = digits.count - 1 + min(0, exponent)
    while digits.count > 1, digits.last == 0 { digits.removeLast() }
    return (digits, power)
  }

  /// Adds one unit in the last place; says whether a digit was gained (and the last one dropped).
  private static func carry(into digits: inout [UInt8]) -> Bool {
    for i in digits.indices.reversed() {
      if digits[i] < 9 {
        digits[i] += 1
        return false
      }
      digits[i] = 0
    }
    digits[0] = 1
    return true
  }

  /// Plain notation for moderate exponents, scientific otherwise; both are numbers in JSON.
  private static func layout(_ digits: [UInt8], power: Int, digits limit: Int) -> String {
    let text = digits.map(String.init).joined()
    guard -5..<max(limit, 7) ~= power else {
      let fraction = text.dropFirst()
      return text.prefix(1) + (fraction.isEmpty ? "" : "." + fraction) + "e\(power)"
    }
    if power < 0 { return "0." + String(repeating: "0", count: -power - 1) + text }
    let whole = power + 1
    if text.count <= whole { return text + String(repeating: "0", count: whole - text.count) }
    return text.prefix(whole) + "." + text.dropFirst(whole)
  }
}
