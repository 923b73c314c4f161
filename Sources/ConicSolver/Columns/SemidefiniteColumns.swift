import ConicPrograms
import LinearAlgebra

/// The columns of A that touch one semidefinite cone, as sparse symmetric matrices Aⱼ.
struct SemidefiniteColumns: Sendable {
  /// The order n of the matrices.
  let order: Int
  /// The cone's rows in the program.
  let rows: Range<Int>
  /// The variables whose matrices are not zero.
  let variables: [Int]
  /// Where each variable's entries start, and their number at the end.
  let starts: [Int]
  /// The entries: row ≤ column and the matrix element there.
  let entries: [Entry]

  /// An element of the upper triangle of a symmetric matrix.
  struct Entry {
    var row: Int32
    var column: Int32
    var value: Double
  }

  /// The columns restricted to the rows of one semidefinite cone, in the order of the variables.
  init(_ coefficients: SparseColumns, rows: Range<Int>, order: Int) {
    let root = 0.5.squareRoot()
    var (variables, starts, entries) = ([Int](), [0], [Entry]())
    for variable in 0..<coefficients.columnCount {
      let range = coefficients.range(variable)
      // Rows ascend in a column: two binary searches cut out the cone.
      let first = coefficients.rows.partitioningIndex(in: range) { $0 >= rows.lowerBound }
      let last = coefficients.rows.partitioningIndex(in: first..<range.upperBound) { $0 >= rows.upperBound }
      if first == last { continue }
      for k in first..<last {
        let (row, column) = SymmetricVector.entry(at: coefficients.rows[k] - rows.lowerBound)
        entries.append(Entry(row: Int32(row), column: Int32(column), value: coefficients.values[k] * (row == column ? 1 : root)))
      }
      variables.append(variable)
      starts.append(entries.count)
    }
    self.init(order: order, rows: rows, variables: variables, starts: starts, entries: entries)
  }

  private init(order: Int, rows: Range<Int>, variables: [Int], starts: [Int], entries: [Entry]) {
    self.order = order
    self.rows = rows
    self.variables = variables
    self.starts = starts
    self.entries = entries
  }

  /// The places of a variable's entries; `place` is its place in ``variables``.
  func range(_ place: Int) -> Range<Int> { starts[place]..<starts[place + 1] }

  /// The columns at these places, in this order.
  func selecting(_ places: some Sequence<Int>) -> SemidefiniteColumns {
    var (selected, starts, entries) = ([Int](), [0], [Entry]())
    for place in places {
      selected.append(variables[place])
      entries += self.entries[range(place)]
      starts.append(entries.count)
    }
    return SemidefiniteColumns(order: order, rows: rows, variables: selected, starts: starts, entries: entries)
  }
}

extension Array {
  /// The first index in `range` whose element satisfies a predicate that is false up to some place and true from there on.
  fileprivate func partitioningIndex(in range: Range<Int>, where predicate: (Element) -> Bool) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
