import BigInt
import CommandLineSupport
import Foundation
import Testing

@Suite("Decimal bounds")
struct DecimalBoundTests {
  /// A number that was read from text or a double, as integer · 10^exponent, exactly.
  struct Exact {
    var integer: BigInt
    var exponent: Int

    init(_ value: Double) {
      guard value != 0 else {
        (integer, exponent) = (0, 0)
        return
      }
      // Integral significand times a power of two; 2^−k = 5^k 10^−k.
      let power = Int(value.exponent) - 52
      let significand = BigInt(value.significand * 0x1p52) * (value < 0 ? -1 : 1)
      (integer, exponent) = power >= 0 ? (significand << power, 0) : (significand * BigInt(5).power(-power), power)
    }

    init(_ text: String) throws {
      let parts = text.split(separator: "e")
      let decimals = parts[0].split(separator: ".")
      let fraction = decimals.count == 2 ? decimals[1].count : 0
      integer = try #require(BigInt(parts[0].replacingOccurrences(of: ".", with: "")))
      exponent = (parts.count == 2 ? try #require(Int(parts[1])) : 0) - fraction
    }

    static func <= (a: Exact, b: Exact) -> Bool {
      let exponent = min(a.exponent, b.exponent)
      return a.integer * BigInt(10).power(a.exponent - exponent) <= b.integer * BigInt(10).power(b.exponent - exponent)
    }
  }

  private static func samples() -> [Double] {
    var generator = SystemRandomNumberGenerator()
    let patterns = (0..<400).map { _ in Double(bitPattern: generator.next()) }.filter(\.isFinite)
    let moderate = (0..<200).map { _ in Double.random(in: 0...100) }
    let special: [Double] = [
      0, 1, 10, 0.1, 0.5, 1.0 / 3, 9.99999, 9.999999, 99999.95, 1e15, 1e16, 1e17, 1e22, 1e23, 123456, 1234567, 5e-324,
      2.2250738585072014e-308, 2.225073858507201e-308, .greatestFiniteMagnitude, .ulpOfOne, 1 + .ulpOfOne, 1 - .ulpOfOne / 2,
    ]
    return patterns + moderate + special + special.map { -$0 }
  }

  @Test("The text is never on the wrong side, and never further off than one unit in its last place", arguments: [1, 2, 6, 17])
  func isOnTheRightSide(digits: Int) throws {
    for value in Self.samples() {
      let exact = Exact(value)
      let up = try Exact(DecimalBound.up(value, digits: digits))
      let down = try Exact(DecimalBound.down(value, digits: digits))
      #expect(exact <= up, "\(value)")
      #expect(down <= exact, "\(value)")
      #expect(Self.significantDigits(DecimalBound.up(value, digits: digits)) <= digits)
      let difference = Exact.difference(up, down)
      let unit = value == 0 ? 1 : Int(log10(value.magnitude).rounded(.up)) + 1 - digits
      #expect(difference <= Exact(tenTo: unit), "\(value)")
    }
  }

  @Test("Seventeen digits read back on the right side")
  func readsBackSafely() throws {
    for value in Self.samples() {
      // Beyond the greatest number there is no text that reads back finite.
      guard value.magnitude < 1e308 else { continue }
      #expect(try #require(Double(DecimalBound.up(value, digits: 17))) >= value)
      #expect(try #require(Double(DecimalBound.down(value, digits: 17))) <= value)
    }
  }

  @Test(
    "Known texts",
    arguments: [
      (9.99999, 5, "10", "9.9999"), (9.99999, 6, "10", "9.99999"), (9.999999, 6, "10", "9.99999"), (17, 6, "17", "17"),
      (0.5, 1, "0.5", "0.5"), (0.1, 3, "0.101", "0.1"), (0, 6, "0", "0"), (-0.0, 6, "0", "0"), (123456.7, 6, "123457", "123456"),
      (999999.5, 6, "1000000", "999999"), (1234567.5, 3, "1240000", "1230000"), (5e-324, 3, "4.95e-324", "4.94e-324"),
      (-2.55, 2, "-2.5", "-2.6"), (.infinity, 6, "inf", "inf"), (1e-6, 3, "1e-6", "9.99e-7"), (0.000125, 2, "0.00013", "0.00012"),
      (1e300, 2, "1.1e300", "1e300"),
    ] as [(Double, Int, String, String)])
  func knownTexts(value: Double, digits: Int, up: String, down: String) {
    #expect(DecimalBound.up(value, digits: digits) == up)
    #expect(DecimalBound.down(value, digits: digits) == down)
  }

  private static func significantDigits(_ text: String) -> Int {
    let mantissa = text.split(separator: "e")[0].filter(\.isNumber)
    let digits = mantissa.drop { $0 == "0" }
    // Zeros before the point hold places only.
    return text.contains(".") ? digits.count : String(digits.reversed().drop { $0 == "0" }).count
  }
}

extension DecimalBoundTests.Exact {
  fileprivate init(tenTo exponent: Int) {
    self.integer = 1
    self.exponent = exponent
  }

  fileprivate static func difference(_ a: Self, _ b: Self) -> Self {
    var result = a
    result.exponent = min(a.exponent, b.exponent)
    result.integer =
      a.integer * BigInt(10).power(a.exponent - result.exponent) - b.integer * BigInt(10).power(b.exponent - result.exponent)
    return result
  }
}
