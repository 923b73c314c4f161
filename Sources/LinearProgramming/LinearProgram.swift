/// A linear or mixed-integer linear program
///
///     min or max   c'x + c₀
///     subject to   l_r ≤ A x ≤ u_r,   l ≤ x ≤ u,   x_j whole for some j.
///
/// Bounds may be infinite. A is kept by rows, each sorted by columns, without zeros; every mutation is checked, so a value of this type is
/// always a valid program.
public struct LinearProgram: Sendable, Equatable {
  /// The direction of the optimisation.
  public enum Sense: Sendable, Equatable {
    /// The least value is sought.
    case minimise
    /// The greatest value is sought.
    case maximise
  }

  /// One variable.
  public struct Column: Sendable, Equatable {
    /// l ≤ x ≤ u; −∞ and ∞ for none.
    public internal(set) var lower: Double
    /// See `lower`.
    public internal(set) var upper: Double
    /// The coefficient in the objective.
    public internal(set) var cost: Double
    /// Whether only whole numbers are allowed.
    public internal(set) var isInteger: Bool
    /// A name, or an empty string.
    public internal(set) var name: String
  }

  /// One constraint.
  public struct Row: Sendable, Equatable {
    /// l ≤ a'x ≤ u; −∞ and ∞ for none.
    public internal(set) var lower: Double
    /// See `lower`.
    public internal(set) var upper: Double
    /// A name, or an empty string.
    public internal(set) var name: String
  }

  /// Finite numbers must not exceed this size: GLPK keeps 2¹⁰²⁴ for infinity and squares what it scales.
  public static let largestNumber = 1e150

  /// The direction of the optimisation.
  public var sense: Sense
  /// A name, or an empty string.
  public private(set) var name = ""
  /// The objective's name, or an empty string.
  public private(set) var objectiveName = ""
  /// c₀.
  public private(set) var objectiveConstant = 0.0
  /// The variables.
  public internal(set) var columns: [Column] = []
  /// The constraints.
  public private(set) var rows: [Row] = []
  /// Row i owns the entries rowStarts[i] ..< rowStarts[i + 1].
  public private(set) var rowStarts = [0]
  /// The columns of the entries.
  public private(set) var entryColumns: [Int] = []
  /// The values of the entries, none of them zero.
  public private(set) var entryValues: [Double] = []

  /// A program without rows and columns.
  public init(_ sense: Sense = .minimise) { self.sense = sense }

  /// The number of nonzero coefficients.
  public var entryCount: Int { entryValues.count }
  /// Whether some variable must be whole.
  public var isMixedInteger: Bool { columns.contains(where: \.isInteger) }

  /// Names the program and its objective.
  ///
  /// - Throws: ``LinearProgramError/invalidName(_:_:)``.
  public mutating func setNames(program: String, objective: String = "") throws(LinearProgramError) {
    try Self.checkName(program, nil)
    try Self.checkName(objective, nil)
    (name, objectiveName) = (program, objective)
  }

  /// Sets c₀.
  ///
  /// - Throws: ``LinearProgramError/invalidNumber(_:_:)``.
  public mutating func setObjectiveConstant(_ value: Double) throws(LinearProgramError) {
    try Self.checkNumber(value, .constant)
    objectiveConstant = value
  }

  /// Adds a variable, by default x ≥ 0.
  ///
  /// - Returns: its index.
  /// - Throws: ``LinearProgramError`` when a number, the bounds or the name are invalid.
  @discardableResult
  public mutating func addColumn(
    lower: Double = 0, upper: Double = .infinity, cost: Double = 0, isInteger: Bool = false, name: String = ""
  ) throws(LinearProgramError) -> Int {
    let place = LinearProgramError.Place.column(columns.count)
    try Self.checkBounds(lower, upper, place)
    try Self.checkNumber(cost, place)
    try Self.checkName(name, place)
    columns.append(Column(lower: lower, upper: upper, cost: cost, isInteger: isInteger, name: name))
    return columns.count - 1
  }

  /// Adds a constraint; columns not named have the coefficient zero.
  ///
  /// - Returns: its index.
  /// - Throws: ``LinearProgramError`` when a number, an index, the bounds or the name are invalid, or a column occurs twice.
  @discardableResult
  public mutating func addRow(
    lower: Double = -.infinity, upper: Double = .infinity, _ entries: [(column: Int, value: Double)], name: String = ""
  ) throws(LinearProgramError) -> Int {
    let index = rows.count
    try Self.checkBounds(lower, upper, .row(index))
    try Self.checkName(name, .row(index))
    for entry in entries {
      guard columns.indices.contains(entry.column) else { throw .indexOutOfRange(.column(entry.column), count: columns.count) }
      try Self.checkNumber(entry.value, .row(index))
    }
    let sorted = entries.sorted { $0.column < $1.column }
    for (first, second) in zip(sorted, sorted.dropFirst()) where first.column == second.column {
      throw .duplicateEntry(row: index, column: first.column)
    }
    for entry in sorted where entry.value != 0 {
      entryColumns.append(entry.column)
      entryValues.append(entry.value)
    }
    rowStarts.append(entryValues.count)
    rows.append(Row(lower: lower, upper: upper, name: name))
    return index
  }

  /// Adds the constraint a'x = value.
  ///
  /// - Throws: as ``addRow(lower:upper:_:name:)``.
  @discardableResult
  public mutating func addEquation(_ entries: [(column: Int, value: Double)], equals value: Double) throws(LinearProgramError) -> Int {
    try addRow(lower: value, upper: value, entries)
  }

  /// Changes the bounds of a variable.
  ///
  /// - Throws: ``LinearProgramError`` when the index or the bounds are invalid.
  public mutating func setBounds(ofColumn index: Int, lower: Double, upper: Double) throws(LinearProgramError) {
    try checkIndex(.column(index), index, columns.count)
    try Self.checkBounds(lower, upper, .column(index))
    (columns[index].lower, columns[index].upper) = (lower, upper)
  }

  /// Changes the bounds of a constraint.
  ///
  /// - Throws: ``LinearProgramError`` when the index or the bounds are invalid.
  public mutating func setBounds(ofRow index: Int, lower: Double, upper: Double) throws(LinearProgramError) {
    try checkIndex(.row(index), index, rows.count)
    try Self.checkBounds(lower, upper, .row(index))
    (rows[index].lower, rows[index].upper) = (lower, upper)
  }

  /// Changes a variable's coefficient in the objective.
  ///
  /// - Throws: ``LinearProgramError`` when the index or the number are invalid.
  public mutating func setCost(ofColumn index: Int, _ value: Double) throws(LinearProgramError) {
    try checkIndex(.column(index), index, columns.count)
    try Self.checkNumber(value, .column(index))
    columns[index].cost = value
  }

  /// Says whether a variable must be whole.
  ///
  /// - Throws: ``LinearProgramError/indexOutOfRange(_:count:)``.
  public mutating func setInteger(ofColumn index: Int, _ isInteger: Bool) throws(LinearProgramError) {
    try checkIndex(.column(index), index, columns.count)
    columns[index].isInteger = isInteger
  }

  /// The entries of a row, by columns.
  ///
  /// - Precondition: `index` is a row.
  public func entries(ofRow index: Int) -> [(column: Int, value: Double)] {
    (rowStarts[index]..<rowStarts[index + 1]).map { (entryColumns[$0], entryValues[$0]) }
  }

  /// The program with other columns; entries in columns that `position` does not place are dropped.
  func replacing(columns: [Column], position: (Int) -> Int?) -> LinearProgram {
    var result = self
    (result.columns, result.rowStarts, result.entryColumns, result.entryValues) = (columns, [0], [], [])
    for row in rows.indices {
      for (column, value) in entries(ofRow: row) {
        guard let place = position(column) else { continue }
        result.entryColumns.append(place)
        result.entryValues.append(value)
      }
      result.rowStarts.append(result.entryValues.count)
    }
    return result
  }

  // MARK: - Checks

  private func checkIndex(_ place: LinearProgramError.Place, _ index: Int, _ count: Int) throws(LinearProgramError) {
    guard 0..<count ~= index else { throw .indexOutOfRange(place, count: count) }
  }

  private static func checkNumber(_ value: Double, _ place: LinearProgramError.Place) throws(LinearProgramError) {
    guard value.magnitude <= largestNumber else { throw .invalidNumber(place, value) }
  }

  private static func checkBounds(_ lower: Double, _ upper: Double, _ place: LinearProgramError.Place) throws(LinearProgramError) {
    guard lower == -.infinity || lower.magnitude <= largestNumber else { throw .invalidNumber(place, lower) }
    guard upper == .infinity || upper.magnitude <= largestNumber else { throw .invalidNumber(place, upper) }
    guard lower <= upper else { throw .crossedBounds(place, lower: lower, upper: upper) }
  }

  private static func checkName(_ name: String, _ place: LinearProgramError.Place?) throws(LinearProgramError) {
    guard name.utf8.count <= 255, name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else { throw .invalidName(place, name) }
  }
}
