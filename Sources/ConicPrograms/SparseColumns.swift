import LinearAlgebra

/// A sparse matrix by columns: the layout of a program with few variables, each of which touches few rows.
public struct SparseColumns: Sendable, Equatable {
  /// The number of rows.
  public let rowCount: Int
  /// Where each column's entries start, and the number of entries at the end.
  public let starts: [Int]
  /// The row of each entry, ascending in each column.
  public let rows: [Int]
  /// The value of each entry.
  public var values: [Double]

  /// The number of columns.
  public var columnCount: Int { starts.count - 1 }

  /// The matrix with these parts.
  ///
  /// - Precondition: the boundaries ascend from 0 to the number of entries, and rows ascend strictly in each column and lie inside.
  public init(rowCount: Int, starts: [Int], rows: [Int], values: [Double]) {
    precondition(starts.first == 0 && starts.last == rows.count && rows.count == values.count, "column boundaries must cover the entries")
    for column in 0..<starts.count - 1 {
      precondition(starts[column] <= starts[column + 1], "column boundaries must ascend")
      var previous = -1
      for k in starts[column]..<starts[column + 1] {
        precondition(rows[k] > previous && rows[k] < rowCount, "rows must ascend in each column and lie inside")
        previous = rows[k]
      }
    }
    self.rowCount = rowCount
    self.starts = starts
    self.rows = rows
    self.values = values
  }

  /// The matrix whose columns have the listed entries, in any order; entries of the same place are added, zeros are dropped.
  ///
  /// - Precondition: rows lie in `0 ..< rowCount`.
  public init(rowCount: Int, columns: [[(row: Int, value: Double)]]) {
    var (starts, rows, values) = ([0], [Int](), [Double]())
    for column in columns {
      for (row, value) in column.sorted(by: { $0.row < $1.row }) {
        if rows.count > starts[starts.count - 1], rows[rows.count - 1] == row {
          values[values.count - 1] += value
        } else {
          rows.append(row)
          values.append(value)
        }
      }
      // Drop what cancelled or was zero.
      let first = starts[starts.count - 1]
      var kept = first
      for k in first..<rows.count where values[k] != 0 {
        rows[kept] = rows[k]
        values[kept] = values[k]
        kept += 1
      }
      rows.removeLast(rows.count - kept)
      values.removeLast(values.count - kept)
      starts.append(kept)
    }
    self.init(rowCount: rowCount, starts: starts, rows: rows, values: values)
  }

  /// The entries' range of a column.
  public func range(_ column: Int) -> Range<Int> { starts[column]..<starts[column + 1] }

  /// A x.
  ///
  /// - Precondition: `x` has one element for each column.
  public func multiplied(by x: [Double]) -> [Double] {
    precondition(x.count == columnCount, "the vector does not fit the matrix")
    var y = [Double](repeating: 0, count: rowCount)
    y.withUnsafeMutableBufferPointer { y in
      rows.withUnsafeBufferPointer { rows in
        values.withUnsafeBufferPointer { values in
          for column in 0..<starts.count - 1 where x[column] != 0 {
            let factor = x[column]
            for k in starts[column]..<starts[column + 1] { y[rows[k]] += factor * values[k] }
          }
        }
      }
    }
    return y
  }

  /// A′y.
  ///
  /// - Precondition: `y` has one element for each row.
  public func transposedMultiplied(by y: [Double]) -> [Double] {
    precondition(y.count == rowCount, "the vector does not fit the matrix")
    return y.withUnsafeBufferPointer { y in
      rows.withUnsafeBufferPointer { rows in
        values.withUnsafeBufferPointer { values in
          (0..<starts.count - 1).map { column in
            var sum = 0.0
            for k in starts[column]..<starts[column + 1] { sum += values[k] * y[rows[k]] }
            return sum
          }
        }
      }
    }
  }

  /// A′, whose columns are the rows of A.
  ///
  /// - Complexity: O(entries + rows).
  public var transposed: SparseColumns {
    var rowStarts = [Int](repeating: 0, count: rowCount + 1)
    for row in rows { rowStarts[row + 1] += 1 }
    for row in 0..<rowCount { rowStarts[row + 1] += rowStarts[row] }
    var (next, columns, entries) = (rowStarts, [Int](repeating: 0, count: rows.count), values)
    for column in 0..<columnCount {
      for k in range(column) {
        columns[next[rows[k]]] = column
        entries[next[rows[k]]] = values[k]
        next[rows[k]] += 1
      }
    }
    return SparseColumns(rowCount: columnCount, starts: rowStarts, rows: columns, values: entries)
  }

  /// A′A.
  ///
  /// - Complexity: O(Σ k²) for rows of k entries, and columns² memory.
  public func gram() -> Matrix<Double> {
    var result = Matrix<Double>(rows: columnCount, columns: columnCount)
    // All pairs in a row of A meet.
    let byRows = transposed
    result.elements.withUnsafeMutableBufferPointer { g in
      for row in 0..<rowCount {
        let own = byRows.range(row)
        for k in own {
          for l in own.lowerBound...k { g[byRows.rows[k] * columnCount + byRows.rows[l]] += byRows.values[k] * byRows.values[l] }
        }
      }
      for i in 0..<columnCount { for j in 0..<i { g[j * columnCount + i] = g[i * columnCount + j] } }
    }
    return result
  }
}
