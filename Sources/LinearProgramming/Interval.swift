import LinearAlgebra

/// A closed interval with outward rounded arithmetic.
///
/// Sums and products go through ``LinearAlgebra/ErrorBounds``, except that a result known to be exact is kept: reduced costs of columns
/// with entries ±1 often vanish exactly, and widening a zero would cost a whole infinite bound.
struct Interval: Equatable {
  var lower: Double
  var upper: Double

  init(_ lower: Double, _ upper: Double) { (self.lower, self.upper) = (lower, upper) }
  init(_ value: Double) { self.init(value, value) }

  /// The largest absolute value; NaN when an end is.
  var magnitude: Double { lower.isNaN || upper.isNaN ? .nan : max(lower.magnitude, upper.magnitude) }

  /// The interval minus a · [y.lower, y.upper].
  mutating func subtract(_ a: Double, times y: Interval) {
    let (low, high) = a >= 0 ? (y.lower, y.upper) : (y.upper, y.lower)
    lower = Self.addDown(lower, -Self.multiplyUp(a, high))
    upper = Self.addUp(upper, -Self.multiplyDown(a, low))
  }

  /// Products below this lose bits that fma does not show.
  private static let smallest = 0x1p-960

  /// The rounding error of a + b (Knuth's TwoSum), exact unless something overflows.
  private static func sumError(_ a: Double, _ b: Double, _ sum: Double) -> Double {
    let part = sum - a
    return (a - (sum - part)) + (b - part)
  }

  /// At least a + b.
  static func addUp(_ a: Double, _ b: Double) -> Double {
    let sum = a + b
    return sumError(a, b, sum) == 0 && sum.isFinite ? sum : ErrorBounds.addUp(a, b)
  }
  /// At most a + b.
  static func addDown(_ a: Double, _ b: Double) -> Double { -addUp(-a, -b) }
  /// At least a · b.
  static func multiplyUp(_ a: Double, _ b: Double) -> Double {
    if a == 0 || b == 0 { return 0 }
    let product = a * b
    let isExact = product.magnitude > smallest && product.isFinite && (-product).addingProduct(a, b) == 0
    return isExact ? product : ErrorBounds.multiplyUp(a, b)
  }
  /// At most a · b.
  static func multiplyDown(_ a: Double, _ b: Double) -> Double { -multiplyUp(-a, b) }
}
