import ConicPrograms
import LinearAlgebra

/// Proves bounds of the optimum of (P) min c′x subject to X(x) = Σ xᵢ Fᵢ − F₀ ⪰ 0 from vectors of unknown origin.
///
/// The problem's data are meant exactly, and whatever is returned holds for these data in real arithmetic: all rounding errors are
/// enclosed. The vectors come from solvers and are not trusted; bad ones give bad bounds, or none. The dual is (D) max ⟨F₀, Y⟩ subject to
/// ⟨Fᵢ, Y⟩ = cᵢ, Y ⪰ 0. <doc:Semidefinite> has the arguments.
public struct SemidefiniteProver: Sendable {
  /// The problem.
  public let problem: LinearMatrixInequality
  let isCancelled: @Sendable () -> Bool

  /// Prepares proofs.
  ///
  /// - Parameters:
  ///   - problem: the problem.
  ///   - isCancelled: asked now and then; every method throws ``NotProved`` soon after it says yes.
  public init(_ problem: LinearMatrixInequality, isCancelled: @escaping @Sendable () -> Bool = { false }) {
    self.problem = problem
    self.isCancelled = isCancelled
  }

  /// Proved lower bounds of the least eigenvalue of each block of X(x); infinite for blocks of order 0.
  ///
  /// - Throws: ``NotProved``.
  /// - Complexity: 4/3 n³ operations for each block and a few Cholesky factorisations.
  public func leastEigenvalues(at x: [Double]) throws -> [Double] {
    try require(x)
    return try problem.enclosure(at: x).map { try $0.leastEigenvalue(isCancelled: isCancelled) }
  }

  /// A proved lower bound of the eigenvalues of a symmetric matrix, both triangles given; infinite for order 0.
  ///
  /// - Parameters:
  ///   - matrix: the matrix.
  ///   - radius: bounds of the errors of its entries, symmetric; none when nil.
  /// - Throws: ``NotProved``.
  public static func leastEigenvalue(of matrix: Matrix<Double>, radius: Matrix<Double>? = nil) throws -> Double {
    try enclosure(matrix, radius).leastEigenvalue()
  }

  /// Proves that all eigenvalues of a symmetric matrix are at least `shift`; as ``leastEigenvalue(of:radius:)``.
  ///
  /// - Throws: ``NotProved``.
  public static func prove(_ matrix: Matrix<Double>, radius: Matrix<Double>? = nil, leastEigenvalue shift: Double = 0) throws {
    try enclosure(matrix, radius).prove(leastEigenvalue: shift)
  }

  private static func enclosure(_ matrix: Matrix<Double>, _ radius: Matrix<Double>?) throws -> SymmetricEnclosure {
    precondition(matrix.rows == matrix.columns, "only square matrices have eigenvalues")
    for i in 0..<matrix.rows {
      for j in 0..<i where matrix[i, j] != matrix[j, i] { throw NotProved("the matrix is not symmetric") }
    }
    guard let radius else { return SymmetricEnclosure(.dense(matrix)) }
    precondition(radius.rows == matrix.rows && radius.columns == matrix.columns, "there is a radius for each entry")
    for i in 0..<matrix.rows {
      for j in 0...i where !(radius[i, j] == radius[j, i] && radius[i, j] >= 0) {
        throw NotProved("the radii are not symmetric and positive")
      }
    }
    return SymmetricEnclosure(matrix, radius: radius)
  }

  // MARK: - Shared by the proofs

  /// The most entries the dense blocks may have: two gigabytes for each matrix.
  private static let largestEntryCount = 1 << 28

  private func requireSize() throws {
    var count = 0
    for block in problem.blocks {
      switch block {
      case .symmetric(let order): count += order < 1 << 20 ? order * order : Self.largestEntryCount + 1
      case .diagonal(let order): count += order
      }
      guard count <= Self.largestEntryCount else {
        throw NotProved("blocks with more than \(Self.largestEntryCount) entries are not covered")
      }
    }
  }

  /// Refuses vectors that are not points of the problem.
  func require(_ x: [Double]) throws {
    try requireSize()
    guard x.count == problem.variableCount else {
      throw NotProved("the point has \(x.count) elements, the problem \(problem.variableCount) variables")
    }
    guard x.allSatisfy(\.isFinite) else { throw NotProved("the point is not finite") }
  }

  /// The matrix of a dual vector in the layout of `program()`.
  func matrix(_ z: [Double]) throws -> BlockMatrix {
    try requireSize()
    let rows = problem.blocks.reduce(0) { count, block in
      switch block {
      case .symmetric(let order): count + SymmetricVector.dimension(order: order)
      case .diagonal(let order): count + order
      }
    }
    guard z.count == rows else { throw NotProved("the dual vector has \(z.count) elements, the problem \(rows) rows") }
    guard z.allSatisfy(\.isFinite) else { throw NotProved("the dual vector is not finite") }
    return BlockMatrix(problem.blocks, vector: z)
  }

  /// Refuses bounds that are not bounds.
  func check(_ bounds: [Double], count: Int) throws {
    guard bounds.count == count else { throw NotProved("there are \(bounds.count) a priori bounds for \(count)") }
    guard bounds.allSatisfy({ $0 >= 0 && $0.isFinite }) else { throw NotProved("a priori bounds must be finite and not negative") }
  }
}
