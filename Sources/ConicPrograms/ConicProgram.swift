/// The program min c′x subject to Ax + s = b, s ∈ K, with K a product of cones.
///
/// Its dual is max −b′z subject to A′z + c = 0, z ∈ K*. Vectors over rows are concatenations over the cones, in order.
public struct ConicProgram: Sendable, Equatable {
  /// c.
  public let objective: [Double]
  /// A.
  public let coefficients: SparseColumns
  /// b.
  public let constants: [Double]
  /// The factors of K.
  public let cones: [Cone]
  /// Each cone's rows.
  public let ranges: [Range<Int>]

  /// The number of variables.
  public var variableCount: Int { objective.count }
  /// The number of rows.
  public var rowCount: Int { constants.count }

  /// The program with these data.
  ///
  /// - Throws: ``ConicProgramError`` when the sizes do not fit or a number is not finite.
  public init(objective: [Double], coefficients: SparseColumns, constants: [Double], cones: [Cone]) throws(ConicProgramError) {
    guard coefficients.columnCount == objective.count else {
      throw .sizes("the objective has \(objective.count) elements, the matrix \(coefficients.columnCount) columns")
    }
    guard coefficients.rowCount == constants.count else {
      throw .sizes("the matrix has \(coefficients.rowCount) rows, the right-hand side \(constants.count)")
    }
    guard cones.allSatisfy({ $0.size >= 0 && $0.size < 1 << 20 }) else { throw .sizes("a cone's size is negative or over a million") }
    var ranges: [Range<Int>] = []
    for cone in cones {
      let start = ranges.last?.upperBound ?? 0
      ranges.append(start..<start + cone.dimension)
    }
    guard ranges.last?.upperBound ?? 0 == constants.count else {
      throw .sizes("the cones take \(ranges.last?.upperBound ?? 0) rows, the program has \(constants.count)")
    }
    if let i = objective.firstIndex(where: { !$0.isFinite }) { throw .notFinite("element \(i + 1) of the objective") }
    if let i = constants.firstIndex(where: { !$0.isFinite }) { throw .notFinite("element \(i + 1) of the right-hand side") }
    if let k = coefficients.values.firstIndex(where: { !$0.isFinite }) {
      let column = coefficients.starts.lastIndex { $0 <= k } ?? 0
      throw .notFinite("an entry in column \(column + 1), row \(coefficients.rows[k] + 1) of the matrix")
    }
    self.objective = objective
    self.coefficients = coefficients
    self.constants = constants
    self.cones = cones
    self.ranges = ranges
  }
}

/// Why data do not make a program.
public enum ConicProgramError: Error, Equatable, CustomStringConvertible {
  /// Sizes disagree.
  case sizes(String)
  /// A number is NaN or infinite.
  case notFinite(String)

  /// One sentence for people.
  public var description: String {
    switch self {
    case .sizes(let detail): detail
    case .notFinite(let place): "\(place) is not finite"
    }
  }
}
