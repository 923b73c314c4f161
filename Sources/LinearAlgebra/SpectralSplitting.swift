/// The splitting A = A₊ − A₋ of a symmetric matrix into its positive and negative parts, both positive semidefinite with A₊A₋ = 0.
///
/// Only the eigenvectors of the smaller side are ever computed: the matrix is reduced to tridiagonal form, Sturm's sequence counts the
/// eigenvalues on either side of zero, and relatively robust representations (Dhillon, Parlett, Vömel, ACM Trans. Math. Softw. 32, 2006,
/// doi:10.1145/1186785.1186788) give the wanted ones. The work memory is kept between calls.
///
/// One object serves one thread at a time.
public final class SpectralSplitting {
  /// The side of the spectrum whose part was formed.
  public enum Side: Sendable, Equatable {
    /// Eigenvalues greater than zero.
    case positive
    /// Eigenvalues less than zero.
    case negative
  }

  /// The order n.
  public let order: Int
  /// The eigenvalues of the side formed last, ascending.
  public private(set) var values: [Double] = []
  /// How many eigenvalues are less than zero, as last counted.
  public private(set) var negativeCount = 0

  private var matrix: [Double]
  /// Room for all n vectors: LAPACK clears columns of more eigenvalues than it returns.
  private var basis: [Double]
  private var diagonal: [Double]
  private var offDiagonal: [Double]
  private var reflectors: [Double]
  private var copies: [Double]
  private var found: [Double]
  private var support: [Int32]
  private var work: [Double]
  private var integers: [Int32]

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
  ///   - fill: writes the matrix to n × n zeroed or old elements; the lower triangle (row-major) is read.
  ///   - read: is given A₊ or A₋, in the lower triangle (row-major; the rest is rubbish), and the side it belongs to.
  /// - Throws: ``LinearAlgebraError/notFinite(routine:)``; ``LinearAlgebraError/failed(routine:info:)`` when even the fallback to divide
  ///   and conquer does not converge.
  /// - Complexity: 4/3 n³ for the reduction and 3 n² times the smaller side's count of eigenvalues.
  public func split(
    fill: (UnsafeMutablePointer<Double>) -> Void, read: (UnsafePointer<Double>, Side) -> Void
  ) throws(LinearAlgebraError) {
    guard order > 0 else { return }
    matrix.withUnsafeMutableBufferPointer { if let base = $0.baseAddress { fill(base) } }
    let side = try formSmallerPart()
    matrix.withUnsafeBufferPointer { if let base = $0.baseAddress { read(base, side) } }
  }

  /// The eigenvectors of the side formed last: row i belongs to `values[i]`.
  public var vectors: Matrix<Double> {
    var result = Matrix(rows: values.count, columns: order, elements: Array(basis[0..<values.count * order]))
    for (i, value) in values.enumerated() where value != 0 {
      let scale = 1 / value.magnitude.squareRoot()
      for j in 0..<order { result[i, j] *= scale }
    }
    return result
  }

  /// Replaces the matrix by its smaller part.
  private func formSmallerPart() throws(LinearAlgebraError) -> Side {
    for i in 0..<order {
      let finite = matrix.withUnsafeBufferPointer { Double.routines.allFinite(i + 1, $0.baseAddress.map { $0 + i * order }) }
      guard finite != 0 else { throw .notFinite(routine: "sytrd") }
    }
    var (n, info) = (Int32(order), Int32(0))
    var workCount = Int32(work.count)
    // The row-major lower triangle is the column-major upper one.
    Double.routines.sytrd("U", &n, &matrix, &n, &diagonal, &offDiagonal, &reflectors, &work, &workCount, &info, 1)
    guard info == 0 else { throw .failed(routine: "sytrd", info: Int(info)) }
    negativeCount = Self.negativeCount(diagonal, offDiagonal)
    let side = 2 * negativeCount <= order ? Side.negative : .positive
    let expected = side == .negative ? negativeCount : order - negativeCount
    guard expected > 0 else {
      values = []
      formPart(count: 0)
      return side
    }

    // Eigenvalues in a half-open interval that reaches safely beyond Gershgorin's discs.
    var reach = 0.0
    for i in 0..<order {
      reach = max(
        reach, diagonal[i].magnitude + (i > 0 ? offDiagonal[i - 1].magnitude : 0) + (i + 1 < order ? offDiagonal[i].magnitude : 0))
    }
    reach = 2 * reach + .leastNormalMagnitude
    var (lower, upper) = side == .negative ? (-reach, 0) : (0, reach)
    for i in 0..<order { (copies[i], copies[order + i]) = (diagonal[i], offDiagonal[i]) }
    var (unused, count, columns, tryAccuracy) = (Int32(0), Int32(0), Int32(order), Int32(1))
    var integerCount = Int32(integers.count)
    let size = order
    copies.withUnsafeMutableBufferPointer { copies in
      Double.routines.stemr(
        "V", "V", &n, copies.baseAddress, copies.baseAddress.map { $0 + size }, &lower, &upper, &unused, &unused, &count, &found, &basis,
        &n, &columns, &support, &tryAccuracy, &work, &workCount, &integers, &integerCount, &info, 1, 1)
    }
    if info != 0 || !isOrthonormal(Int(count)) { count = try divideAndConquer(side) }
    Double.routines.ormtr(
      "L", "U", "N", &n, &count, matrix, &n, reflectors, &basis, &n, &work, &workCount, &info, 1, 1, 1)
    guard info == 0 else { throw .failed(routine: "ormtr", info: Int(info)) }
    values = Array(found[0..<Int(count)])
    formPart(count: Int(count))
    return side
  }

  /// Replaces the matrix by Σ |λᵢ| vᵢ vᵢ′, leaving √|λᵢ| vᵢ in the basis.
  private func formPart(count: Int) {
    for i in 0..<count {
      let scale = values[i].magnitude.squareRoot()
      for j in i * order..<(i + 1) * order { basis[j] *= scale }
    }
    var (n, k, one, zero) = (Int32(order), Int32(count), 1.0, 0.0)
    basis.withUnsafeBufferPointer { basis in
      matrix.withUnsafeMutableBufferPointer { matrix in
        Double.routines.syrk("U", "N", &n, &k, &one, basis.baseAddress, &n, &zero, matrix.baseAddress, &n, 1, 1)
      }
    }
  }

  /// The number of eigenvalues below zero of a symmetric tridiagonal matrix, by the signs of the pivots of its LDL′ factorisation.
  static func negativeCount(_ diagonal: [Double], _ offDiagonal: [Double]) -> Int {
    var (count, pivot) = (0, 1.0)
    for i in diagonal.indices {
      let coupling = i > 0 ? offDiagonal[i - 1] * offDiagonal[i - 1] : 0
      pivot = diagonal[i] - (coupling == 0 ? 0 : coupling / pivot)
      if pivot == 0 { pivot = .leastNormalMagnitude }
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

  /// Puts the eigenvectors of the tridiagonal matrix on one side of zero into the basis, by divide and conquer; returns their number.
  private func divideAndConquer(_ side: Side) throws(LinearAlgebraError) -> Int32 {
    var tridiagonal = Matrix<Double>.diagonal(diagonal)
    for i in 1..<max(1, order) { tridiagonal[i, i - 1] = offDiagonal[i - 1] }
    let eigen = try tridiagonal.symmetricEigen()
    let wanted = eigen.values.indices.filter { side == .negative ? eigen.values[$0] < 0 : eigen.values[$0] > 0 }
    for (k, index) in wanted.enumerated() {
      found[k] = eigen.values[index]
      for j in 0..<order { basis[k * order + j] = eigen.vectors[index, j] }
    }
    return Int32(wanted.count)
  }
}
