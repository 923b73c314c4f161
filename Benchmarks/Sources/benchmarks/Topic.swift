/// A subject with one table: cases that can be selected one by one.
struct Topic: Sendable {
  /// The first part of its cases' names, as `--filter` sees them.
  let id: String
  /// The table's heading.
  let title: String
  /// How to read the table.
  let note: String
  /// The names of the columns. Times are in seconds in JSON.
  let columns: [String]
  /// What there is to measure.
  let cases: [Case]

  /// One measurement: one or more rows of the table.
  struct Case: Sendable {
    /// What it measures; `--filter` matches `id/name`.
    let name: String
    /// Whether `--quick` leaves it out.
    var isSlow = false
    /// Measures; the rows have one cell for each column.
    let rows: @Sendable (Harness) throws -> [[Cell]]
  }
}
