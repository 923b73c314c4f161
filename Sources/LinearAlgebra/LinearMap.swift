/// A linear map between real vector spaces, known by what it does rather than by its matrix.
///
/// Training, the lifted solver, bound propagation and the certificates all use the same maps. A batch of vectors is a ``Matrix`` whose rows
/// are the vectors, so `apply` computes Y = X Aᵀ and `adjoint` computes X = Y A.
public protocol LinearMap<Element>: Sendable {
  associatedtype Element: Scalar

  /// The length of the vectors the map takes.
  var inputCount: Int { get }
  /// The length of the vectors the map gives.
  var outputCount: Int { get }

  /// Computes y = A x for every row x of `input`, or y += A x when `accumulating`.
  ///
  /// - Precondition: `input` is batch × `inputCount`, `output` is batch × `outputCount`.
  func apply(_ input: Matrix<Element>, to output: inout Matrix<Element>, accumulating: Bool)

  /// Computes x = Aᵀ y for every row y of `input`, or x += Aᵀ y when `accumulating`.
  ///
  /// - Precondition: `input` is batch × `outputCount`, `output` is batch × `inputCount`.
  func adjoint(_ input: Matrix<Element>, to output: inout Matrix<Element>, accumulating: Bool)

  /// The same map in another precision.
  func converted<Other: Scalar>(to type: Other.Type) -> any LinearMap<Other>

  /// The map's explicit matrix, row by row, without its zeros.
  func sparseRows() -> SparseRows<Element>

  /// Some rows of the map's explicit matrix, in the order given, as in ``sparseRows()``.
  ///
  /// - Precondition: every index lies in `0 ..< outputCount`.
  func sparseRows(_ rows: [Int]) -> SparseRows<Element>

  /// What determines the map, for digests and writers.
  var description: LinearMapDescription { get }
}

extension LinearMap {
  /// A x for every row x of `input`.
  public func apply(_ input: Matrix<Element>) -> Matrix<Element> {
    var output = Matrix<Element>(rows: input.rows, columns: outputCount)
    apply(input, to: &output, accumulating: false)
    return output
  }

  /// Aᵀ y for every row y of `input`.
  public func adjoint(_ input: Matrix<Element>) -> Matrix<Element> {
    var output = Matrix<Element>(rows: input.rows, columns: inputCount)
    adjoint(input, to: &output, accumulating: false)
    return output
  }

  /// A x for one vector.
  public func apply(_ x: [Element]) -> [Element] {
    apply(Matrix(rows: 1, columns: x.count, elements: x)).elements
  }

  /// Aᵀ y for one vector.
  public func adjoint(_ y: [Element]) -> [Element] {
    adjoint(Matrix(rows: 1, columns: y.count, elements: y)).elements
  }

  /// Some rows of the explicit matrix, picked from all of them.
  public func sparseRows(_ rows: [Int]) -> SparseRows<Element> { sparseRows().picking(rows) }

  /// The explicit matrix, `outputCount` × `inputCount`.
  public func denseMatrix() -> Matrix<Element> {
    let sparse = sparseRows()
    var result = Matrix<Element>(rows: outputCount, columns: inputCount)
    for i in 0..<outputCount {
      for k in sparse.starts[i]..<sparse.starts[i + 1] { result[i, sparse.columns[k]] += sparse.values[k] }
    }
    return result
  }
}
