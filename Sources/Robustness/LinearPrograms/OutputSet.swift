import LinearAlgebra

/// A set of outputs, given by linear inequalities: all y with rows · y ≤ bounds.
///
/// As an unsafe set it is what an input must not reach. Its violation at y is max over k of (rowₖ · y − boundₖ): at most 0 exactly in the set.
public struct OutputSet: Sendable, Equatable {
  /// One inequality a row; as many columns as the network has outputs.
  public let rows: Matrix<Double>
  /// The right sides.
  public let bounds: [Double]

  /// The outputs with rows · y ≤ bounds.
  ///
  /// - Precondition: at least one inequality, as many bounds as rows, all numbers finite and at most 2¹⁰⁰ in size.
  public init(rows: Matrix<Double>, bounds: [Double]) {
    precondition(rows.rows > 0 && rows.rows == bounds.count, "a set of outputs has an inequality, and a bound for each")
    precondition((rows.elements + bounds).allSatisfy { $0.magnitude <= 0x1p100 }, "coefficients are finite and not huge")
    (self.rows, self.bounds) = (rows, bounds)
  }

  /// The violation at y, computed in floating point; NaN when y has one.
  public func violation(at y: [Double]) -> Double {
    var result = -Double.infinity
    for k in 0..<rows.rows {
      var sum = -bounds[k]
      for (j, value) in y.enumerated() where rows[k, j] != 0 { sum += rows[k, j] * value }
      result = sum.isNaN || result.isNaN ? .nan : max(result, sum)
    }
    return result
  }

  /// Bounds of the violation when every output lies in its interval, rounded outwards.
  func violation(lower: [Double], upper: [Double]) -> ClosedRange<Double> {
    var (low, high) = (-Double.infinity, -Double.infinity)
    for k in 0..<rows.rows {
      var (least, greatest) = (-bounds[k], -bounds[k])
      for j in lower.indices where rows[k, j] != 0 {
        let a = rows[k, j]
        let (first, last) = a > 0 ? (lower[j], upper[j]) : (upper[j], lower[j])
        least = ErrorBounds.addDown(least, ErrorBounds.multiplyDown(a, first))
        greatest = ErrorBounds.addUp(greatest, ErrorBounds.multiplyUp(a, last))
      }
      (low, high) = (max(low, least), max(high, greatest))
    }
    return low <= high ? low...high : -.greatestFiniteMagnitude ... .greatestFiniteMagnitude
  }
}
