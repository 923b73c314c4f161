/// Two doubles with a real number between them: how a decimal number of a property, or a result of arithmetic on such numbers, is known.
///
/// The ends are equal when the number is a double. Decimals of up to 38 digits are enclosed by neighbouring doubles.
public struct Enclosure: Sendable, Hashable {
  /// At most the number.
  public let lower: Double
  /// At least the number.
  public let upper: Double

  /// The enclosure with these ends.
  ///
  /// - Precondition: `lower <= upper`; neither is NaN.
  public init(_ lower: Double, _ upper: Double) {
    precondition(lower <= upper, "an enclosure's lower end is not above its upper end")
    self.lower = lower
    self.upper = upper
  }

  /// A number that is a double.
  public init(_ value: Double) { self.init(value, value) }

  /// Whether the number is known exactly.
  public var isExact: Bool { lower == upper }

  /// −x.
  public static prefix func - (x: Enclosure) -> Enclosure { Enclosure(-x.upper, -x.lower) }

  /// x + y, rounded outwards where it is no double.
  public static func + (x: Enclosure, y: Enclosure) -> Enclosure {
    Enclosure(sum(x.lower, y.lower).lower, sum(x.upper, y.upper).upper)
  }

  /// x · y, rounded outwards where it is no double.
  public static func * (x: Enclosure, y: Enclosure) -> Enclosure {
    if x.isExact, y.isExact { return product(x.lower, y.lower) }
    let corners = [product(x.lower, y.lower), product(x.lower, y.upper), product(x.upper, y.lower), product(x.upper, y.upper)]
    return Enclosure(corners.reduce(.infinity) { min($0, $1.lower) }, corners.reduce(-.infinity) { max($0, $1.upper) })
  }

  /// x / y, rounded outwards unless y is ±1; `nil` when y may be 0.
  public static func / (x: Enclosure, y: Enclosure) -> Enclosure? {
    guard y.lower > 0 || y.upper < 0 else { return nil }
    if y == Enclosure(1) { return x }
    if y == Enclosure(-1) { return -x }
    let corners = [x.lower / y.lower, x.lower / y.upper, x.upper / y.lower, x.upper / y.upper]
    return Enclosure(corners.reduce(.infinity, min).nextDown, corners.reduce(-.infinity, max).nextUp)
  }

  /// a + b; Knuth's sum tells the rounding error, and with it the side on which the exact sum lies.
  private static func sum(_ a: Double, _ b: Double) -> Enclosure {
    let s = a + b
    guard s.magnitude < 0x1p1000 else { return s.isFinite ? Enclosure(s.nextDown, s.nextUp) : Enclosure(-.infinity, .infinity) }
    let part = s - a
    return enclosure(s, error: (a - (s - part)) + (b - part))
  }

  private static func product(_ a: Double, _ b: Double) -> Enclosure {
    let p = a * b
    if a == 0 || b == 0 { return Enclosure(0) }
    // The error of a product is a double itself unless it underflows.
    guard p.magnitude < 0x1p1000, p.magnitude > 0x1p-900 else {
      return p.isNaN ? Enclosure(-.infinity, .infinity) : Enclosure(p.nextDown, p.nextUp)
    }
    return enclosure(p, error: (-p).addingProduct(a, b))
  }

  private static func enclosure(_ value: Double, error: Double) -> Enclosure {
    error == 0 ? Enclosure(value) : error > 0 ? Enclosure(value, value.nextUp) : Enclosure(value.nextDown, value)
  }
}

extension Enclosure {
  /// A decimal number such as `-12.5e-3`: an optional sign, digits with an optional point, and an optional exponent.
  ///
  /// `nil` when the text is no such number or is too large for a double.
  public init?(decimal text: some Collection<UInt8>) {
    guard let number = Decimal(text), let nearest = Double(String(decoding: text, as: UTF8.self)), nearest.isFinite else { return nil }
    switch number.comparison(with: nearest) {
    case .some(0): self.init(nearest)
    case .some(let sign): self = sign > 0 ? Enclosure(nearest, nearest.nextUp) : Enclosure(nearest.nextDown, nearest)
    case nil: self.init(nearest.nextDown, nearest.nextUp)
    }
  }

  /// ± digits · 10^exponent.
  private struct Decimal {
    var isNegative = false
    /// All digits as an integer, or `nil` when they are too many.
    var digits: UInt128? = 0
    var exponent = 0

    init?(_ text: some Collection<UInt8>) {
      var rest = text[...]
      if let sign = rest.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
        isNegative = sign == UInt8(ascii: "-")
        rest.removeFirst()
      }
      var (count, isFraction) = (0, false)
      while let byte = rest.first {
        if byte == UInt8(ascii: "."), !isFraction {
          isFraction = true
        } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
          count += 1
          if isFraction { exponent -= 1 }
          digits = digits.flatMap { $0 < UInt128.max / 10 - 1 ? $0 * 10 + UInt128(byte - UInt8(ascii: "0")) : nil }
        } else {
          break
        }
        rest.removeFirst()
      }
      guard count > 0 else { return nil }
      guard let letter = rest.first else { return }
      guard letter == UInt8(ascii: "e") || letter == UInt8(ascii: "E") else { return nil }
      rest.removeFirst()
      let digitsOfPower = rest.first == UInt8(ascii: "-") || rest.first == UInt8(ascii: "+") ? rest.dropFirst() : rest
      guard !digitsOfPower.isEmpty, digitsOfPower.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else { return nil }
      guard let power = Int(String(decoding: rest, as: UTF8.self)), power.magnitude < 100_000 else { return nil }
      exponent += power
    }

    /// The sign of this number minus its nearest double, or `nil` when the integers become too large to tell.
    ///
    /// With the double m 2^e the two are compared as digits · 5^k 2^k and m 2^e, all powers moved to the side where they are positive.
    func comparison(with nearest: Double) -> Int? {
      guard let digits else { return nil }
      if digits == 0 { return 0 }
      guard nearest.magnitude >= 0x1p-1000 else { return nil }
      let power = Int(nearest.exponent) - 52
      var mine = digits
      var other = UInt128(nearest.magnitude.significandBitPattern | 1 << 52)
      for _ in 0..<min(exponent.magnitude, 56) {
        let (product, overflow) = (exponent > 0 ? mine : other).multipliedReportingOverflow(by: 5)
        if overflow { return nil }
        if exponent > 0 { mine = product } else { other = product }
      }
      guard exponent.magnitude <= 56 else { return nil }
      let shift = exponent - power
      if shift > 0 {
        guard mine.leadingZeroBitCount >= shift else { return nil }
        mine <<= shift
      } else {
        guard other.leadingZeroBitCount >= -shift else { return nil }
        other <<= -shift
      }
      let order = mine == other ? 0 : mine > other ? 1 : -1
      return isNegative ? -order : order
    }
  }
}
