import LinearAlgebra

/// Batches that were given up, to be used again: their memory is neither returned nor cleared.
struct BatchPool<Element: Scalar> {
  private var free: [Int: [Matrix<Element>]] = [:]

  /// A batch whose elements are arbitrary.
  mutating func take(rows: Int, columns: Int) -> Matrix<Element> {
    if let batch = free[columns]?.popLast(), batch.rows == rows { return batch }
    return Matrix(rows: rows, columns: columns)
  }

  /// Takes a batch back and leaves an empty one.
  mutating func give(_ batch: inout Matrix<Element>) {
    guard batch.columns > 0 else { return }
    let empty = Matrix<Element>(rows: 0, columns: 0)
    free[batch.columns, default: []].append(batch)
    batch = empty
  }
}
