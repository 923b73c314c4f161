extension LinearProgram {
  /// A x.
  ///
  /// - Precondition: one number for each column.
  public func activities(_ x: [Double]) -> [Double] {
    precondition(x.count == columns.count, "one value for each column")
    return rows.indices.map { row in
      var sum = 0.0
      for entry in rowStarts[row]..<rowStarts[row + 1] { sum += entryValues[entry] * x[entryColumns[entry]] }
      return sum
    }
  }

  /// The reduced costs c − A'y.
  ///
  /// - Precondition: one number for each row.
  public func reducedCosts(_ y: [Double]) -> [Double] {
    precondition(y.count == rows.count, "one value for each row")
    var result = columns.map(\.cost)
    for row in rows.indices where y[row] != 0 {
      for entry in rowStarts[row]..<rowStarts[row + 1] { result[entryColumns[entry]] -= entryValues[entry] * y[row] }
    }
    return result
  }

  /// c'x, without the constant.
  ///
  /// - Precondition: one number for each column.
  public func linearObjective(_ x: [Double]) -> Double {
    precondition(x.count == columns.count, "one value for each column")
    var sum = 0.0
    for (column, value) in zip(columns, x) { sum += column.cost * value }
    return sum
  }
}
