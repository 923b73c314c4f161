import CommandLineSupport

extension SolveReport {
  /// A row for each problem, as text.
  public var lines: [String] {
    let hasDigits = problems.contains { digits($0) != nil }
    let shown = Self.columns.indices.filter { $0 != 6 || hasDigits }
    var table = Table(shown.map { (Self.columns[$0], Self.numberColumns.contains($0) ? .right : .left) })
    for problem in problems {
      let cells = cells(problem)
      table.add(shown.map { cells[$0] })
    }
    return table.lines + liftedLines + ["", headline + ".", settingsLine]
  }

  private var liftedLines: [String] {
    if lifted.isEmpty { return [] }
    var table = Table(LiftedComparison.columns.map { ($0, $0 == "Problem" ? .left : .right) })
    for comparison in lifted { table.add(cells(comparison)) }
    return ["", "The lifted solver on the same networks:", ""] + table.lines
  }

  private var settingsLine: String {
    "Settings: " + settings.map { "\($0.name.lowercased()) \($0.value)" }.joined(separator: ", ")
      + ", \(Quantity.counted(machine.threads, "thread")) on \(Quantity.counted(machine.cores, "core")), lipcert \(version), "
      + "\(machine.shortBLAS)."
  }
}
