/// A matrix in compressed sparse rows: row i has entries `columns[k]`, `values[k]` for k in `starts[i] ..< starts[i + 1]`.
///
/// `radii`, when not empty, holds for every entry a bound on its distance from the real number it stands for (a folded batch-norm scale, a
/// reciprocal); an empty `radii` says that every value is exact.
public struct SparseRows<Element: Scalar>: Sendable {
  /// The number of columns of the matrix.
  public var columnCount: Int
  /// Row boundaries, one more than there are rows.
  public var starts: [Int]
  /// Column indices.
  public var columns: [Int]
  /// Values.
  public var values: [Element]
  /// Radii of the values, or empty when all are exact.
  public var radii: [Element]

  /// Collects the parts of a sparse matrix.
  public init(columnCount: Int, starts: [Int], columns: [Int], values: [Element], radii: [Element] = []) {
    self.columnCount = columnCount
    self.starts = starts
    self.columns = columns
    self.values = values
    self.radii = radii
  }

  /// Some rows, in the order given.
  ///
  /// - Precondition: every index is that of a row.
  public func picking(_ rows: [Int]) -> SparseRows {
    var result = SparseRows(columnCount: columnCount, starts: [0], columns: [], values: [])
    result.starts.reserveCapacity(rows.count + 1)
    for row in rows {
      let range = starts[row]..<starts[row + 1]
      result.columns += columns[range]
      result.values += values[range]
      if !radii.isEmpty { result.radii += radii[range] }
      result.starts.append(result.columns.count)
    }
    return result
  }
}
