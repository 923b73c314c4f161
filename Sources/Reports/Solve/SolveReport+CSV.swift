import CommandLineSupport

extension SolveReport {
  /// One line for each problem; with all six DIMACS errors.
  public var csv: String {
    let header =
      [
        "problem", "collection", "kind", "m", "n", "blocks", "status", "verdict", "primal_status", "dual_status", "primal_objective",
        "dual_objective", "value", "reference", "digits", "worst_error",
      ] + (1...6).map { "dimacs_\($0)" } + [
        "uncertainty", "certificate_error", "proved_lower", "proved_upper", "engines", "iterations", "cpu_s", "wall_s", "notes",
      ]
    func number(_ value: Double?) -> String { value.map { $0.isFinite ? "\($0)" : $0 > 0 ? "inf" : "-inf" } ?? "" }
    let rows = problems.map { problem -> [String] in
      let names = [
        problem.name, problem.collection, problem.kind.rawValue, "\(problem.variables)", "\(problem.order)", problem.blocks, problem.status,
        problem.verdict.rawValue, problem.primalStatus, problem.dualStatus,
      ]
      let values = [
        problem.primalObjective, problem.dualObjective, problem.value, peers.reference(problem.name)?.value, digits(problem),
        problem.worstError,
      ]
      let errors = (0..<6).map { $0 < problem.dimacs.count ? number(problem.dimacs[$0]) : "" }
      let work = [
        number(problem.uncertainty), number(problem.certificateError), problem.provedLower.map { DecimalBound.down($0, digits: 17) } ?? "",
        problem.provedUpper.map { DecimalBound.up($0, digits: 17) } ?? "", problem.engineWords, "\(problem.iterations)",
        "\(problem.processorSeconds)",
        "\(problem.wallSeconds)", note(problem),
      ]
      return names + values.map(number) + errors + work
    }
    return CSVText.text(header, rows)
  }
}
