import LinearAlgebra
import Testing

@testable import Robustness

@Suite struct EnclosureTests {
  /// The decimal expansion of m · 2^−k, which is exact: m · 5^k / 10^k.
  private static func decimal(_ m: UInt64, shift k: Int) -> String {
    var digits = [Int]()
    var rest = m
    while rest > 0 {
      digits.append(Int(rest % 10))
      rest /= 10
    }
    for _ in 0..<k {
      var carry = 0
      for i in digits.indices {
        let value = digits[i] * 5 + carry
        digits[i] = value % 10
        carry = value / 10
      }
      while carry > 0 {
        digits.append(carry % 10)
        carry /= 10
      }
    }
    while digits.count <= k { digits.append(0) }
    let text = digits.reversed().map(String.init).joined()
    return text.dropLast(k) + (k > 0 ? "." + text.suffix(k) : "")
  }

  @Test func decimalsThatAreDoublesAreExact() throws {
    var generator = SplitMix64(seed: 1)
    for _ in 0..<300 {
      let (m, k) = (generator.next() >> 44, Int.random(in: 0...20, using: &generator))
      let value = Double(m) / Double(1 << k)
      #expect(Enclosure(decimal: Self.decimal(m, shift: k).utf8) == Enclosure(value))
      #expect(Enclosure(decimal: ("-" + Self.decimal(m, shift: k)).utf8) == Enclosure(-value))
    }
  }

  @Test func otherDecimalsLieBetweenNeighbours() throws {
    // 0.1 as a double is greater than one tenth, 0.3 is smaller than three tenths.
    #expect(Enclosure(decimal: "0.1".utf8) == Enclosure((0.1).nextDown, 0.1))
    #expect(Enclosure(decimal: "0.3".utf8) == Enclosure(0.3, (0.3).nextUp))
    #expect(Enclosure(decimal: "-3e-1".utf8) == Enclosure((-0.3).nextDown, -0.3))
    #expect(Enclosure(decimal: "+1e2".utf8) == Enclosure(100))
    #expect(Enclosure(decimal: "5.".utf8) == Enclosure(5))
    #expect(Enclosure(decimal: ".5".utf8) == Enclosure(0.5))
  }

  /// A digit put behind a double's own expansion makes the number greater than the double by less than one unit in the last place.
  @Test func oneMoreDigitMovesTheEnclosure() throws {
    var generator = SplitMix64(seed: 2)
    for _ in 0..<300 {
      let (m, k) = (generator.next() >> 40 | 1, Int.random(in: 1...12, using: &generator))
      let value = Double(m) / Double(1 << k)
      let text = Self.decimal(m, shift: k)
      #expect(Enclosure(decimal: (text + "000000000000001").utf8) == Enclosure(value, value.nextUp))
      #expect(Enclosure(decimal: ("-" + text + "000000000000001").utf8) == Enclosure((-value).nextDown, -value))
    }
  }

  @Test(arguments: ["", "-", ".", "1e", "e5", "1e+", "0x10", "nan", "inf", "1.2.3", "1e999", "--1", "1 ", "1e99999999999999999999"])
  func otherTextIsNoNumber(_ text: String) {
    #expect(Enclosure(decimal: text.utf8) == nil)
  }

  @Test func hugeAndTinyDecimalsAreEnclosed() throws {
    for text in [
      "1e300", "123456789e-320", "1e-400", "0.00000000000000000000000000000000000000000000000000000000000000000001234567890123456789",
    ] {
      let value = try #require(Double(text))
      let enclosure = try #require(Enclosure(decimal: text.utf8))
      #expect(enclosure.lower <= value && value <= enclosure.upper)
      #expect(enclosure.lower >= value.nextDown && enclosure.upper <= value.nextUp)
    }
    #expect(Enclosure(decimal: "0e5".utf8) == Enclosure(0))
  }

  /// Sums and products of enclosures hold the exact results, which numbers with few digits allow to know.
  @Test func arithmeticEncloses() {
    var generator = SplitMix64(seed: 3)
    for _ in 0..<1000 {
      let (a, b) = (Int64(bitPattern: generator.next() >> 2), Int64.random(in: -9999...9999, using: &generator))
      let (x, y) = (Enclosure(Double(a).nextDown, Double(a).nextUp), Enclosure(Double(b)))
      let product = a.multipliedFullWidth(by: b)
      let exact = Int128(product.high) << 64 + Int128(product.low)
      #expect(Int128((x * y).lower) <= exact && exact <= Int128((x * y).upper))
      #expect(Int128((x + y).lower) <= Int128(a) + Int128(b) && Int128(a) + Int128(b) <= Int128((x + y).upper))
      #expect(Int128((-x).lower) <= -Int128(a) && -Int128(a) <= Int128((-x).upper))
    }
    #expect(Enclosure(0.5) + Enclosure(0.25) == Enclosure(0.75))
    #expect(Enclosure(3) * Enclosure(-2) == Enclosure(-6))
    #expect((Enclosure(1) / Enclosure(-1, 1)) == nil)
  }
}
