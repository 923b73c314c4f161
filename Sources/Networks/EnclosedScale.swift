/// A floating-point factor and a bound on its distance from the real number it stands for.
///
/// Only the correctly rounded operations of IEEE arithmetic occur, so one unit in the last place outwards after each covers its rounding;
/// steps that an exact residual proves error-free are not widened.
struct EnclosedScale {
  /// The factor.
  let value: Double
  /// The bound; zero when the factor is exact.
  let radius: Double

  /// 1 / divisor.
  static func reciprocal(of divisor: Double) -> EnclosedScale { quotient(1, (divisor, divisor), center: 1 / divisor) }

  /// scale / √(variance + ε).
  static func normalization(scale: Double, variance: Double, epsilon: Double) -> EnclosedScale {
    let sum = variance + epsilon
    // The rounding error of a sum, exactly (Knuth): zero means that `sum` is the real sum.
    let part = sum - variance
    let error = (variance - (sum - part)) + (epsilon - part)
    let (sumLow, sumHigh) = error == 0 ? (sum, sum) : (sum.nextDown, sum.nextUp)
    let (low, high) = (root(sumLow).0, root(sumHigh).1)
    return quotient(scale, (low, high), center: scale / sum.squareRoot())
  }

  /// Bounds on √x.
  private static func root(_ x: Double) -> (Double, Double) {
    let root = x.squareRoot()
    // A residual computed with one rounding vanishes only when it is zero, as long as nothing underflows.
    let isExact = x > 0x1p-900 && (-x).addingProduct(root, root) == 0
    return isExact ? (root, root) : (root.nextDown, root.nextUp)
  }

  /// numerator / d for every d of a positive or point interval.
  private static func quotient(_ numerator: Double, _ divisor: (Double, Double), center: Double) -> EnclosedScale {
    if numerator == 0 { return EnclosedScale(value: 0, radius: 0) }
    var low = Double.infinity
    var high = -Double.infinity
    for d in [divisor.0, divisor.1] {
      let q = numerator / d
      let isExact = q.magnitude > 0x1p-900 && numerator.magnitude > 0x1p-900 && (-numerator).addingProduct(q, d) == 0
      low = min(low, isExact ? q : q.nextDown)
      high = max(high, isExact ? q : q.nextUp)
    }
    if low == center, high == center { return EnclosedScale(value: center, radius: 0) }
    return EnclosedScale(value: center, radius: max(high - center, center - low).nextUp)
  }
}
