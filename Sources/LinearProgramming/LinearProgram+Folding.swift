extension LinearProgram {
  /// The program in which columns that are each other's negatives, costs included, are one: x = x⁺ − x⁻.
  ///
  /// Free variables are often written as such pairs. Their reduced costs d and −d must both be at least zero, so no dual point has a margin,
  /// and only the pair as a whole can be repaired. The bounds of the difference are rounded outwards; integer conditions are dropped. The rows
  /// are the same, so multipliers carry over, and so does every lower bound.
  ///
  /// - Returns: the program, and for each of its columns the one or two columns it stands for.
  func foldingOppositeColumns() -> (program: LinearProgram, origins: [[Int]]) {
    var byColumn: [[Entry]] = Array(repeating: [], count: columns.count)
    for row in rows.indices { for (column, value) in entries(ofRow: row) { byColumn[column].append(Entry(row: row, value: value)) } }
    var waiting: [Key: [Int]] = [:]
    var partner: [Int: Int] = [:]
    for j in columns.indices where !byColumn[j].isEmpty {
      let opposite = Key(cost: -columns[j].cost + 0, entries: byColumn[j].map { Entry(row: $0.row, value: -$0.value) })
      if let other = waiting[opposite]?.popLast() {
        partner[other] = j
        partner[j] = other
      } else {
        waiting[Key(cost: columns[j].cost + 0, entries: byColumn[j]), default: []].append(j)
      }
    }
    if partner.isEmpty && !isMixedInteger { return (self, columns.indices.map { [$0] }) }
    var origins: [[Int]] = []
    var index: [Int: Int] = [:]
    var kept: [Column] = []
    for (j, column) in columns.enumerated() {
      if let other = partner[j], other < j { continue }
      var folded = column
      folded.isInteger = false
      if let other = partner[j] {
        let negative = columns[other]
        let (lower, upper) = (column.lower - negative.upper, column.upper - negative.lower)
        folded.lower = lower.isInfinite ? -.infinity : Interval.addDown(column.lower, -negative.upper)
        folded.upper = upper.isInfinite ? .infinity : Interval.addUp(column.upper, -negative.lower)
      }
      index[j] = kept.count
      kept.append(folded)
      origins.append([j] + (partner[j].map { [$0] } ?? []))
    }
    return (replacing(columns: kept) { index[$0] }, origins)
  }

  private struct Entry: Hashable {
    var row: Int
    var value: Double
  }

  private struct Key: Hashable {
    var cost: Double
    var entries: [Entry]
  }
}

extension Basis {
  /// The basis of a folded program: a pair is basic if one of its columns is.
  func folded(_ origins: [[Int]]) -> Basis? {
    let states = origins.map { group in
      group.contains { columns[$0] == .basic } ? State.basic : group.count == 1 ? columns[group[0]] : .free
    }
    return try? Basis(rows: rows, columns: states)
  }
}
