import CommandLineSupport
import ConicPrograms
import ConicSolver
import Lipschitz
import Reports

/// What is told about a semidefinite program that was solved.
struct SemidefiniteProgramAnswer: SolveAnswer {
  let facts: SemidefiniteProgramFacts
  let program: ConicProgram
  let result: ConicSolution
  let proof: SemidefiniteProof?
  let wallSeconds: Double
  let processorSeconds: Double

  var summary: SolvedProblem {
    var problem = SolvedProblem(
      path: facts.path, kind: .semidefinite, verdict: result.status.verdict, status: result.status.shortWords, statusWords: statusWords)
    (problem.variables, problem.order, problem.entries) = (facts.variables, facts.order, facts.entries)
    problem.blocks = facts.blocks.isEmpty ? "-" : facts.blockWords
    (problem.primalStatus, problem.dualStatus) = (result.primal.words, result.dual.words)
    if let residuals = result.residuals {
      (problem.primalObjective, problem.dualObjective) = (residuals.primalObjective, residuals.dualObjective)
      (problem.dimacs, problem.worstError) = (residuals.dimacs, residuals.worst)
      (problem.primalConeDistance, problem.dualConeDistance) = (residuals.primalCone, residuals.dualCone)
      problem.uncertainty = residuals.uncertainty
    }
    (problem.provedLower, problem.provedUpper, problem.proof) = (proof?.lower, proof?.upper, proof?.words)
    problem.certificateError = result.certificateError
    problem.worstError = problem.worstError ?? result.certificateError
    problem.engines = result.info.runs.map {
      SolvedProblem.EngineShare(name: $0.phase.rawValue, iterations: $0.iterations, seconds: $0.seconds)
    }
    (problem.wallSeconds, problem.processorSeconds) = (wallSeconds, processorSeconds)
    (problem.reformulations, problem.notes, problem.warnings) = (result.info.reformulations, result.info.notes, facts.warnings)
    return problem
  }

  /// Which of SDPA's two problems is infeasible, and by what.
  private var statusWords: String {
    switch result.status {
    case .primalInfeasible: "SDPA's (P) is infeasible: Y psd with <F_i, Y> = 0 and <F_0, Y> = 1 certifies it; (D) is unbounded if feasible"
    case .dualInfeasible:
      "SDPA's (D) is infeasible: x with x_1 F_1 + ... + x_m F_m psd and c'x = -1 certifies it; (P) is unbounded if feasible"
    default: result.status.shortWords
    }
  }

  var lines: [String] { facts.header + [""] + summary.lines }

  var json: JSONValue { .object(summary.members + [("settings", settings), ("machine", machine)]) }

  private var settings: JSONValue {
    let settings = facts.settings
    return .object([
      ("method", .string(settings.method.rawValue)), ("tolerance", .number(settings.tolerance)),
      ("infeasibilityTolerance", .number(settings.infeasibilityTolerance)), ("decomposition", .string(settings.decomposition.rawValue)),
      ("timeLimit", .number(settings.timeLimit)), ("iterationLimit", .integer(settings.maximumIterations)),
    ])
  }

  private var machine: JSONValue {
    let machine = Machine.current
    return .object([
      ("version", .string(Version.current)), ("threads", .integer(machine.threads)), ("cores", .integer(machine.cores)),
      ("blas", .text(machine.blas)),
    ])
  }

  var solution: JSONValue {
    .object(
      summary.members + [
        ("settings", settings), ("machine", machine), ("x", vector(result.point.x)), ("X", blocks(result.point.s)),
        ("Y", blocks(result.point.z)),
      ])
  }

  private func vector(_ values: [Double]) -> JSONValue {
    values.allSatisfy(\.isFinite) ? .array(values.map { .number($0) }) : .null
  }

  /// The upper triangles block by block, as [row, column, value] counted from 1; entries that are zero are left out.
  private func blocks(_ vector: [Double]) -> JSONValue {
    guard vector.allSatisfy(\.isFinite) else { return .null }
    let scale = 0.5.squareRoot()
    return .array(
      zip(program.cones, program.ranges).enumerated().map { index, block in
        let (cone, range) = block
        let entries = range.filter { vector[$0] != 0 }.map { k -> JSONValue in
          guard case .semidefinite = cone else {
            let i = k - range.lowerBound + 1
            return .literal("[\(i), \(i), \(vector[k])]")
          }
          let (row, column) = SymmetricVector.entry(at: k - range.lowerBound)
          return .literal("[\(row + 1), \(column + 1), \(row == column ? vector[k] : vector[k] * scale)]")
        }
        let kind = if case .semidefinite = cone { "symmetric" } else { "diagonal" }
        return .object([
          ("block", .integer(index + 1)), ("kind", .string(kind)), ("order", .integer(cone.size)), ("entries", .array(entries)),
        ])
      })
  }
}

/// A problem that was written to another file.
struct SemidefiniteProgramCopy: TextAndJSON {
  let source: String
  let target: String
  let file: SDPAFile

  var lines: [String] {
    let facts = SemidefiniteProgramFacts(path: target, file: file, settings: ConicSettings())
    return ["\(source) -> \(target)", facts.header[0]]
  }

  var json: JSONValue { .object([("input", .string(source)), ("output", .string(target))]) }
}

extension ConicStatus {
  /// What may be claimed.
  var verdict: SolvedProblem.Verdict {
    switch self {
    case .solved: .solved
    case .primalInfeasible: .primalInfeasible
    case .dualInfeasible: .dualInfeasible
    default: .unsolved
    }
  }

  /// The status in a few words.
  var shortWords: String {
    switch self {
    case .solved: "solved"
    case .solvedInaccurate: "inaccurate"
    case .primalInfeasible: "(P) infeasible"
    case .dualInfeasible: "(D) infeasible"
    case .iterationLimit: "iteration limit"
    case .timeLimit: "time limit"
    case .insufficientProgress: "no progress"
    case .numericalError: "breakdown"
    case .interrupted: "interrupted"
    }
  }
}

extension ConicPointStatus {
  /// The status in words.
  var words: String {
    switch self {
    case .feasible: "feasible"
    case .nearlyFeasible: "nearly feasible"
    case .infeasible: "infeasible"
    case .infeasibilityCertificate: "certificate of infeasibility"
    }
  }
}
