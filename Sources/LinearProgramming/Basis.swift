/// A basis: which of the row activities and variables are determined by the others, and where those others stand.
///
/// It belongs to a program with the same numbers of rows and columns; coefficients may differ, which is what warm starts are for.
public struct Basis: Sendable, Equatable {
  /// The state of a row activity or variable. The raw values are GLPK's.
  public enum State: Int32, Sendable {
    /// Determined by the others.
    case basic = 1
    /// At its lower bound.
    case atLower = 2
    /// At its upper bound.
    case atUpper = 3
    /// Nonbasic without bounds, at zero.
    case free = 4
    /// Nonbasic with equal bounds.
    case fixed = 5
  }

  /// The states of the row activities.
  public let rows: [State]
  /// The states of the variables.
  public let columns: [State]

  /// A basis with the given states.
  ///
  /// - Throws: ``LinearProgramError/invalidBasis(_:)`` unless as many are basic as there are rows.
  public init(rows: [State], columns: [State]) throws(LinearProgramError) {
    let basic = rows.count { $0 == .basic } + columns.count { $0 == .basic }
    guard basic == rows.count else { throw .invalidBasis("\(basic) basic variables for \(rows.count) rows") }
    (self.rows, self.columns) = (rows, columns)
  }

  /// GLPK's numbers, unless they are none.
  init?(states: [Int32], rowCount: Int) {
    let all = states.compactMap(State.init)
    guard all.count == states.count, all.count(where: { $0 == .basic }) == rowCount else { return nil }
    (rows, columns) = (Array(all.prefix(rowCount)), Array(all.dropFirst(rowCount)))
  }
}
