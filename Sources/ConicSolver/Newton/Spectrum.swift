import ConicPrograms
import LinearAlgebra

/// The spectrum of a symmetric matrix V, split at 0, as far as it was asked for.
///
/// The projection needs the eigenpairs on one side of 0 only, its derivative all of them: the tridiagonal form is kept and the other side
/// computed on demand.
final class Spectrum {
  /// Which side of the spectrum the projection was computed from.
  enum Side { case positive, nonpositive }

  /// The eigenpairs of one side, of greatest magnitude first, with eigenvectors as rows.
  struct Pairs {
    var values: [Double] = []
    var vectors: Matrix<Double>
    var count: Int { values.count }
  }

  /// The order of V.
  let order: Int
  /// The smaller side, as far as could be foreseen.
  let side: Side
  /// Its eigenpairs.
  private(set) var pairs: Pairs
  /// The number of positive eigenvalues.
  var rank: Int { side == .positive ? pairs.count : order - pairs.count }

  /// Whether the eigenpairs of the other side are known.
  var isComplete: Bool { others != nil }

  /// The eigenvectors of ``pairs`` as columns.
  private(set) lazy var columns = pairs.vectors.transposed

  private let form: TridiagonalForm<Double>
  private var others: Pairs?

  /// Decomposes V.
  ///
  /// - Parameter expectedRank: a guess at the number of positive eigenvalues; a bad one costs time only.
  init(_ matrix: consuming Matrix<Double>, expectedRank: Int) throws(LinearAlgebraError) {
    order = matrix.rows
    side = 2 * expectedRank <= matrix.rows ? .positive : .nonpositive
    form = try TridiagonalForm(matrix)
    pairs = try Self.pairs(of: form, side)
  }

  /// The eigenpairs of the other side; their eigenvectors complete the basis.
  func complement() throws(LinearAlgebraError) -> Pairs {
    if let others { return others }
    var computed = try Self.pairs(of: form, side == .positive ? .nonpositive : .positive)
    if computed.count + pairs.count != order {
      // Eigenvalues of 0 up to rounding fell on both sides or on none: split them once more, consistently.
      let eigen = try form.eigenpairs(.all)
      let split = eigen.values.firstIndex { $0 > 0 } ?? order
      let (lower, upper) = (Self.pairs(eigen, 0..<split), Self.pairs(eigen, split..<order, reversed: true))
      (pairs, computed) = side == .positive ? (upper, lower) : (lower, upper)
    }
    others = computed
    return computed
  }

  private static func pairs(of form: TridiagonalForm<Double>, _ side: Side) throws(LinearAlgebraError) -> Pairs {
    let eigen = try form.eigenpairs(side == .positive ? .positive : .nonpositive)
    // Nonpositive eigenvalues ascend from the greatest magnitude already.
    return pairs(eigen, eigen.values.indices, reversed: side == .positive)
  }

  /// Some of the eigenpairs, in the same or the opposite order.
  private static func pairs(_ eigen: SymmetricEigen<Double>, _ range: Range<Int>, reversed: Bool = false) -> Pairs {
    let n = eigen.vectors.columns
    var vectors: [Double] = []
    vectors.reserveCapacity(range.count * n)
    for k in range {
      let source = reversed ? range.lowerBound + range.upperBound - 1 - k : k
      vectors += eigen.vectors.elements[source * n..<(source + 1) * n]
    }
    let values = Array(eigen.values[range])
    return Pairs(values: reversed ? values.reversed() : values, vectors: Matrix(rows: range.count, columns: n, elements: vectors))
  }

  /// Writes svec of Π(V), the projection onto the semidefinite cone.
  ///
  /// - Parameter v: svec of V.
  func project(_ v: UnsafePointer<Double>, to target: UnsafeMutablePointer<Double>) {
    let count = SymmetricVector.dimension(order: order)
    var factor = pairs.vectors
    for k in 0..<pairs.count {
      let root = pairs.values[k].magnitude.squareRoot()
      for l in k * order..<(k + 1) * order { factor.elements[l] *= root }
    }
    let part = factor.gram()
    part.elements.withUnsafeBufferPointer { source in
      if let base = source.baseAddress { SymmetricVector.pack(base, order: order, to: target) }
    }
    // Π(V) = V + Π(−V).
    if side == .nonpositive { for k in 0..<count { target[k] += v[k] } }
  }
}
