/// A dense matrix in row-major storage.
///
/// The project's one storage type: weights are matrices, and a *batch* of `rows` vectors of length `columns` is a matrix whose rows are the
/// vectors. Element (i, j) is `elements[i * columns + j]`.
public struct Matrix<Element: Scalar>: Sendable, Equatable {
  /// The number of rows.
  public let rows: Int
  /// The number of columns.
  public let columns: Int
  /// The elements, row after row; always `rows * columns` of them.
  ///
  /// Callers may change elements in place but not their number.
  public var elements: [Element]

  /// Wraps elements in row-major order.
  ///
  /// - Precondition: `elements.count == rows * columns`, both non-negative.
  public init(rows: Int, columns: Int, elements: [Element]) {
    precondition(rows >= 0 && columns >= 0 && elements.count == rows * columns, "element count must be rows × columns")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// A matrix with every element equal to `value`.
  public init(rows: Int, columns: Int, repeating value: Element = 0) {
    let count = rows * columns
    if value == 0, value.sign == .plus {
      // Unspecialised code fills element by element, several nanoseconds each; zero is all-zero bytes.
      let zeros = [Element](unsafeUninitializedCapacity: count) { buffer, filled in
        buffer.baseAddress?.clear(count)
        filled = count
      }
      self.init(rows: rows, columns: columns, elements: zeros)
    } else {
      self.init(rows: rows, columns: columns, elements: Array(repeating: value, count: count))
    }
  }

  /// The identity of order `order`.
  public static func identity(_ order: Int) -> Matrix {
    diagonal(Array(repeating: 1, count: order))
  }

  /// The square matrix with `values` on its diagonal.
  public static func diagonal(_ values: [Element]) -> Matrix {
    var result = Matrix(rows: values.count, columns: values.count)
    for (i, value) in values.enumerated() { result[i, i] = value }
    return result
  }

  /// The element in row `i`, column `j`.
  @inlinable
  public subscript(i: Int, j: Int) -> Element {
    get { elements[i * columns + j] }
    set { elements[i * columns + j] = newValue }
    _modify { yield &elements[i * columns + j] }
  }

  /// Row `i` as an array.
  public func row(_ i: Int) -> [Element] { Array(elements[i * columns..<(i + 1) * columns]) }

  /// The transpose.
  public var transposed: Matrix {
    var result = Matrix(rows: columns, columns: rows)
    let block = 32
    elements.withUnsafeBufferPointer { source in
      result.elements.withUnsafeMutableBufferPointer { target in
        for i0 in stride(from: 0, to: rows, by: block) {
          for j0 in stride(from: 0, to: columns, by: block) {
            for i in i0..<min(i0 + block, rows) {
              for j in j0..<min(j0 + block, columns) { target[j &* rows &+ i] = source[i &* columns &+ j] }
            }
          }
        }
      }
    }
    return result
  }

  /// The same matrix with each element converted to another precision (rounded to nearest when narrower).
  public func converted<Other: Scalar>(to type: Other.Type) -> Matrix<Other> {
    if let same = self as? Matrix<Other> { return same }
    // Conversions between concrete types vectorise; generic ones cost tens of nanoseconds an element.
    if let single = self as? Matrix<Float>,
      let result = Matrix<Double>(rows: rows, columns: columns, elements: single.elements.map { Double($0) }) as? Matrix<Other>
    {
      return result
    }
    if let double = self as? Matrix<Double>,
      let result = Matrix<Float>(rows: rows, columns: columns, elements: double.elements.map { Float($0) }) as? Matrix<Other>
    {
      return result
    }
    return Matrix<Other>(rows: rows, columns: columns, elements: elements.map { Other($0) })
  }
}
