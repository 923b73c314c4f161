/// A linear map given by its matrix in compressed sparse rows.
///
/// Tournaments of pairwise maxima are of this form: each row takes a difference or a mean of two elements.
public struct SparseMap<Element: Scalar>: LinearMap {
  /// The matrix.
  public let matrix: SparseRows<Element>

  /// The length of the vectors the map takes.
  public var inputCount: Int { matrix.columnCount }
  /// The length of the vectors the map gives.
  public var outputCount: Int { matrix.starts.count - 1 }

  /// The map with this matrix.
  ///
  /// - Precondition: row boundaries ascend from 0 to the number of entries, columns lie inside, and there are no radii or one for each value.
  public init(_ matrix: SparseRows<Element>) {
    precondition(matrix.starts.first == 0 && matrix.starts.last == matrix.columns.count, "row boundaries must cover the entries")
    precondition(zip(matrix.starts, matrix.starts.dropFirst()).allSatisfy { $0 <= $1 }, "row boundaries must ascend")
    precondition(matrix.columns.count == matrix.values.count, "one value for each column index")
    precondition(matrix.radii.isEmpty || matrix.radii.count == matrix.values.count, "one radius for each value")
    precondition(matrix.columns.allSatisfy { $0 >= 0 && $0 < matrix.columnCount }, "column indices must lie inside")
    self.matrix = matrix
  }

  /// The exact map whose row i has the listed (column, value) entries.
  public init(inputCount: Int, rows: [[(column: Int, value: Element)]]) {
    var starts = [0]
    starts.reserveCapacity(rows.count + 1)
    for row in rows { starts.append((starts.last ?? 0) + row.count) }
    let entries = rows.joined()
    self.init(SparseRows(columnCount: inputCount, starts: starts, columns: entries.map(\.column), values: entries.map(\.value)))
  }

  /// Computes each output element as the sum over its row's entries.
  ///
  /// - Complexity: O(batch · entries).
  public func apply(_ input: Matrix<Element>, to output: inout Matrix<Element>, accumulating: Bool) {
    checkShapes(input, inputCount, output, outputCount)
    let (starts, columns, height) = (matrix.starts, matrix.columns, outputCount)
    transform(input, &output, matrix.values) { _, x, y, values in
      guard let values else {
        if !accumulating { y.clear(height) }
        return
      }
      Self.multiply(starts, columns, values, x, y, accumulating)
    }
  }

  /// Adds each output element's share to the elements of its row's entries.
  ///
  /// - Complexity: O(batch · (entries + inputCount)).
  public func adjoint(_ input: Matrix<Element>, to output: inout Matrix<Element>, accumulating: Bool) {
    checkShapes(input, outputCount, output, inputCount)
    let (starts, columns, width) = (matrix.starts, matrix.columns, inputCount)
    transform(input, &output, matrix.values) { _, y, x, values in
      if !accumulating { x.clear(width) }
      if let values { Self.scatter(starts, columns, values, y, x) }
    }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private static func multiply(
    _ starts: [Int], _ columns: [Int], _ values: UnsafePointer<Element>, _ x: UnsafePointer<Element>, _ y: UnsafeMutablePointer<Element>,
    _ accumulating: Bool
  ) {
    for row in 0..<starts.count - 1 {
      var sum: Element = accumulating ? y[row] : 0
      for k in starts[row]..<starts[row + 1] { sum += values[k] * x[columns[k]] }
      y[row] = sum
    }
  }

  @specialized(where Element == Float)
  @specialized(where Element == Double)
  private static func scatter(
    _ starts: [Int], _ columns: [Int], _ values: UnsafePointer<Element>, _ y: UnsafePointer<Element>, _ x: UnsafeMutablePointer<Element>
  ) {
    for row in 0..<starts.count - 1 { for k in starts[row]..<starts[row + 1] { x[columns[k]] += values[k] * y[row] } }
  }

  /// The map in another precision. Where values are rounded and have radii, the radii grow by the rounding error.
  public func converted<Other: Scalar>(to type: Other.Type) -> any LinearMap<Other> {
    let values = matrix.values.map { Other($0) }
    var radii: [Other] = []
    if !matrix.radii.isEmpty {
      radii = zip(zip(matrix.values, values), matrix.radii).map { pair, radius in
        if Element(pair.1) == pair.0, Other.significandBitCount >= Element.significandBitCount { return Other(radius) }
        return Other(((pair.0 - Element(pair.1)).magnitude.nextUp + radius).nextUp).nextUp
      }
    }
    return SparseMap<Other>(
      SparseRows(columnCount: matrix.columnCount, starts: matrix.starts, columns: matrix.columns, values: values, radii: radii))
  }

  /// The matrix itself.
  public func sparseRows() -> SparseRows<Element> { matrix }

  /// Some rows of the matrix.
  public func sparseRows(_ rows: [Int]) -> SparseRows<Element> { matrix.picking(rows) }

  /// Integers: `inputCount`, `outputCount`, whether there are radii (0 or 1), row boundaries, columns. Reals: the values, then the radii.
  public var description: LinearMapDescription {
    LinearMapDescription(
      kind: "sparse", integers: [inputCount, outputCount, matrix.radii.isEmpty ? 0 : 1] + matrix.starts + matrix.columns,
      reals: (matrix.values + matrix.radii).map { Double($0) })
  }
}
