/// When products with a matrix that has zeros are faster entry by entry than as a dense matrix.
///
/// Dense products use every element but run at the full speed of the processor; sparse ones pay for each entry about as much as a dense
/// product does for two or three elements, and for each number that is laid out for them as much as for some twenty to forty. Measured on
/// one core of a server processor with 512-bit vectors and OpenBLAS, the times of a dense product over those of a sparse one were
///
/// | matrix | batch | Double, 70 % zeros | 80 % | 90 % | 95 % | Float, 70 % zeros | 80 % | 90 % | 95 % |
/// |---|---|---|---|---|---|---|---|---|---|
/// | 10×400 | 32 | 1.1 | 1.2 | 1.3 | 1.3 | 0.9 | 0.9 | 0.8 | 0.8 |
/// | 100×784 | 1 | 1.6 | 2.7 | 4.8 | 7.8 | 2.1 | 2.7 | 5.7 | 9.9 |
/// | 100×784 | 8 | 1.8 | 2.4 | 4.1 | 7.5 | 1.7 | 2.3 | 3.5 | 4.7 |
/// | 100×784 | 32 | 1.6 | 2.0 | 3.2 | 4.5 | 1.5 | 1.9 | 2.7 | 4.7 |
/// | 100×784 | 128 | 1.4 | 1.9 | 3.1 | 4.2 | 1.1 | 1.5 | 2.3 | 2.8 |
/// | 400×400 | 8 | 2.4 | 3.4 | 7.0 | 8.3 | 1.7 | 2.6 | 4.5 | 6.5 |
/// | 400×400 | 32 | 1.8 | 2.5 | 4.5 | 6.5 | 2.1 | 2.3 | 3.4 | 4.8 |
/// | 400×400 | 128 | 1.8 | 2.6 | 4.0 | 7.6 | 1.8 | 2.4 | 4.0 | 5.9 |
/// | 1000×1000 | 8 | 2.6 | 3.9 | 7.3 | 13.6 | 2.1 | 3.3 | 6.5 | 13.3 |
/// | 1000×1000 | 32 | 2.0 | 2.7 | 5.0 | 8.4 | 1.6 | 2.3 | 4.2 | 6.8 |
/// | 1000×1000 | 128 | 1.5 | 2.2 | 3.9 | 6.1 | 1.3 | 2.0 | 3.2 | 5.0 |
///
/// The benchmarks' topic `sparse` measures it anew.
public enum SparsePolicy {
  /// The elements of a dense product that one entry costs.
  static let entryCost = 3.0
  /// The elements of a dense product that one number of a vector costs, in and out.
  static let numberCost = 30.0

  /// Whether a dense m × n matrix with so many entries that are not zero is better multiplied entry by entry.
  public static func prefersSparse(rows: Int, columns: Int, entries: Int) -> Bool {
    let (m, n) = (Double(rows), Double(columns))
    return entryCost * Double(entries) + numberCost * (m + n) < m * n
  }
}

extension LinearMap {
  /// The map in the form in which products are fastest: a dense matrix with enough zeros as a sparse one, by ``SparsePolicy``.
  ///
  /// For the working copies of evaluators and solvers. What is certified and digested stays as it is.
  ///
  /// - Complexity: a pass over the coefficients.
  public func fastest() -> any LinearMap<Element> {
    switch self {
    case let dense as DenseMap<Element> where dense.repetitions == 1:
      let (rows, columns) = (dense.weight.rows, dense.weight.columns)
      let prefersSparse = SparsePolicy.prefersSparse(rows: rows, columns: columns, entries: dense.weight.nonzeroCount())
      guard prefersSparse, let product = SparseProductMap(dense.sparseRows()) else { return self }
      return product
    case let sparse as SparseMap<Element>:
      guard let product = SparseProductMap(sparse.matrix) else { return self }
      return product
    default: return self
    }
  }
}

extension Matrix {
  /// The number of elements that are not zero.
  @specialized(where Element == Float)
  @specialized(where Element == Double)
  fileprivate func nonzeroCount() -> Int {
    elements.withUnsafeBufferPointer { elements in
      var count = 0
      for element in elements where element != 0 { count &+= 1 }
      return count
    }
  }
}
