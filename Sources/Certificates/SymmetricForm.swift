import BigInt

/// A symmetric matrix of dyadic rationals, built as a sum of products of linear forms.
struct SymmetricForm {
  let order: Int
  private(set) var entries: [[Dyadic]]

  init(order: Int) {
    self.order = order
    entries = Array(repeating: Array(repeating: .zero, count: order), count: order)
  }

  /// Adds factor · (a′x)(b′x).
  mutating func add(_ factor: Dyadic, _ a: [Dyadic], _ b: [Dyadic]) {
    if factor.isZero { return }
    let half = Dyadic(significand: factor.significand, exponent: factor.exponent - 1)
    let support = (0..<order).filter { !(a[$0].isZero && b[$0].isZero) }
    for i in support {
      for j in support {
        if j > i { break }
        entries[i][j] = entries[i][j] + half * (a[i] * b[j] + b[i] * a[j])
        entries[j][i] = entries[i][j]
      }
    }
  }

  /// Whether the form is positive definite in the coordinates that occur in it, that is, have a row that is not zero.
  var isPositiveDefinite: Bool {
    let reduced = occurring
    return reduced.quickDecision ?? reduced.isPositiveDefiniteByElimination
  }

  /// The form without the coordinates that do not occur.
  private var occurring: SymmetricForm {
    let indices = entries.indices.filter { !entries[$0].allSatisfy(\.isZero) }
    var result = SymmetricForm(order: indices.count)
    result.entries = indices.map { i in indices.map { entries[i][$0] } }
    return result
  }

  /// Whether all leading principal minors are positive, by Bareiss's fraction-free elimination on the integer matrix.
  ///
  /// The matrix stays symmetric, so its lower triangle is enough. The integers grow to the size of minors: the time is about the fifth power
  /// of the order.
  var isPositiveDefiniteByElimination: Bool {
    // A common power of two keeps the signs of minors.
    let exponent = entries.joined().lazy.filter { !$0.isZero }.map(\.exponent).min() ?? 0
    var m = entries.map { $0.map { $0.isZero ? BigInt(0) : $0.aligned(to: exponent) } }
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
