/// Free MPS whose numbers read back to the same bits; GLPK's own writer keeps twelve digits.
///
/// Rows with two bounds are an exception: the format has one of them and the difference, which rounds.
struct MPSWriter {
  private let program: LinearProgram
  private let rowNames: [String]
  private let columnNames: [String]
  private let objectiveName: String

  /// - Throws: ``LinearProgramError/invalidName(_:_:)`` when a name cannot stand in a record.
  init(_ program: LinearProgram) throws(LinearProgramError) {
    self.program = program
    rowNames = try Self.names(program.rows.map(\.name), letter: "R") { .row($0) }
    columnNames = try Self.names(program.columns.map(\.name), letter: "C") { .column($0) }
    let taken = Set(rowNames)
    var name = program.objectiveName.isEmpty ? "COST" : program.objectiveName
    try Self.check(name, nil)
    while taken.contains(name) { name += "_" }
    objectiveName = name
  }

  /// The file.
  func text() -> String {
    var lines = ["NAME \(program.name.split(separator: " ").joined(separator: "_"))"]
    if program.sense == .maximise { lines += ["OBJSENSE", "    MAX"] }
    lines.append("ROWS")
    lines.append(" N \(objectiveName)")
    let sides = program.rows.indices.map(side)
    for (name, side) in zip(rowNames, sides) { lines.append(" \(side.type) \(name)") }
    lines.append("COLUMNS")
    lines += columns()
    lines.append("RHS")
    if program.objectiveConstant != 0 { lines.append(" RHS1 \(objectiveName) \(-program.objectiveConstant)") }
    for (name, side) in zip(rowNames, sides) where side.value != 0 { lines.append(" RHS1 \(name) \(side.value)") }
    let ranges = zip(rowNames, sides).compactMap { name, side in side.range.map { " RNG1 \(name) \($0)" } }
    if !ranges.isEmpty { lines += ["RANGES"] + ranges }
    let bounds = program.columns.indices.flatMap(bounds)
    if !bounds.isEmpty { lines += ["BOUNDS"] + bounds }
    lines.append("ENDATA")
    return lines.joined(separator: "\n") + "\n"
  }

  /// A row's type, right-hand side and range: readers compute the other bound as side ± range.
  private func side(_ row: Int) -> (type: String, value: Double, range: Double?) {
    let (lower, upper) = (program.rows[row].lower, program.rows[row].upper)
    if lower == upper { return ("E", lower, nil) }
    if upper == .infinity { return ("G", lower, nil) }
    if lower == -.infinity { return ("L", upper, nil) }
    let width = upper - lower
    for range in [width, width.nextUp, width.nextDown] {
      if lower + range == upper { return ("G", lower, range) }
      if upper - range == lower { return ("L", upper, range) }
    }
    // No range says it: the bound that is larger in size is kept, the other one is off by a unit in its last place or so.
    return lower.magnitude > upper.magnitude ? ("G", lower, width) : ("L", upper, width)
  }

  private func columns() -> [String] {
    var byColumn: [[(row: Int, value: Double)]] = Array(repeating: [], count: program.columns.count)
    for row in program.rows.indices { for (column, value) in program.entries(ofRow: row) { byColumn[column].append((row, value)) } }
    var lines: [String] = []
    var isInteger = false
    var markers = 0
    func mark(_ word: String) {
      markers += 1
      lines.append(" M\(markers) 'MARKER' '\(word)'")
    }
    for (j, column) in program.columns.enumerated() {
      if column.isInteger != isInteger { mark(column.isInteger ? "INTORG" : "INTEND") }
      isInteger = column.isInteger
      // A column without entries still has to be named.
      if column.cost != 0 || byColumn[j].isEmpty { lines.append(" \(columnNames[j]) \(objectiveName) \(column.cost)") }
      for (row, value) in byColumn[j] { lines.append(" \(columnNames[j]) \(rowNames[row]) \(value)") }
    }
    if isInteger { mark("INTEND") }
    return lines
  }

  private func bounds(_ index: Int) -> [String] {
    let (column, name) = (program.columns[index], columnNames[index])
    switch (column.lower, column.upper) {
    case (-.infinity, .infinity): return [" FR BND1 \(name)"]
    case (let lower, let upper) where lower == upper: return [" FX BND1 \(name) \(lower)"]
    case (-.infinity, let upper): return [" MI BND1 \(name)", " UP BND1 \(name) \(upper)"]
    // Integer columns without bounds are binary to some readers.
    case (0, .infinity): return column.isInteger ? [" PL BND1 \(name)"] : []
    case (let lower, .infinity): return [" LO BND1 \(name) \(lower)"] + (column.isInteger ? [" PL BND1 \(name)"] : [])
    case (0, let upper): return [" UP BND1 \(name) \(upper)"]
    case (let lower, let upper): return [" LO BND1 \(name) \(lower)", " UP BND1 \(name) \(upper)"]
    }
  }

  private static func names(
    _ names: [String], letter: String, place: (Int) -> LinearProgramError.Place
  ) throws(LinearProgramError) -> [String] {
    let taken = Set(names)
    var result: [String] = []
    for (index, name) in names.enumerated() {
      var written = name
      if name.isEmpty {
        written = "\(letter)\(index + 1)"
        while taken.contains(written) { written += "_" }
      }
      try check(written, place(index))
      result.append(written)
    }
    return result
  }

  /// A field is a word; a dollar sign would begin a comment.
  private static func check(_ name: String, _ place: LinearProgramError.Place?) throws(LinearProgramError) {
    guard !name.utf8.contains(UInt8(ascii: " ")), name.utf8.first != UInt8(ascii: "$"), name != "'MARKER'" else {
      throw .invalidName(place, name)
    }
  }
}
