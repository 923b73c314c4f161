/// An orthonormal basis of the vectors with sum zero: Haar's, by halving.
///
/// The copies of a matrix entry in several cliques are tied by free variables along such a basis. Columns of data that are divided equally
/// among the copies are orthogonal to it, and so are the basis vectors among themselves: decomposition leaves the Gram matrix A′A of the
/// other columns as it was for unit weights and adds an identity block.
enum ConsensusBasis {
  /// A basis vector: one value on a range of copies, another on the range that follows it, zero elsewhere.
  struct Vector: Sendable, Equatable {
    let left: Range<Int>
    let right: Range<Int>
    let leftValue: Double
    let rightValue: Double
  }

  /// The basis for this many copies, one vector fewer; in all, about copies · log₂ copies values that are not zero.
  static func vectors(_ copies: Int) -> [Vector] {
    var result: [Vector] = []
    func halve(_ range: Range<Int>) {
      guard range.count > 1 else { return }
      let middle = range.lowerBound + range.count / 2
      let (left, right) = (range.lowerBound..<middle, middle..<range.upperBound)
      let ratio = (Double(right.count) / Double(left.count)).squareRoot()
      let norm = Double(range.count).squareRoot()
      result.append(Vector(left: left, right: right, leftValue: ratio / norm, rightValue: -1 / (ratio * norm)))
      halve(left)
      halve(right)
    }
    halve(0..<copies)
    return result
  }
}
