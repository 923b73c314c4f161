/// Why a linear program could not be built, read, written or handed to the solver.
public enum LinearProgramError: Error, Equatable, CustomStringConvertible {
  /// What a number is wrong for.
  public enum Place: Equatable, Sendable, CustomStringConvertible {
    /// The objective's constant.
    case constant
    /// The column of this index.
    case column(Int)
    /// The row of this index.
    case row(Int)

    /// The place in words.
    public var description: String {
      switch self {
      case .constant: "the objective's constant"
      case .column(let index): "column \(index)"
      case .row(let index): "row \(index)"
      }
    }
  }

  /// A coefficient or bound is NaN, infinite where it may not be, or beyond ``LinearProgram/largestNumber``.
  case invalidNumber(Place, Double)
  /// A lower bound exceeds the upper bound.
  case crossedBounds(Place, lower: Double, upper: Double)
  /// An index that no row or column has.
  case indexOutOfRange(Place, count: Int)
  /// A column occurs twice in one row.
  case duplicateEntry(row: Int, column: Int)
  /// A name is longer than 255 bytes, holds control characters, or occurs twice where names must be unique.
  case invalidName(Place?, String)
  /// A program with this many rows, columns or entries does not fit GLPK's indices.
  case tooLarge(Int)
  /// A setting and what is wrong with it.
  case invalidSetting(String)
  /// A basis with other numbers of rows and columns, or with another number of basic variables than there are rows.
  case invalidBasis(String)
  /// A file that cannot be opened, read or written.
  case inaccessible(path: String, reason: String)
  /// A file that is not what it should be; `line` is the line GLPK stopped at.
  case malformed(path: String, line: Int?, reason: String)
  /// The file format has no way of saying this.
  case notExpressible(String)
  /// GLPK aborted; all of its memory has been released.
  case solverAborted(String)
  /// GLPK is in use on this thread, as in a log handler or by other code of the process that keeps a GLPK object alive.
  case environmentInUse
  /// There is no memory or no file descriptor left.
  case outOfResources

  /// The error in words.
  public var description: String {
    switch self {
    case .invalidNumber(let place, let value): "\(place): \(value) is not allowed"
    case .crossedBounds(let place, let lower, let upper): "\(place): the lower bound \(lower) exceeds the upper bound \(upper)"
    case .indexOutOfRange(let place, let count): "\(place) does not exist: there are \(count)"
    case .duplicateEntry(let row, let column): "row \(row): column \(column) occurs twice"
    case .invalidName(let place, let name): "\(place.map { "\($0): " } ?? "")invalid or repeated name '\(name)'"
    case .tooLarge(let count): "\(count) rows, columns or entries are too many"
    case .invalidSetting(let detail): "invalid setting: \(detail)"
    case .invalidBasis(let detail): "invalid basis: \(detail)"
    case .inaccessible(let path, let reason): "\(path): \(reason)"
    case .malformed(let path, let line, let reason): "\(path):\(line.map { " line \($0):" } ?? "") \(reason)"
    case .notExpressible(let detail): detail
    case .solverAborted(let message): "GLPK aborted: \(message)"
    case .environmentInUse: "GLPK is already in use on this thread"
    case .outOfResources: "no memory or no file descriptor left"
    }
  }
}
