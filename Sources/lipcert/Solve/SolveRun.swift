import CommandLineSupport
import Reports

/// The run of one problem of one kind.
protocol SolveRun {
  /// The file.
  var path: String { get }
  /// Refuses options that do not fit the kind of problem, before anything is read.
  func validate() throws
  /// Reads and solves the problem.
  func solve() throws -> any SolveAnswer
  /// Reads the problem and writes it to another file.
  func convert(to target: String) throws -> any TextAndJSON
}

/// What can be printed in either form.
protocol TextAndJSON {
  /// For people.
  var lines: [String] { get }
  /// For machines.
  var json: JSONValue { get }
}

/// What became of a problem.
protocol SolveAnswer: TextAndJSON {
  /// The row of a table or report.
  var summary: SolvedProblem { get }
  /// The object for machines with all vectors.
  var solution: JSONValue { get }
}

extension SolvedProblem.Verdict {
  /// The exit status that goes with it.
  var exitStatus: ExitStatus {
    switch self {
    case .solved: .success
    case .primalInfeasible, .dualInfeasible: .negative
    case .unsolved: .failure
    }
  }
}
