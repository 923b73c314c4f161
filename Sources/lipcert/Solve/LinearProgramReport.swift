import CommandLineSupport
import Foundation
import LinearProgramming
import Reports

/// What is told about a solved linear program.
struct LinearProgramReport: SolveAnswer {
  let path: String
  let program: LinearProgram
  let result: LinearSolution
  /// Seconds of all threads together, without reading the file.
  let processorSeconds: Double

  /// "27 rows, 32 columns, 83 entries".
  static func sizes(_ program: LinearProgram) -> String {
    let whole = program.columns.count(where: \.isInteger)
    return [(program.rows.count, "row"), (program.columns.count, "column")].map { Quantity.counted($0, $1) }.joined(separator: ", ")
      + (whole > 0 ? " (\(Quantity.count(whole)) integer)" : "") + ", "
      + (program.entryCount == 1 ? "1 entry" : "\(Quantity.count(program.entryCount)) entries")
  }

  /// The report as text.
  var lines: [String] {
    var table = Table([("quantity", .left), ("value", .left)])
    func add(_ name: String, _ value: String?) { if let value { table.add([name, value]) } }
    add("status", result.termination.description)
    add("primal point", result.primalStatus.rawValue)
    add("dual point", result.dualStatus.rawValue)
    add("method", result.method.rawValue)
    add(result.termination == .unbounded ? "objective of the point" : "objective", result.objective.map(Self.number))
    if program.objectiveConstant != 0 { add("  without constant", result.linearObjective.map(Self.number)) }
    if result.termination == .optimal { add(boundName, result.safeBound.map(boundText) ?? "none could be proved") }
    if let bound = result.bestBound { add("best bound of the tree", Self.number(bound)) }
    if let gap = result.relativeGap { add("gap of the tree", Self.small(gap)) }
    if let residuals = result.residuals {
      add("primal residual", "\(Self.small(residuals.primal)) (relative \(Self.small(residuals.relativePrimal)))")
      if !program.isMixedInteger, result.termination != .unbounded {
        add("dual residual", "\(Self.small(residuals.dual)) (relative \(Self.small(residuals.relativeDual)))")
        add("gap", "\(Self.small(residuals.gap)) (relative \(Self.small(residuals.relativeGap)))")
      }
    }
    if result.termination == .infeasible { add("proof", result.farkas == nil ? "none" : "a Farkas vector, verified") }
    if result.termination == .unbounded { add("proof", "a feasible point and a ray, checked up to rounding") }
    add("iterations", Quantity.count(result.iterations))
    if program.isMixedInteger { add("nodes", Quantity.count(result.nodes)) }
    add("seconds", Quantity.seconds(result.seconds))
    return ["\(path): \(Self.sizes(program)), \(senseName)", ""] + table.lines
  }

  /// The report as JSON, with or without the vectors.
  func json(hasVectors: Bool) -> JSONValue {
    let residuals = result.residuals
    let isMixed = program.isMixedInteger
    var members: [(String, JSONValue)] = [
      ("problem", .string(path)), ("rows", .integer(program.rows.count)), ("columns", .integer(program.columns.count)),
      ("entries", .integer(program.entryCount)), ("integerColumns", .integer(program.columns.count(where: \.isInteger))),
      ("sense", .string(senseName)), ("status", .string(result.termination.description)),
      ("primalStatus", .string(result.primalStatus.rawValue)), ("dualStatus", .string(result.dualStatus.rawValue)),
      ("method", .string(result.method.rawValue)), ("objective", .number(result.objective)),
      ("linearObjective", .number(result.linearObjective)), ("constant", .number(program.objectiveConstant)),
      ("safeBound", safeBound), ("safeBoundProof", .text(result.safeBound?.proof.rawValue)),
      ("bestBound", .number(result.bestBound)), ("relativeTreeGap", .number(result.relativeGap)),
      (
        "residuals",
        .object([
          ("primal", .number(residuals?.primal)), ("relativePrimal", .number(residuals?.relativePrimal)),
          ("dual", isMixed ? .null : .number(residuals?.dual)), ("relativeDual", isMixed ? .null : .number(residuals?.relativeDual)),
          ("gap", isMixed ? .null : .number(residuals?.gap)), ("relativeGap", isMixed ? .null : .number(residuals?.relativeGap)),
        ])
      ), ("infeasibilityProved", .boolean(result.farkas != nil)), ("iterations", .integer(result.iterations)),
      ("nodes", .integer(result.nodes)), ("seconds", .number(result.seconds)),
    ]
    if hasVectors {
      members += [
        ("columnNames", names(program.columns.map(\.name))), ("rowNames", names(program.rows.map(\.name))),
        ("x", vector(result.x)), ("rowActivities", vector(result.rowActivities)), ("rowDuals", vector(result.rowDuals)),
        ("reducedCosts", vector(result.reducedCosts)), ("farkas", vector(result.farkas)), ("ray", vector(result.ray)),
      ]
    }
    return .object(members)
  }

  var json: JSONValue { json(hasVectors: false) }

  var solution: JSONValue { json(hasVectors: true) }

  /// The row of a table. The dual objective is the bound that is proved.
  var summary: SolvedProblem {
    var problem = SolvedProblem(
      path: path, kind: .linear, verdict: result.termination.verdict, status: result.termination.description,
      statusWords: result.termination.description)
    (problem.variables, problem.order, problem.entries) = (program.columns.count, program.rows.count, program.entryCount)
    (problem.primalStatus, problem.dualStatus) = (result.primalStatus.rawValue, result.dualStatus.rawValue)
    (problem.primalObjective, problem.dualObjective) = (result.objective, program.isMixedInteger ? nil : result.objective)
    if let residuals = result.residuals {
      let dual = program.isMixedInteger ? [] : [residuals.relativeDual, residuals.relativeGap]
      problem.worstError = ([residuals.relativePrimal] + dual).reduce(0) { max($0, $1.magnitude) }
    }
    problem.engines = [SolvedProblem.EngineShare(name: result.method.rawValue, iterations: result.iterations, seconds: result.seconds)]
    (problem.wallSeconds, problem.processorSeconds) = (result.seconds, processorSeconds)
    return problem
  }

  private var senseName: String { program.sense == .minimise ? "minimise" : "maximise" }
  private var boundName: String { program.sense == .minimise ? "safe lower bound" : "safe upper bound" }

  private func boundText(_ bound: SafeBound) -> String {
    let text = program.sense == .minimise ? DecimalBound.down(bound.value, digits: 13) : DecimalBound.up(bound.value, digits: 13)
    return "\(text) (distance \(Self.small(result.certifiedGap ?? .nan)) relative)"
  }

  private var safeBound: JSONValue {
    program.sense == .minimise ? .lower(result.safeBound?.value) : .upper(result.safeBound?.value)
  }

  private func vector(_ values: [Double]?) -> JSONValue { values.map { .array($0.map { .number($0) }) } ?? .null }
  private func names(_ names: [String]) -> JSONValue { names.allSatisfy(\.isEmpty) ? .null : .array(names.map { .string($0) }) }

  private static func number(_ value: Double) -> String { String(format: "%.13g", value) }
  private static func small(_ value: Double) -> String { String(format: "%.1e", value) }
}

extension LinearSolution.Termination {
  /// What may be claimed.
  var verdict: SolvedProblem.Verdict {
    switch self {
    case .optimal: .solved
    case .infeasible: .primalInfeasible
    case .unbounded: .dualInfeasible
    case .iterationLimit, .timeLimit, .cancelled, .numericalTrouble: .unsolved
    }
  }
}
