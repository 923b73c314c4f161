import CGLPKSupport

extension LinearProgram {
  /// The most rows, columns or entries that are handed to GLPK, whose indices are 32-bit numbers.
  static let largestCount = 100_000_000

  /// The program as C sees it while the arena lives.
  ///
  /// - Parameters:
  ///   - bounds: the bounds of the columns, if they differ.
  ///   - names: whether names are handed over, too.
  func glpk(
    _ arena: GLPKArena, bounds: [Interval]? = nil, negatesConstant: Bool = false, names hasNames: Bool = false
  ) throws(LinearProgramError) -> cglpk_program {
    for count in [rows.count, columns.count, entryCount] where count > Self.largestCount { throw .tooLarge(count) }
    var entryRows: [Int32] = [0]
    entryRows.reserveCapacity(entryCount + 1)
    for row in rows.indices { entryRows += repeatElement(Int32(row + 1), count: rowStarts[row + 1] - rowStarts[row]) }
    let box = bounds ?? columns.map { Interval($0.lower, $0.upper) }
    return cglpk_program(
      row_count: Int32(rows.count), column_count: Int32(columns.count), entry_count: Int32(entryCount),
      is_maximisation: sense == .maximise ? 1 : 0, constant: negatesConstant ? -objectiveConstant : objectiveConstant,
      objective: arena.copy(columns.map(\.cost)), column_lower: arena.copy(box.map(\.lower)), column_upper: arena.copy(box.map(\.upper)),
      row_lower: arena.copy(rows.map(\.lower)), row_upper: arena.copy(rows.map(\.upper)),
      is_integer: isMixedInteger ? arena.copy(columns.map { $0.isInteger ? 1 : 0 }) : nil,
      entry_rows: arena.copy(entryRows), entry_columns: arena.copy([0] + entryColumns.map { Int32($0 + 1) }),
      entry_values: arena.copy([0] + entryValues), names: hasNames ? arena.copy(nameBytes) : nil)
  }

  private var nameBytes: [CChar] {
    ([name, objectiveName] + rows.map(\.name) + columns.map(\.name)).flatMap { $0.utf8.map { CChar(bitPattern: $0) } + [0] }
  }
}
