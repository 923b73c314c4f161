import CommandLineSupport

extension SolvedProblem {
  /// The members of the problem's JSON object.
  public var members: [(String, JSONValue)] {
    [
      ("problem", .string(path)), ("kind", .string(kind.rawValue)), ("variables", .integer(variables)), ("order", .integer(order)),
      ("entries", .integer(entries)), ("blocks", .string(blocks)),
      ("status", .string(status)), ("verdict", .string(verdict.rawValue)), ("meaning", .string(statusWords)),
      ("primalStatus", .string(primalStatus)), ("dualStatus", .string(dualStatus)),
      ("primalObjective", .number(primalObjective)), ("dualObjective", .number(dualObjective)), ("value", .number(value)),
      ("dimacsErrors", .array(dimacs.map { .number($0) })), ("worstError", .number(worstError)), ("uncertainty", .number(uncertainty)),
      ("primalConeDistance", .number(primalConeDistance)), ("dualConeDistance", .number(dualConeDistance)),
      ("certificateError", .number(certificateError)), ("provedLower", .lower(provedLower)), ("provedUpper", .upper(provedUpper)),
      ("proof", .text(proof)),
      (
        "engines",
        .array(
          engines.map {
            .object([("engine", .string($0.name)), ("iterations", .integer($0.iterations)), ("seconds", .number($0.seconds))])
          })
      ), ("iterations", .integer(iterations)), ("wallSeconds", .number(wallSeconds)), ("cpuSeconds", .number(processorSeconds)),
      ("reformulations", Self.list(reformulations)), ("notes", Self.list(notes)), ("warnings", Self.list(warnings)),
    ]
  }

  private static func list(_ texts: [String]) -> JSONValue { .array(texts.map { .string($0) }) }
}
