/// e^{2πi p/q} as two floating-point numbers with a proved error bound.
///
/// **Error.** Let k be the integer nearest 4p/q and e = 4p − kq, all exact in integers, so that the angle is kπ/2 + x with x = (π/2)(e/q) and
/// |x| ≤ π/4. The quotient, the constant and the product have a relative error of at most u = 2⁻⁵³ each, so x is off by less than 3u. The
/// Taylor sums up to x¹⁹ leave less than 10⁻²⁰ out. Term j is reached by at most 4j ≤ 40 roundings, and the terms' magnitudes add up to at most
/// cosh(π/4) < 1.33; with ten additions the sums are off by less than (40 + 10) · 1.33 u · (1 + 2⁻⁴⁰) < 67u. Together less than 2⁻⁴⁶ = 128u.
struct Twiddle {
  /// cos(2πp/q), within ``radius`` unless exact.
  let cosine: Double
  /// sin(2πp/q), within ``radius`` unless exact.
  let sine: Double
  /// The bound on both errors; zero for whole quarters of a turn, which are exact.
  let radius: Double

  /// The greatest denominator: products with four stay in range.
  static let largestDenominator = 1 << 40

  /// e^{2πi p/q}.
  ///
  /// - Precondition: 0 < q ≤ ``largestDenominator``, |p| at most that times 2²⁰.
  init(numerator p: Int, denominator q: Int) {
    let reduced = ((p % q) + q) % q
    let quarter = (8 * reduced + q) / (2 * q)
    let rest = 4 * reduced - quarter * q
    var (c, s) = (1.0, 0.0)
    if rest != 0 {
      let x = (Double.pi / 2) * (Double(rest) / Double(q))
      let square = x * x
      var (even, odd) = (1.0, x)
      s = x
      for j in 1...9 {
        even = -even * square / Double((2 * j - 1) * (2 * j))
        odd = -odd * square / Double((2 * j) * (2 * j + 1))
        c += even
        s += odd
      }
    }
    radius = rest == 0 ? 0 : 0x1p-46
    switch quarter % 4 {
    case 0: (cosine, sine) = (c, s)
    case 1: (cosine, sine) = (-s, c)
    case 2: (cosine, sine) = (-c, -s)
    default: (cosine, sine) = (s, -c)
    }
  }
}
