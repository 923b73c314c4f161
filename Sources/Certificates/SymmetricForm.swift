import BigInt

/// A symmetric matrix of dyadic rationals, built as a sum of products of linear forms.
struct SymmetricForm {
  private let order: Int
  private var entries: [[Dyadic]]

  init(order: Int) {
    self.order = order
    entries = Array(repeating: Array(repeating: .zero, count: order), count: order)
  }

  /// Adds factor · (a′x)(b′x).
  mutating func add(_ factor: Dyadic, _ a: [Dyadic], _ b: [Dyadic]) {
    if factor.isZero { return }
    let half = Dyadic(significand: factor.significand, exponent: factor.exponent - 1)
    for i in 0..<order where !(a[i].isZero && b[i].isZero) {
      for j in 0..<order where !(a[j].isZero && b[j].isZero) {
        let term = half * (a[i] * b[j] + b[i] * a[j])
        entries[i][j] = entries[i][j] + term
      }
    }
  }

  /// Whether all leading principal minors are positive, by Bareiss's fraction-free elimination on the integer matrix.
  ///
  /// Coordinates with a zero row do not occur in the form and are left out. The matrix stays symmetric, so its lower triangle is enough.
  var isPositiveDefinite: Bool {
    // A common power of two keeps the signs of minors.
    let exponent = entries.joined().lazy.filter { !$0.isZero }.map(\.exponent).min() ?? 0
    let occurring = entries.indices.filter { !entries[$0].allSatisfy(\.isZero) }
    let order = occurring.count
    var m = occurring.map { i in occurring.map { j in entries[i][j].isZero ? BigInt(0) : entries[i][j].aligned(to: exponent) } }
    var previous: BigInt = 1
    for k in 0..<order {
      guard m[k][k] > 0 else { return false }
      for i in k + 1..<max(order, k + 1) {
        for j in k + 1..<max(i + 1, k + 1) {
          m[i][j] = (m[i][j] * m[k][k] - m[i][k] * m[j][k]) / previous
        }
      }
      previous = m[k][k]
    }
    return true
  }
}
