import LinearAlgebra

/// The isometry svec between symmetric matrices with the Frobenius product and vectors with the dot product.
///
/// The upper triangle column by column (equally the lower one row by row), off-diagonal entries times √2: entry (i ≤ j) stands at
/// j(j + 1)/2 + i, so that a leading principal block is a prefix.
public enum SymmetricVector {
  /// n(n + 1)/2.
  public static func dimension(order: Int) -> Int { order * (order + 1) / 2 }

  /// The place of entry (i, j) or (j, i).
  @inlinable
  public static func index(_ i: Int, _ j: Int) -> Int { i <= j ? j * (j + 1) / 2 + i : i * (i + 1) / 2 + j }

  /// The entry (i ≤ j) at a place.
  public static func entry(at index: Int) -> (row: Int, column: Int) {
    var column = Int((Double(8 * index + 1).squareRoot() - 1) / 2)
    while (column + 1) * (column + 2) / 2 <= index { column += 1 }
    while column * (column + 1) / 2 > index { column -= 1 }
    return (index - column * (column + 1) / 2, column)
  }

  /// Writes the symmetric matrix of a vector to both triangles of `matrix`.
  ///
  /// - Precondition: `vector` has n(n + 1)/2 elements and `matrix` is n × n.
  public static func unpack(_ vector: UnsafePointer<Double>, order n: Int, to matrix: UnsafeMutablePointer<Double>) {
    let scale = 0.5.squareRoot()
    var k = 0
    for j in 0..<n {
      for i in 0..<j {
        let value = vector[k] * scale
        matrix[i &* n &+ j] = value
        matrix[j &* n &+ i] = value
        k &+= 1
      }
      matrix[j &* n &+ j] = vector[k]
      k &+= 1
    }
  }

  /// Writes the vector of the symmetric matrix whose lower triangle (row-major) is given.
  public static func pack(_ matrix: UnsafePointer<Double>, order n: Int, to vector: UnsafeMutablePointer<Double>) {
    let scale = 2.0.squareRoot()
    var k = 0
    for j in 0..<n {
      for i in 0..<j { vector[k &+ i] = matrix[j &* n &+ i] * scale }
      k &+= j
      vector[k] = matrix[j &* n &+ j]
      k &+= 1
    }
  }

  /// The symmetric matrix of a vector.
  ///
  /// - Precondition: `vector` has n(n + 1)/2 elements.
  public static func matrix(_ vector: ArraySlice<Double>, order n: Int) -> Matrix<Double> {
    precondition(vector.count == dimension(order: n), "the vector does not have the length of the order")
    var result = Matrix<Double>(rows: n, columns: n)
    vector.withUnsafeBufferPointer { source in
      result.elements.withUnsafeMutableBufferPointer { target in
        if let source = source.baseAddress, let target = target.baseAddress { unpack(source, order: n, to: target) }
      }
    }
    return result
  }

  /// The vector of the symmetric matrix whose lower triangle is given.
  ///
  /// - Precondition: the matrix is square.
  public static func vector(_ matrix: Matrix<Double>) -> [Double] {
    precondition(matrix.rows == matrix.columns, "only square matrices are symmetric")
    var result = [Double](repeating: 0, count: dimension(order: matrix.rows))
    matrix.elements.withUnsafeBufferPointer { source in
      result.withUnsafeMutableBufferPointer { target in
        if let source = source.baseAddress, let target = target.baseAddress { pack(source, order: matrix.rows, to: target) }
      }
    }
    return result
  }
}
