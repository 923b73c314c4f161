import CommandLineSupport
import Foundation

extension SolvedProblem {
  /// What the six DIMACS errors measure; the challenge's primal is SDPA's (D).
  static let dimacsNames = [
    "equations of (D)", "Y in its cone", "equations of (P)", "X in its cone", "objectives' difference", "<X, Y>",
  ]

  /// A table of everything about the problem.
  public var lines: [String] {
    var table = Table([("quantity", .left), ("value", .left)])
    func add(_ name: String, _ value: String?) { if let value { table.add([name, value]) } }
    add("status", statusWords)
    add("primal point (x, X)", primalStatus)
    add("dual point (Y)", dualStatus)
    add("primal objective", primalObjective.map(Self.number))
    add("dual objective", dualObjective.map(Self.number))
    for (index, (name, error)) in zip(Self.dimacsNames, dimacs).enumerated() {
      add("DIMACS error \(index + 1), \(name)", Self.small(error))
    }
    add("uncertainty of the value", uncertainty.map(Self.small))
    add("distance of X from the cone", primalConeDistance.map(Self.small))
    add("distance of Y from the cone", dualConeDistance.map(Self.small))
    add("error of the certificate", certificateError.map(Self.small))
    add("proved", proof)
    add("proved lower bound", provedLower.map { DecimalBound.down($0, digits: 13) })
    add("proved upper bound", provedUpper.map { DecimalBound.up($0, digits: 13) })
    for engine in engines {
      add("engine \(engine.name)", "\(Quantity.counted(engine.iterations, "iteration")), \(Quantity.fineSeconds(engine.seconds)) s")
    }
    for reformulation in reformulations { add("reformulation", reformulation) }
    for note in notes { add("note", note) }
    add("seconds", "\(Quantity.fineSeconds(wallSeconds)) wall, \(Quantity.fineSeconds(processorSeconds)) CPU")
    return table.lines
  }

  /// The engines with their iterations, shortly: "interior-point 14, newton 3".
  public var engineWords: String {
    engines.isEmpty ? "-" : engines.map { "\($0.name) \(Quantity.count($0.iterations))" }.joined(separator: ", ")
  }

  /// What is proved, in a line; `nil` when no proof was asked for.
  var proofText: String? {
    let (lower, upper) = (provedLower.map { DecimalBound.down($0, digits: 9) }, provedUpper.map { DecimalBound.up($0, digits: 9) })
    switch (lower, upper) {
    case (let lower?, let upper?): return "proved: \(lower) <= optimum <= \(upper)"
    case (let lower?, nil): return "proved: optimum >= \(lower)"
    case (nil, let upper?): return "proved: optimum <= \(upper)"
    case (nil, nil): return proof.map { "proved: \($0)" }
    }
  }

  /// The value with ten digits.
  var valueText: String { value.map { $0.isFinite ? Self.number($0) : $0 > 0 ? "infeasible" : "unbounded" } ?? "-" }

  /// The greatest error.
  var errorText: String { worstError.map(Self.small) ?? "-" }

  private static func number(_ value: Double) -> String { String(format: "%.10g", value) }
  static func small(_ value: Double) -> String { String(format: "%.1e", value) }
}
