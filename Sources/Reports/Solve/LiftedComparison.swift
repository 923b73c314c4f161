import CommandLineSupport
import Foundation

/// The lifted solver on the network that an inequality of LipSDP comes from.
public struct LiftedComparison: Sendable {
  /// The inequality's file.
  public var path: String
  /// Units of the network.
  public var units: Int
  /// The proved bound of the Lipschitz constant.
  public var upper: Double?
  /// What no bound of LipSDP can fall below.
  public var lower: Double?
  /// Seconds of all threads together, with the proof.
  public var processorSeconds: Double
  /// Seconds by the clock.
  public var wallSeconds: Double
  /// Iterations.
  public var iterations: Int

  /// Collects the parts.
  public init(
    path: String, units: Int, upper: Double?, lower: Double?, processorSeconds: Double, wallSeconds: Double, iterations: Int
  ) {
    (self.path, self.units, self.upper, self.lower) = (path, units, upper, lower)
    (self.processorSeconds, self.wallSeconds, self.iterations) = (processorSeconds, wallSeconds, iterations)
  }

  /// The name of the file without folder and ending.
  var name: String { URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent }

  /// The square of the bound, which bounds the inequality's optimum.
  var square: Double? { upper.map { ($0 * $0).nextUp } }

  /// The object for machines.
  var json: JSONValue {
    .object([
      ("problem", .string(path)), ("units", .integer(units)), ("upper", .upper(upper)), ("lower", .lower(lower)),
      ("upperSquared", .upper(square)), ("iterations", .integer(iterations)), ("cpuSeconds", .number(processorSeconds)),
      ("wallSeconds", .number(wallSeconds)),
    ])
  }

  /// Titles of the table.
  static let columns = [
    "Problem", "Units", "Proved bound L", "L squared", "Conic optimum", "Excess", "Iterations", "CPU s lifted", "CPU s conic",
  ]
  static let numberColumns = Set(1...8)
  /// What the columns mean.
  static let caption =
    "The network is rebuilt from the file, whose last map is known up to rounding only. L: proved by the checker, rounded up. Conic optimum: the "
    + "value of the table above, which is an approximation of the least L squared. Excess: L squared over that, less one. Seconds include the "
    + "proof of the bound, but not the rebuilding."

  /// The cells, in the order of ``columns``.
  func cells(beside problem: SolvedProblem?) -> [String] {
    let value = problem?.verdict == .solved ? problem?.value : nil
    var excess = "-"
    if let value, let square, value > 0 { excess = String(format: "%.1e", square / value - 1) }
    return [
      name, Quantity.count(units), upper.map { DecimalBound.up($0, digits: 9) } ?? "-",
      square.map { DecimalBound.up($0, digits: 9) } ?? "-",
      value.map { String(format: "%.9g", $0) } ?? "-", excess, Quantity.count(iterations), Quantity.fineSeconds(processorSeconds),
      problem.map { Quantity.fineSeconds($0.processorSeconds) } ?? "-",
    ]
  }
}
