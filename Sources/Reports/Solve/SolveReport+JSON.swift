import CommandLineSupport
import Foundation

extension SolveReport {
  /// The object for machines: one result for each problem, with what the peers made of it.
  public var json: JSONValue {
    let counts = SolvedProblem.Verdict.allCases.map { verdict in
      (verdict.rawValue, JSONValue.integer(problems.count { $0.verdict == verdict }))
    }
    return .object([
      ("results", .array(problems.map(json))), ("lifted", .array(lifted.map(\.json))),
      ("summary", .object(counts + [("findings", .array(findings.map { .string($0) }))])),
      ("settings", .object(settings.map { ($0.name, .string($0.value)) })), ("threads", .integer(machine.threads)),
      ("cores", .integer(machine.cores)), ("processor", .text(machine.processor)), ("blas", .text(machine.blas)),
      ("version", .string(version)), ("date", .string(date.formatted(.iso8601))),
    ])
  }

  private func json(_ problem: SolvedProblem) -> JSONValue {
    var members = problem.members
    if let reference = peers.reference(problem.name) {
      members += [
        ("reference", .number(reference.value)), ("referenceKind", .string(reference.kind)), ("digits", .number(digits(problem))),
      ]
    }
    let others = solvers.compactMap { peers.result($0, problem.name) }
    if !others.isEmpty {
      let objects = others.map { peer in
        JSONValue.object([
          ("solver", .string(peer.solver)), ("status", .string(peer.status)), ("cpuSeconds", .number(peer.processorSeconds)),
          ("iterations", .integer(peer.iterations)), ("primalObjective", .number(peer.primalObjective)),
          ("dualObjective", .number(peer.dualObjective)), ("digits", .number(peer.digits)),
          ("contradicted", .boolean(SolverComparison.contradicts(problem, peer))),
        ])
      }
      members.append(("peers", .array(objects)))
    }
    return .object(members)
  }
}
