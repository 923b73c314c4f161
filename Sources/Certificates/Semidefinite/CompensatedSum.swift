import LinearAlgebra

/// A sum of products as a value and a bound of its error, in about twice the working precision.
///
/// With p = fl(ab) and e = ab − p (one fused operation), and s + t = h + p exactly (Knuth's sum), the sums h of the p and l of all t + e
/// satisfy Σ ab = h + Σ (t + e) exactly. So the only errors are those of summing up l, at most γ(k + 1) Σ (|t| + |e|) for k products, and of
/// the last addition h + l, whose error is itself computed (Ogita, Rump and Oishi, Accurate sum and dot product, SIAM J. Sci. Comput. 26,
/// 2005). A product below 2⁻⁹⁶⁸ may lose 2⁻¹⁰⁷⁴ in e, for which every product pays 2⁻¹⁰⁷⁰. Sums that overflow have an error of NaN.
///
/// The memory for the three numbers is elsewhere, so that matrices of sums are three arrays.
enum CompensatedSum {
  /// Adds a·b to a sum.
  @inline(__always)
  static func add(_ a: Double, _ b: Double, high: inout Double, low: inout Double, spread: inout Double) {
    let p = a * b
    let e = (-p).addingProduct(a, b)
    let s = high + p
    let z = s - high
    let t = (high - (s - z)) + (p - z)
    high = s
    low += t + e
    spread += t.magnitude + e.magnitude
  }

  /// The value of a sum of at most `count` products and a bound of its error.
  ///
  /// - Precondition: `count` < 2³⁰.
  @inline(__always)
  static func value(high: Double, low: Double, spread: Double, count: Int) -> Bounded {
    if count == 0 { return Bounded(value: 0, radius: 0) }
    let value = high + low
    let z = value - high
    let t = (high - (value - z)) + (low - z)
    // γ(2k + 4) covers the rounding of the spread itself, and the last factor the four operations of this line.
    let error = t.magnitude + ErrorBounds.gamma(2 * count + 4) * spread
    return Bounded(value: value, radius: (error * (1 + 0x1p-50) + Double(count) * 0x1p-1070).nextUp)
  }
}
