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
    return table.lines + ["", headline + ".", settingsLine]
  }

  private var settingsLine: String {
    "Settings: " + settings.map { "\($0.name.lowercased()) \($0.value)" }.joined(separator: ", ")
      + ", \(Quantity.counted(machine.threads, "thread")) on \(Quantity.counted(machine.cores, "core")), lipcert \(version), "
      + "\(machine.shortBLAS)."
  }
}
