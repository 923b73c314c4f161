import LinearAlgebra

extension Matrix {
  /// The Euclidean norm of every column.
  func columnNorms() -> [Element] {
    var squares = [Element](repeating: 0, count: columns)
    elements.withUnsafeBufferPointer { x in
      squares.withUnsafeMutableBufferPointer { squares in
        for k in 0..<rows { for i in 0..<columns { squares[i] += x[k * columns + i] * x[k * columns + i] } }
      }
    }
    return squares.map { $0.squareRoot() }
  }
}
