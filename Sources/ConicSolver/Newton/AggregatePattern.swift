import ConicPrograms
import LinearAlgebra

/// The places where some matrix F₁, …, F_m of a semidefinite cone has an entry, when they are few.
struct AggregatePattern {
  /// Their rows, not greater than the columns.
  let rows: [Int]
  /// Their columns.
  let columns: [Int]

  /// The pattern of the rows `range` of A; `nil` when it is so dense that whole matrices are cheaper.
  init?(order: Int, range: Range<Int>, of a: SparseColumns) {
    var isTouched = [Bool](repeating: false, count: range.count)
    for row in a.rows where range.contains(row) { isTouched[row - range.lowerBound] = true }
    let places = isTouched.indices.filter { isTouched[$0] }
    guard 16 * places.count < range.count else { return nil }
    let entries = places.map(SymmetricVector.entry(at:))
    rows = entries.map(\.row)
    columns = entries.map(\.column)
  }
}
