/// A mark on an axis: `coefficient` · 10^`exponent`, so that its label is exact.
public struct AxisTick: Sendable, Equatable {
  /// The integer in front.
  public var coefficient: Int
  /// The power of ten.
  public var exponent: Int

  /// The number 10^`exponent` · `coefficient`.
  public init(_ coefficient: Int, exponent: Int) {
    self.coefficient = coefficient
    self.exponent = exponent
  }

  /// Where the mark stands.
  public var value: Double { Double("\(coefficient)e\(exponent)") ?? .nan }

  /// "0.25", "1500", "2·10⁷".
  public var label: String {
    guard coefficient != 0 else { return "0" }
    var (digits, power) = (coefficient.magnitude, exponent)
    while digits % 10 == 0 { (digits, power) = (digits / 10, power + 1) }
    let text = String(digits)
    let magnitude = text.count - 1 + power
    let sign = coefficient < 0 ? "-" : ""
    guard -4..<6 ~= magnitude else {
      let rest = text.dropFirst()
      let mantissa = text.prefix(1) + (rest.isEmpty ? "" : "." + rest)
      return sign + (mantissa == "1" ? "" : mantissa + "·") + "10" + Self.superscript(magnitude)
    }
    if power >= 0 { return sign + text + String(repeating: "0", count: power) }
    if magnitude < 0 { return sign + "0." + String(repeating: "0", count: -magnitude - 1) + text }
    return sign + text.prefix(magnitude + 1) + "." + text.dropFirst(magnitude + 1)
  }

  private static func superscript(_ value: Int) -> String {
    let signs: [Character: Character] = [
      "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷", "8": "⁸", "9": "⁹",
    ]
    return String(String(value).map { signs[$0] ?? $0 })
  }
}
