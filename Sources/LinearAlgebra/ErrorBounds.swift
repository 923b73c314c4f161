internal import CKernels

/// Arithmetic on bounds of rounding errors: every function returns a number on the safe side of the exact result.
///
/// Swift's operations round to nearest, so the exact result lies strictly between the neighbours of the computed one, and `nextUp` and
/// `nextDown` are safe (also where the result overflows or is subnormal). The direction of rounding is never changed: neither Swift nor
/// threaded BLAS would respect it. NaN stays NaN.
public enum ErrorBounds {
  /// Whether this thread rounds to nearest with gradual underflow, as everything here takes for granted.
  ///
  /// Libraries compiled for speed are known to switch flushing to zero on for the whole process when they are loaded, so proofs ask.
  public static var isArithmeticStandard: Bool { lipcert_arithmetic_is_standard() != 0 }

  /// γ(k) = k u / (1 − k u), rounded up, where u is the unit roundoff of `type`.
  ///
  /// A sum of k products, in any order, with or without fused operations, differs from the exact one by at most γ(k) times the sum of
  /// absolute products, barring underflow (Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., section 3.1).
  ///
  /// - Precondition: 0 ≤ k and k u < 1.
  public static func gamma<Element: Scalar>(_ k: Int, for type: Element.Type = Double.self) -> Double {
    let product = Double(k) * Double(Element.ulpOfOne) / 2
    precondition(k >= 0 && k < 1 << 53 && product < 1, "γ(k) needs 0 ≤ k < 1/u")
    // k u and 1 − k u are multiples of 2⁻⁵³ of at most 1, hence exact.
    return k == 0 ? 0 : divideUp(product, 1 - product)
  }

  /// At least a + b.
  public static func addUp(_ a: Double, _ b: Double) -> Double { (a + b).nextUp }
  /// At most a + b.
  public static func addDown(_ a: Double, _ b: Double) -> Double { (a + b).nextDown }
  /// At least a − b.
  public static func subtractUp(_ a: Double, _ b: Double) -> Double { (a - b).nextUp }
  /// At most a − b.
  public static func subtractDown(_ a: Double, _ b: Double) -> Double { (a - b).nextDown }
  /// At least a · b.
  public static func multiplyUp(_ a: Double, _ b: Double) -> Double { (a * b).nextUp }
  /// At most a · b.
  public static func multiplyDown(_ a: Double, _ b: Double) -> Double { (a * b).nextDown }
  /// At least a / b.
  public static func divideUp(_ a: Double, _ b: Double) -> Double { (a / b).nextUp }
  /// At most a / b.
  public static func divideDown(_ a: Double, _ b: Double) -> Double { (a / b).nextDown }
  /// At least √a.
  public static func sqrtUp(_ a: Double) -> Double { a.squareRoot().nextUp }
  /// At most √a, and never negative.
  public static func sqrtDown(_ a: Double) -> Double {
    let root = a.squareRoot()
    return root > 0 ? root.nextDown : root
  }
}
