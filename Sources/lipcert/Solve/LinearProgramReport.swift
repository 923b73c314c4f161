import CommandLineSupport
import Foundation
import LinearProgramming

/// What is told about a solved linear program.
struct LinearProgramReport {
  let path: String
  let program: LinearProgram
  let solution: LinearSolution

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
    add("status", solution.termination.description)
    add("primal point", solution.primalStatus.rawValue)
    add("dual point", solution.dualStatus.rawValue)
    add("method", solution.method.rawValue)
    add(solution.termination == .unbounded ? "objective of the point" : "objective", solution.objective.map(Self.number))
    if program.objectiveConstant != 0 { add("  without constant", solution.linearObjective.map(Self.number)) }
    if solution.termination == .optimal { add(boundName, solution.safeBound.map(boundText) ?? "none could be proved") }
    if let bound = solution.bestBound { add("best bound of the tree", Self.number(bound)) }
    if let gap = solution.relativeGap { add("gap of the tree", Self.small(gap)) }
    if let residuals = solution.residuals {
      add("primal residual", "\(Self.small(residuals.primal)) (relative \(Self.small(residuals.relativePrimal)))")
      if !program.isMixedInteger, solution.termination != .unbounded {
        add("dual residual", "\(Self.small(residuals.dual)) (relative \(Self.small(residuals.relativeDual)))")
        add("gap", "\(Self.small(residuals.gap)) (relative \(Self.small(residuals.relativeGap)))")
      }
    }
    if solution.termination == .infeasible { add("proof", solution.farkas == nil ? "none" : "a Farkas vector, verified") }
    if solution.termination == .unbounded { add("proof", "a feasible point and a ray, checked up to rounding") }
    add("iterations", Quantity.count(solution.iterations))
    if program.isMixedInteger { add("nodes", Quantity.count(solution.nodes)) }
    add("seconds", Quantity.seconds(solution.seconds))
    return ["\(path): \(Self.sizes(program)), \(senseName)", ""] + table.lines
  }

  /// The report as JSON, with or without the vectors.
  func json(hasVectors: Bool) -> JSONValue {
    let residuals = solution.residuals
    let isMixed = program.isMixedInteger
    var members: [(String, JSONValue)] = [
      ("problem", .string(path)), ("rows", .integer(program.rows.count)), ("columns", .integer(program.columns.count)),
      ("entries", .integer(program.entryCount)), ("integerColumns", .integer(program.columns.count(where: \.isInteger))),
      ("sense", .string(senseName)), ("status", .string(solution.termination.description)),
      ("primalStatus", .string(solution.primalStatus.rawValue)), ("dualStatus", .string(solution.dualStatus.rawValue)),
      ("method", .string(solution.method.rawValue)), ("objective", .number(solution.objective)),
      ("linearObjective", .number(solution.linearObjective)), ("constant", .number(program.objectiveConstant)),
      ("safeBound", safeBound), ("safeBoundProof", .text(solution.safeBound?.proof.rawValue)),
      ("bestBound", .number(solution.bestBound)), ("relativeTreeGap", .number(solution.relativeGap)),
      (
        "residuals",
        .object([
          ("primal", .number(residuals?.primal)), ("relativePrimal", .number(residuals?.relativePrimal)),
          ("dual", isMixed ? .null : .number(residuals?.dual)), ("relativeDual", isMixed ? .null : .number(residuals?.relativeDual)),
          ("gap", isMixed ? .null : .number(residuals?.gap)), ("relativeGap", isMixed ? .null : .number(residuals?.relativeGap)),
        ])
      ), ("infeasibilityProved", .boolean(solution.farkas != nil)), ("iterations", .integer(solution.iterations)),
      ("nodes", .integer(solution.nodes)), ("seconds", .number(solution.seconds)),
    ]
    if hasVectors {
      members += [
        ("columnNames", names(program.columns.map(\.name))), ("rowNames", names(program.rows.map(\.name))),
        ("x", vector(solution.x)), ("rowActivities", vector(solution.rowActivities)), ("rowDuals", vector(solution.rowDuals)),
        ("reducedCosts", vector(solution.reducedCosts)), ("farkas", vector(solution.farkas)), ("ray", vector(solution.ray)),
      ]
    }
    return .object(members)
  }

  private var senseName: String { program.sense == .minimise ? "minimise" : "maximise" }
  private var boundName: String { program.sense == .minimise ? "safe lower bound" : "safe upper bound" }

  private func boundText(_ bound: SafeBound) -> String {
    let text = program.sense == .minimise ? DecimalBound.down(bound.value, digits: 13) : DecimalBound.up(bound.value, digits: 13)
    return "\(text) (distance \(Self.small(solution.certifiedGap ?? .nan)) relative)"
  }

  private var safeBound: JSONValue {
    program.sense == .minimise ? .lower(solution.safeBound?.value) : .upper(solution.safeBound?.value)
  }

  private func vector(_ values: [Double]?) -> JSONValue { values.map { .array($0.map { .number($0) }) } ?? .null }
  private func names(_ names: [String]) -> JSONValue { names.allSatisfy(\.isEmpty) ? .null : .array(names.map { .string($0) }) }

  private static func number(_ value: Double) -> String { String(format: "%.13g", value) }
  private static func small(_ value: Double) -> String { String(format: "%.1e", value) }
}
