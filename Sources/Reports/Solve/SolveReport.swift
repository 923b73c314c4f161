import Foundation
import Lipschitz

/// What `solve` found: the one model behind the HTML, Markdown, JSON and CSV.
public struct SolveReport: Report, Sendable {
  /// The problems, in the order of tables.
  public var problems: [SolvedProblem]
  /// Other solvers' results; may be empty.
  public var peers: PeerTable
  /// The lifted solver beside the conic one; may be empty.
  public var lifted: [LiftedComparison] = []
  /// The settings, in words.
  public var settings: [(name: String, value: String)]
  /// The machine.
  public var machine: Machine
  /// The software's version.
  public var version = Version.current
  /// When the report was made.
  public var date = Date()

  /// A report of solved problems.
  public init(
    problems: [SolvedProblem], peers: PeerTable = PeerTable(), settings: [(name: String, value: String)] = [], machine: Machine = .current
  ) {
    (self.problems, self.peers, self.settings, self.machine) = (problems, peers, settings, machine)
  }

  /// The problems by folder, in the order in which folders first occur.
  var collections: [(name: String, problems: [SolvedProblem])] {
    var names: [String] = []
    for problem in problems where !names.contains(problem.collection) { names.append(problem.collection) }
    return names.map { name in (name, problems.filter { $0.collection == name }) }
  }

  /// The peers that have a result for one of the problems, in their order.
  var solvers: [String] { solvers(for: problems) }

  /// The peers that have a result for one of some problems.
  func solvers(for problems: [SolvedProblem]) -> [String] {
    peers.solvers.filter { solver in problems.contains { peers.result(solver, $0.name) != nil } }
  }

  /// The digits of a problem's objectives that agree with the reference; `nil` when there is no reference or no point.
  func digits(_ problem: SolvedProblem) -> Double? {
    guard let reference = peers.reference(problem.name), let primal = problem.primalObjective ?? problem.dualObjective else { return nil }
    return reference.digits(primal, problem.dualObjective ?? primal)
  }

  /// The lifted solver's cells beside the conic solver's value.
  func cells(_ comparison: LiftedComparison) -> [String] { comparison.cells(beside: problems.first { $0.path == comparison.path }) }

  /// The comparison with the peers.
  var comparison: SolverComparison { SolverComparison(self) }
}
