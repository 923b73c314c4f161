/// A symmetric matrix in tridiagonal form, A = Q T Qᵀ, from which parts of the spectrum can be taken one after the other.
///
/// The reduction costs 4/3 n³ operations at half the speed of a product, each eigenvector then 2 n² and a small multiple of n: a few of
/// them are four times cheaper than all. Vectors are computed by multiple relatively robust representations (Dhillon, Parlett: "Orthogonal
/// eigenvectors and relative gaps", SIAM J. Matrix Anal. Appl. 25, 2004), `stemr` in LAPACK.
public struct TridiagonalForm<Element: Scalar>: Sendable {
  /// A part of the spectrum.
  public enum Part: Sendable, Equatable {
    /// Eigenvalues above 0.
    case positive
    /// The other ones.
    case nonpositive
    /// All.
    case all

    /// The part's place among all eigenvalues, ascending.
    func range(in values: [Element]) -> Range<Int> {
      let split = values.firstIndex { $0 > 0 } ?? values.count
      return switch self {
      case .positive: split..<values.count
      case .nonpositive: 0..<split
      case .all: 0..<values.count
      }
    }
  }

  /// The order n.
  public var order: Int { diagonal.count }

  private let reflectors: Matrix<Element>
  private let factors: [Element]
  private let diagonal: [Element]
  private let offDiagonal: [Element]

  /// Reduces the symmetric matrix in the lower triangle.
  ///
  /// - Precondition: The matrix is square.
  /// - Throws: ``LinearAlgebraError/notFinite(routine:)``, ``LinearAlgebraError/failed(routine:info:)``,
  ///   ``LinearAlgebraError/dimensionTooLarge(_:)``.
  public init(_ matrix: consuming Matrix<Element>) throws(LinearAlgebraError) {
    precondition(matrix.rows == matrix.columns, "only square matrices are symmetric")
    let order = matrix.rows
    try matrix.requireFinite("sytrd")
    var (diagonal, offDiagonal) = ([Element](repeating: 0, count: order), [Element](repeating: 0, count: order))
    var factors = [Element](repeating: 0, count: order)
    if order > 0 {
      var (n, info) = (try LinearAlgebraError.checked(order), Int32(0))
      var workCount = try LinearAlgebraError.checked(64 * order)
      var work = [Element](repeating: 0, count: Int(workCount))
      Element.routines.sytrd("U", &n, &matrix.elements, &n, &diagonal, &offDiagonal, &factors, &work, &workCount, &info, 1)
      guard info == 0 else { throw .failed(routine: "sytrd", info: Int(info)) }
    }
    self.reflectors = matrix
    self.factors = factors
    self.diagonal = diagonal
    self.offDiagonal = offDiagonal
  }

  /// The eigenpairs of a part of the spectrum, ascending.
  ///
  /// - Throws: ``LinearAlgebraError/failed(routine:info:)`` when the iteration does not converge.
  /// - Complexity: O(n²) for each eigenpair.
  public func eigenpairs(_ part: Part) throws(LinearAlgebraError) -> SymmetricEigen<Element> {
    guard order > 0 else { return SymmetricEigen(values: [], vectors: Matrix(rows: 0, columns: order)) }
    var eigen: SymmetricEigen<Element>
    if let found = try representation(part) { eigen = found } else { eigen = try divideAndConquer(part) }
    guard !eigen.values.isEmpty else { return eigen }
    var (n, columns, info) = (try LinearAlgebraError.checked(order), try LinearAlgebraError.checked(eigen.values.count), Int32(0))
    var workCount = try LinearAlgebraError.checked(64 * max(order, 64))
    var work = [Element](repeating: 0, count: Int(workCount))
    Element.routines.ormtr(
      "L", "U", "N", &n, &columns, reflectors.elements, &n, factors, &eigen.vectors.elements, &n, &work, &workCount, &info, 1, 1, 1)
    guard info == 0 else { throw .failed(routine: "ormtr", info: Int(info)) }
    return eigen
  }

  /// A part of the spectrum of T by `stemr`; `nil` when it fails, which is rare.
  private func representation(_ part: Part) throws(LinearAlgebraError) -> SymmetricEigen<Element>? {
    // A bound on the spectrum by Gershgorin's discs, doubled against rounding.
    var bound = Element.leastNormalMagnitude
    for i in 0..<order {
      let radius = (i > 0 ? offDiagonal[i - 1].magnitude : 0) + (i + 1 < order ? offDiagonal[i].magnitude : 0)
      bound = max(bound, 2 * (diagonal[i].magnitude + radius))
    }
    let (lower, upper): (Element, Element) =
      switch part {
      case .positive: (0, bound)
      case .nonpositive: (-bound, 0)
      case .all: (-bound, bound)
      }
    var count = order
    if part != .all {
      var counted: [Element] = [0, 0]
      guard try stemr(lower, upper, capacity: -1, &counted, whole: false) != nil else { return nil }
      count = Int(counted[0])
    }
    guard count > 0 else { return SymmetricEigen(values: [], vectors: Matrix(rows: 0, columns: order)) }
    // The count is by bisection and may differ from what is found among eigenvalues that are 0 up to rounding: leave room for all.
    var vectors = [Element](unsafeUninitializedCapacity: order * order) { buffer, filled in
      buffer.baseAddress?.clear(buffer.count)
      filled = order * order
    }
    // Parts of the spectrum are found by bisection, all of it by the faster dqds.
    let isWhole = 4 * count > order
    guard let (found, values) = try stemr(lower, upper, capacity: order, &vectors, whole: isWhole) else { return nil }
    guard !isWhole || found == order else { return nil }
    let range = isWhole ? part.range(in: values) : 0..<found
    vectors.removeLast((order - range.upperBound) * order)
    vectors.removeFirst(range.lowerBound * order)
    return SymmetricEigen(values: Array(values[range]), vectors: Matrix(rows: range.count, columns: order, elements: vectors))
  }

  /// A part of the spectrum of T by divide and conquer.
  private func divideAndConquer(_ part: Part) throws(LinearAlgebraError) -> SymmetricEigen<Element> {
    var matrix = Matrix<Element>.diagonal(diagonal)
    for i in 1..<max(1, order) { matrix[i, i - 1] = offDiagonal[i - 1] }
    let eigen = try matrix.symmetricEigen()
    let range = part.range(in: eigen.values)
    let vectors = Array(eigen.vectors.elements[range.lowerBound * order..<range.upperBound * order])
    return SymmetricEigen(values: Array(eigen.values[range]), vectors: Matrix(rows: range.count, columns: order, elements: vectors))
  }

  /// Calls LAPACK for the eigenvalues in (lower, upper]; a capacity of −1 only writes their number to `vectors`.
  private func stemr(
    _ lower: Element, _ upper: Element, capacity: Int, _ vectors: inout [Element], whole: Bool
  ) throws(LinearAlgebraError) -> (count: Int, values: [Element])? {
    var (diagonal, offDiagonal) = (diagonal, offDiagonal)
    var (lower, upper, zero) = (lower, upper, Int32(0))
    var (n, capacity, found) = (try LinearAlgebraError.checked(order), Int32(capacity), Int32(0))
    var (values, support) = ([Element](repeating: 0, count: order), [Int32](repeating: 0, count: 2 * order))
    var (workCount, integerCount) = (try LinearAlgebraError.checked(18 * order), try LinearAlgebraError.checked(10 * order))
    var work = [Element](repeating: 0, count: Int(workCount))
    var integers = [Int32](repeating: 0, count: Int(integerCount))
    var (tryRelative, info) = (Int32(1), Int32(0))
    Element.routines.stemr(
      "V", whole ? "A" : "V", &n, &diagonal, &offDiagonal, &lower, &upper, &zero, &zero, &found, &values, &vectors, &n, &capacity, &support,
      &tryRelative, &work, &workCount, &integers, &integerCount, &info, 1, 1)
    return info == 0 ? (Int(found), values) : nil
  }
}
