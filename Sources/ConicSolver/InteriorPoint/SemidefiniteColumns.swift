import ConicPrograms
import LinearAlgebra

/// The columns of A that touch one semidefinite cone, as sparse symmetric matrices Aⱼ.
struct SemidefiniteColumns: Sendable {
  /// The order n of the matrices.
  let order: Int
  /// The cone's rows in the program.
  let rows: Range<Int>
  /// The variables that touch the cone: first those that are no sums of few stars, those with most entries first; then the others.
  let variables: [Int]
  /// The place of the first variable whose matrix is a sum of few stars; see ``StarColumns``.
  let firstStar: Int
  /// Where each variable's entries start, and their number at the end.
  let starts: [Int]
  /// The entries: row ≤ column and the matrix element there.
  let entries: [Entry]
  /// For each variable the rows and columns that its matrix touches, ascending.
  let supports: [[Int]]

  /// An element of the upper triangle of a symmetric matrix.
  struct Entry {
    var row: Int32
    var column: Int32
    var value: Double
  }

  /// The columns restricted to the rows of one semidefinite cone.
  init(_ coefficients: SparseColumns, rows: Range<Int>, order: Int) {
    self.order = order
    self.rows = rows
    let root = 0.5.squareRoot()
    var found: [(variable: Int, entries: [Entry], isStar: Bool)] = []
    for variable in 0..<coefficients.columnCount {
      let range = coefficients.range(variable)
      // Rows ascend in a column: two binary searches cut out the cone.
      let first = coefficients.rows.partitioningIndex(in: range) { $0 >= rows.lowerBound }
      let last = coefficients.rows.partitioningIndex(in: range) { $0 >= rows.upperBound }
      if first == last { continue }
      let entries = (first..<last).map { k in
        let (row, column) = SymmetricVector.entry(at: coefficients.rows[k] - rows.lowerBound)
        return Entry(row: Int32(row), column: Int32(column), value: coefficients.values[k] * (row == column ? 1 : root))
      }
      found.append((variable, entries, StarColumns.stars(of: entries) != nil))
    }
    found.sort { ($0.isStar ? 1 : 0, $1.entries.count, $0.variable) < ($1.isStar ? 1 : 0, $0.entries.count, $1.variable) }
    variables = found.map(\.variable)
    firstStar = found.firstIndex { $0.isStar } ?? found.count
    var starts = [0]
    for item in found { starts.append(starts[starts.count - 1] + item.entries.count) }
    self.starts = starts
    entries = found.flatMap(\.entries)
    supports = found.map { Array(Set($0.entries.flatMap { [Int($0.row), Int($0.column)] })).sorted() }
  }
}

extension Array {
  /// The first index in `range` whose element satisfies a predicate that is false up to some place and true from there on.
  func partitioningIndex(in range: Range<Int>, where predicate: (Element) -> Bool) -> Int {
    var (low, high) = (range.lowerBound, range.upperBound)
    while low < high {
      let middle = (low + high) / 2
      if predicate(self[middle]) { high = middle } else { low = middle + 1 }
    }
    return low
  }
}
