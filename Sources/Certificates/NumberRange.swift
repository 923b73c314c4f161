/// The numbers the recursion accepts.
///
/// Within this range one absolute constant covers every effect of underflow, in the matrices and in the bounds of their rounding errors
/// alike; beyond it nothing is proved. Single-precision weights always fit.
enum NumberRange {
  /// Coefficients of the affine maps and their radii are at most this.
  static let largestCoefficient = 0x1p+150

  /// Entries of Q are at most this before an affine node is substituted.
  static let largestGain = 0x1p+300

  /// Weights of dominating diagonals lie between its inverse and this.
  static let largestWeight = 0x1p+150

  /// Matrices have fewer rows, and sums fewer terms.
  static let largestOrder = 1 << 22

  /// What underflow can do to a diagonal entry in one substitution.
  ///
  /// With n, k < 2²² an entry of A′Q is off by k 2⁻¹⁰⁷⁴, one of A′QA by 2⁻⁸⁸⁰, and the dominating diagonal of such a matrix is below 2⁻⁸⁵⁰.
  /// The bounds themselves lose k 2⁻¹⁰⁷⁴ in |A| w, times n 2³⁰⁰ in |Q| |A| w, times k 2¹⁵⁰ in |A|′ |Q| |A| w, times 2¹⁵⁰ in the quotient by
  /// w: 2⁻⁴⁰⁸, three times that with radii.
  static let underflow = 0x1p-400

  /// Whether all magnitudes are at most `limit`; false when there is a NaN.
  static func holds(_ values: [Double], limit: Double) -> Bool {
    values.withUnsafeBufferPointer { values in
      var index = 0
      while index < values.count {
        guard values[index].magnitude <= limit else { return false }
        index &+= 1
      }
      return true
    }
  }
}
