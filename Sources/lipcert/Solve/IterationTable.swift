import CommandLineSupport
import ConicPrograms
import ConicSolver
import Foundation
import Reports

/// The iterations of the conic solver as aligned lines.
struct IterationTable {
  private static let titles = [
    "phase", "iteration", "primal objective", "dual objective", "primal", "dual", "gap", "mu/penalty", "seconds",
  ]
  private static let widths = [14, 9, 18, 18, 9, 9, 9, 10, 8]
  /// First-order iterations come by the thousands: after the first hundred every tenth test is shown.
  private static let stride = 250

  /// Titles and a rule.
  var header: [String] { [Self.line(Self.titles), Self.widths.map { String(repeating: "-", count: $0) }.joined(separator: "  ")] }

  /// Whether a row is shown.
  func shows(_ row: ConicProgress, after last: ConicProgress?) -> Bool {
    row.phase != .firstOrder || last?.phase != row.phase || row.iteration <= 100 || row.iteration % Self.stride == 0
  }

  /// A row; residuals are relative to the data, the gap to the objectives.
  func line(_ row: ConicProgress) -> String {
    let r = row.residuals
    return Self.line([
      row.phase.rawValue, "\(row.iteration)", String(format: "%.9e", r.primalObjective), String(format: "%.9e", r.dualObjective),
      Self.small(r.primal / r.primalScale), Self.small(r.dual / r.dualScale), Self.small(r.gap / r.gapScale), Self.small(row.penalty),
      Quantity.fineSeconds(row.seconds),
    ])
  }

  /// What is said after the last row.
  func footer(_ problem: SolvedProblem) -> [String] {
    [
      "status \(problem.statusWords)",
      "engines \(problem.engineWords); \(Quantity.fineSeconds(problem.wallSeconds)) s wall, \(Quantity.fineSeconds(problem.processorSeconds)) s CPU",
      "",
    ]
  }

  /// One line that is redrawn in place.
  func progress(_ name: String, _ row: ConicProgress) -> String {
    "\(name)  \(row.phase.rawValue) \(Quantity.count(row.iteration))  objective \(String(format: "%.8g", row.residuals.primalObjective))  "
      + "error \(Self.small(row.residuals.worst))  \(Quantity.fineSeconds(row.seconds)) s"
      + (Interruption.isRequested ? "  stopping; Ctrl-C again ends at once" : "")
  }

  private static func small(_ value: Double) -> String { String(format: "%.1e", value) }

  private static func line(_ cells: [String]) -> String {
    zip(cells, widths).enumerated().map { index, pair in
      let padding = String(repeating: " ", count: max(0, pair.1 - pair.0.count))
      return index == 0 ? pair.0 + padding : padding + pair.0
    }.joined(separator: "  ")
  }
}
