/// The splitting A = A₊ − A₋ of a symmetric matrix into its positive and negative parts, both positive semidefinite with A₊A₋ = 0.
///
/// Only the eigenvectors of the smaller side are computed at first: the matrix is reduced to the tridiagonal form A = Q T Q′, Sturm's
/// sequence counts the eigenvalues of T on either side of zero, and a few wanted ones are found by relatively robust representations
/// (Dhillon, Parlett, Vömel, ACM Trans. Math. Softw. 32, 2006, doi:10.1145/1186785.1186788), many by divide and conquer (Gu, Eisenstat,
/// SIAM J. Matrix Anal. Appl. 16, 1995, doi:10.1137/S0895479892241287). The other side is computed when ``bothSides()`` asks for it. The
/// work memory is kept between calls.
///
/// One object serves one thread at a time.
public final class SpectralSplitting {
  /// A side of the spectrum.
  public enum Side: Sendable, Equatable {
    /// Eigenvalues greater than zero.
    case positive
    /// The other ones.
    case nonpositive
  }

  /// The order n.
  public let order: Int
  /// The side of the spectrum with fewer eigenvalues, whose part was formed last.
  public private(set) var side = Side.nonpositive

  /// The lower triangle (row-major) holds the matrix's part; the upper one the reflectors of Q.
  private var matrix: [Double]
  /// Eigenvectors of T, or of A where they were taken back by Q, row after row.
  private var basis: [Double]
  /// The eigenvalues of the rows of ``basis``, ascending.
  private var found: [Double]
  /// The rows of ``basis`` that belong to ``side``.
  private var smaller = 0..<0
  private var progress = Progress.smallerSide

  /// What ``basis`` holds.
  private enum Progress {
    /// Eigenvectors of A on ``SpectralSplitting/side``.
    case smallerSide
    /// The same, and eigenvectors of T on the other side.
    case bothSidesOfT
    /// All eigenvectors of A.
    case bothSides
  }

  private var diagonal: [Double]
  private var offDiagonal: [Double]
  private var reflectors: [Double]
  private var copies: [Double]
  private var support: [Int32]
  private var work: [Double]
  private var integers: [Int32]

  /// The share of the spectrum beyond which divide and conquer finds all eigenvectors sooner than bisection some.
  private static let largestShare = 0.2

  /// Work memory for matrices of this order.
  ///
  /// - Throws: ``LinearAlgebraError/dimensionTooLarge(_:)``.
  public init(order n: Int) throws(LinearAlgebraError) {
    _ = try LinearAlgebraError.checked(80 * n)
    order = n
    matrix = [Double](repeating: 0, count: n * n)
    basis = matrix
    (diagonal, offDiagonal) = ([Double](repeating: 0, count: n), [Double](repeating: 0, count: n))
    reflectors = [Double](repeating: 0, count: n)
    copies = [Double](repeating: 0, count: 2 * n)
    found = [Double](repeating: 0, count: n)
    support = [Int32](repeating: 0, count: 2 * n)
    work = [Double](repeating: 0, count: 80 * n)
    integers = [Int32](repeating: 0, count: 10 * n)
  }

  /// Splits a matrix and hands out the part of the side with fewer eigenvalues.
  ///
  /// - Parameters:
  ///   - fill: writes the matrix to n × n old elements; the upper triangle (row-major) is read.
  ///   - read: is given A₊ or A₋, in the lower triangle (row-major; the rest is rubbish), and the side it belongs to.
  /// - Throws: ``LinearAlgebraError/notFinite(routine:)``; ``LinearAlgebraError/failed(routine:info:)`` when the iteration does not
  ///   converge.
  /// - Complexity: 4/3 n³ for the reduction and 3 n² times the smaller side's count of eigenvalues, where that is small.
  public func split(
    fill: (UnsafeMutablePointer<Double>) -> Void, read: (UnsafePointer<Double>, Side) -> Void
  ) throws(LinearAlgebraError) {
    guard order > 0 else { return }
    matrix.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { fill(base) } }
    try reduce()
    try findSmallerSide()
    formPart()
    matrix.withUnsafeBufferPointer { if let base = $0.baseAddress { read(base, side) } }
  }

  /// The eigenpairs on ``side``, ascending: row i of the vectors belongs to value i.
  public var eigenpairs: SymmetricEigen<Double> { eigenpairs(smaller) }

  /// The eigenpairs on ``side`` and those on the other one, both ascending; together the vectors are a basis.
  ///
  /// Eigenvalues that are zero up to rounding may fall on the other side than before.
  ///
  /// - Throws: ``LinearAlgebraError/failed(routine:info:)`` when the iteration does not converge.
  /// - Complexity: O(n³) for the first call after a splitting.
  public func bothSides() throws(LinearAlgebraError) -> (smaller: SymmetricEigen<Double>, larger: SymmetricEigen<Double>) {
    if progress == .smallerSide {
      try decompose()
      try transformBack(smaller)
    }
    let larger = smaller.lowerBound == 0 ? smaller.upperBound..<order : 0..<smaller.lowerBound
    if progress != .bothSides { try transformBack(larger) }
    progress = .bothSides
    return (eigenpairs(smaller), eigenpairs(larger))
  }

  /// Whether ``bothSides()`` has nothing left to compute.
  public var isComplete: Bool { progress == .bothSides }

  private func eigenpairs(_ rows: Range<Int>) -> SymmetricEigen<Double> {
    SymmetricEigen(
      values: Array(found[rows]),
      vectors: Matrix(rows: rows.count, columns: order, elements: Array(basis[rows.lowerBound * order..<rows.upperBound * order])))
  }

  /// Reduces the matrix to T.
  private func reduce() throws(LinearAlgebraError) {
    for i in 0..<order {
      let finite = matrix.withUnsafeBufferPointer {
        Double.routines.allFinite(order - i, $0.baseAddress.map { $0 + i * order + i })
      }
      guard finite != 0 else { throw .notFinite(routine: "sytrd") }
    }
    var (n, workCount, info) = (Int32(order), Int32(work.count), Int32(0))
    // The row-major upper triangle is the column-major lower one.
    Double.routines.sytrd("L", &n, &matrix, &n, &diagonal, &offDiagonal, &reflectors, &work, &workCount, &info, 1)
    guard info == 0 else { throw .failed(routine: "sytrd", info: Int(info)) }
  }

  /// Chooses the side and puts its eigenvectors into the basis.
  private func findSmallerSide() throws(LinearAlgebraError) {
    let positiveCount = order - Self.nonpositiveCount(diagonal, offDiagonal)
    side = 2 * positiveCount < order ? .positive : .nonpositive
    let expected = min(positiveCount, order - positiveCount)
    if expected == 0 {
      (smaller, progress) = (0..<0, .smallerSide)
      return
    }
    if Double(expected) > Self.largestShare * Double(order) {
      try decompose()
    } else if let count = bisect() {
      (smaller, progress) = (0..<count, .smallerSide)
    } else {
      try decompose()
    }
    try transformBack(smaller)
  }

  /// Puts the eigenvectors of T on ``side`` at the beginning of the basis and returns their number; `nil` when that fails.
  private func bisect() -> Int? {
    // A half-open interval that reaches safely beyond Gershgorin's discs.
    var reach = 0.0
    for i in 0..<order {
      reach = max(
        reach, diagonal[i].magnitude + (i > 0 ? offDiagonal[i - 1].magnitude : 0) + (i + 1 < order ? offDiagonal[i].magnitude : 0))
    }
    reach = 2 * reach + .leastNormalMagnitude
    var (lower, upper) = side == .positive ? (0, reach) : (-reach, 0)
    for i in 0..<order { (copies[i], copies[order + i]) = (diagonal[i], offDiagonal[i]) }
    // LAPACK clears columns of more eigenvalues than it returns: it is offered room for all.
    var (n, unused, count, tryAccuracy, info) = (Int32(order), Int32(0), Int32(0), Int32(1), Int32(0))
    var (workCount, integerCount) = (Int32(work.count), Int32(integers.count))
    let size = order
    copies.withUnsafeMutableBufferPointer { copies in
      Double.routines.stemr(
        "V", "V", &n, copies.baseAddress, copies.baseAddress.map { $0 + size }, &lower, &upper, &unused, &unused, &count, &found, &basis,
        &n, &n, &support, &tryAccuracy, &work, &workCount, &integers, &integerCount, &info, 1, 1)
    }
    return info == 0 && isOrthonormal(Int(count)) ? Int(count) : nil
  }

  /// Puts all eigenvectors of T into the basis by divide and conquer, and says which rows belong to ``side``.
  private func decompose() throws(LinearAlgebraError) {
    for i in 0..<order { (found[i], copies[i]) = (diagonal[i], offDiagonal[i]) }
    var (n, info) = (try LinearAlgebraError.checked(order), Int32(0))
    var workCount = try LinearAlgebraError.checked(1 + 4 * order + order * order)
    var integerCount = Int32(integers.count)
    var work = [Double](unsafeUninitializedCapacity: Int(workCount)) { $1 = Int(workCount) }
    Double.routines.stedc("I", &n, &found, &copies, &basis, &n, &work, &workCount, &integers, &integerCount, &info, 1)
    guard info == 0 else { throw .failed(routine: "stedc", info: Int(info)) }
    let split = found.firstIndex { $0 > 0 } ?? order
    (smaller, progress) = (side == .positive ? split..<order : 0..<split, .bothSidesOfT)
  }

  /// Turns eigenvectors of T into those of A.
  private func transformBack(_ rows: Range<Int>) throws(LinearAlgebraError) {
    var (n, count, info) = (Int32(order), Int32(rows.count), Int32(0))
    var workCount = Int32(work.count)
    let offset = rows.lowerBound * order
    guard count > 0 else { return }
    basis.withUnsafeMutableBufferPointer { basis in
      Double.routines.ormtr(
        "L", "L", "N", &n, &count, matrix, &n, reflectors, basis.baseAddress.map { $0 + offset }, &n, &work, &workCount, &info, 1, 1, 1)
    }
    guard info == 0 else { throw .failed(routine: "ormtr", info: Int(info)) }
  }

  /// Writes Σ |λᵢ| vᵢ vᵢ′ over ``side`` to the lower triangle.
  private func formPart() {
    var scaled = Array(basis[smaller.lowerBound * order..<smaller.upperBound * order])
    for (i, row) in smaller.enumerated() {
      let scale = found[row].magnitude.squareRoot()
      for j in i * order..<(i + 1) * order { scaled[j] *= scale }
    }
    var (n, k, one, zero) = (Int32(order), Int32(smaller.count), 1.0, 0.0)
    Double.routines.syrk("U", "N", &n, &k, &one, scaled, &n, &zero, &matrix, &n, 1, 1)
  }

  /// The number of eigenvalues of a symmetric tridiagonal matrix that are not positive, by the signs of the pivots of its LDL′
  /// factorisation.
  static func nonpositiveCount(_ diagonal: [Double], _ offDiagonal: [Double]) -> Int {
    var (count, pivot) = (0, 1.0)
    for i in diagonal.indices {
      // Not e²/pivot: squares of tiny elements vanish.
      pivot = diagonal[i] - (i > 0 ? offDiagonal[i - 1] * (offDiagonal[i - 1] / pivot) : 0)
      if pivot == 0 { pivot = -.leastNormalMagnitude }
      if pivot < 0 { count += 1 }
    }
    return count
  }

  /// Probes V V′ = I for the first rows of the basis with one vector of signs: relatively robust representations lose orthogonality on
  /// some tightly clustered spectra without saying so.
  private func isOrthonormal(_ count: Int) -> Bool {
    let size = order
    var image = [Double](repeating: 0, count: size)
    var random = SplitMix64(seed: UInt64(size))
    let signs = (0..<count).map { _ in random.next() & 1 == 0 ? 1.0 : -1.0 }
    return basis.withUnsafeBufferPointer { basis in
      for i in 0..<count {
        for j in 0..<size { image[j] += signs[i] * basis[i &* size &+ j] }
      }
      for i in 0..<count {
        var sum = -signs[i]
        for j in 0..<size { sum += image[j] * basis[i &* size &+ j] }
        if !(sum.magnitude <= 1e-12 * Double(size).squareRoot()) { return false }
      }
      return true
    }
  }
}
