extension Matrix where Element == Double {
  /// Multiplies every element.
  public mutating func scale(by factor: Double) {
    elements.withUnsafeMutableBufferPointer { a in for k in a.indices { a[k] *= factor } }
  }

  /// Adds a multiple of another matrix.
  ///
  /// - Precondition: the shapes agree.
  public mutating func add(_ other: Matrix, times factor: Double = 1) {
    precondition(rows == other.rows && columns == other.columns, "shapes must agree")
    VectorKernels.add(factor, other.elements, to: &elements)
  }

  /// The sum of products of elements.
  ///
  /// - Precondition: the shapes agree.
  public func dot(_ other: Matrix) -> Double {
    precondition(rows == other.rows && columns == other.columns, "shapes must agree")
    return VectorKernels.dot(elements, other.elements)
  }
}
