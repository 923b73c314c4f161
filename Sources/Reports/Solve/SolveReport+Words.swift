import CommandLineSupport
import Foundation

/// What the report says in plain words; every rendering says the same.
extension SolveReport {
  /// The title.
  var title: String {
    let names = collections.map(\.name)
    return names.count > 3 || names.contains("") ? "Solved problems" : "Solved problems: \(names.joined(separator: ", "))"
  }

  private func count(_ verdict: SolvedProblem.Verdict) -> Int { problems.count { $0.verdict == verdict } }

  /// The verdict in a line.
  var headline: String {
    let infeasible = count(.primalInfeasible) + count(.dualInfeasible)
    let parts = [
      "\(count(.solved)) of \(Quantity.counted(problems.count, "problem")) solved",
      infeasible > 0 ? "\(infeasible) infeasible or unbounded" : nil, count(.unsolved) > 0 ? "\(count(.unsolved)) open" : nil,
    ]
    return parts.compactMap { $0 }.joined(separator: ", ")
  }

  /// What the verdict means.
  var meaning: String {
    "Solved means that every error, recomputed from the numbers of the file with scales of the data only, is within the tolerance, and that they leave the value certain to 1 %. "
      + "Altogether \(Quantity.seconds(problems.reduce(0) { $0 + $1.processorSeconds })) s of processor time, "
      + "\(Quantity.seconds(problems.reduce(0) { $0 + $1.wallSeconds })) s by the clock."
  }

  /// The comparison in sentences.
  public var findings: [String] {
    var lines: [String] = []
    let open = problems.filter { $0.verdict == .unsolved }.map { "\($0.name) (\($0.status))" }
    if !open.isEmpty { lines.append("Not solved: \(open.joined(separator: ", ")).") }
    if let proofWords { lines.append(proofWords) }
    if solvers.isEmpty { return lines }
    let comparison = comparison
    let contradictions = comparison.contradictions
    let places = contradictions.map { "\($0.peer.solver) on \($0.problem.name)" }
    lines.append(
      "Of \(comparison.claimCount) firm claims of the peers about problems with a firm result here, "
        + (places.isEmpty ? "none is contradicted." : "\(places.count) are contradicted: \(places.joined(separator: ", ")).")
        + " Contradicted is a value off by more than 1 %, or the opposite verdict.")
    let errors = comparison.ownErrors.map(\.name)
    lines.append(
      errors.isEmpty
        ? "No problem called solved here is off its reference by 1 % or more."
        : "Called solved here although the reference disagrees by 1 % or more: \(errors.joined(separator: ", ")).")
    for ratio in comparison.timeRatios {
      lines.append(
        String(
          format:
            """
            Processor time beside the seconds listed for \(ratio.solver), which are from another machine: geometric mean over the %d problems \
            both solved %.2f times as long; less time on %d.
            """,
          ratio.count, ratio.ratio, ratio.fasterCount))
    }
    for digits in comparison.digitsInTime("scs") {
      lines.append(
        "Beside \(digits.solver): at least as many digits in at most the time on \(digits.better.count)"
          + Self.named(digits.better) + "; fewer digits in more time on \(digits.worse.count)" + Self.named(digits.worse)
          + "; more digits in more time, or fewer in less, on \(digits.mixed.count)" + Self.named(digits.mixed) + ".")
    }
    return lines
  }

  /// How much is proved; `nil` when no proof was asked for.
  private var proofWords: String? {
    let asked = problems.filter { $0.proof != nil }
    if asked.isEmpty { return nil }
    let sides = asked.map { ($0.provedLower == nil ? 0 : 1) + ($0.provedUpper == nil ? 0 : 1) }
    let infeasible = asked.count { $0.verdict == .primalInfeasible || $0.verdict == .dualInfeasible }
    return
      "Proved for the doubles nearest to the numbers of the file, with all rounding errors enclosed: both bounds of the optimum on \(sides.count { $0 == 2 }), one on "
      + "\(sides.count { $0 == 1 }) of \(asked.count - infeasible) problems, as the tables note. The proofs' time is not in the seconds."
  }

  private static func named(_ names: [String]) -> String { names.isEmpty || names.count > 12 ? "" : " (\(names.joined(separator: ", ")))" }

  /// What the peers' numbers are.
  var peerRemark: String {
    "The peers' seconds are processor seconds (user and system) of a solve with its set-up and without reading the file, one thread for each "
      + "solver, taken on another machine (2 cores of a Xeon at 2.5 GHz, shared with other jobs at a load of 6 to 9) with limits by the clock; "
      + "ours are processor seconds of all \(Quantity.counted(machine.threads, "thread")) on this machine, likewise with set-up and without "
      + "reading the file. Tolerances differ as well: a peer's stands behind its name and is measured as that solver does, ours is the one below. "
      + "Ratios between such seconds are good for orders of magnitude. Cells: [status] seconds / digits; the status is left out when "
      + "the solver says solved. Digits: -log10 of the greater relative error of the two objectives against the reference, up to what "
      + "the reference knows."
  }

  /// Where all of this comes from.
  var provenance: [(name: String, value: String)] {
    var rows = settings
    rows.append(("Threads", "\(machine.threads) on \(Quantity.counted(machine.cores, "core"))"))
    if let processor = machine.processor { rows.append(("Processor", processor)) }
    rows += [("BLAS", machine.blas ?? "not optimised"), ("Software", "lipcert \(version)"), ("Date", date.formatted(.iso8601))]
    return rows
  }

  /// The table of results: titles, and which of them are numbers.
  static let columns = ["Problem", "m", "n", "Blocks", "Status", "Value", "Digits", "Worst error", "Iterations", "CPU s", "Wall s"]
  static let numberColumns: Set<Int> = [1, 2, 5, 6, 7, 9, 10]
  /// What the columns mean.
  static let columnsCaption =
    "m: variables. n: order of the matrices (rows, for linear programs). Value: half-way between the two objectives of SDPA's (P), min c'x, and "
    + "(D). Digits: agreement with the reference, up to what it knows. Worst error: the greatest of the six DIMACS errors in magnitude, or the "
    + "error of the certificate; all six are in results.json and results.csv. Iterations by engine."

  /// A problem's cells, in the order of ``columns``.
  func cells(_ problem: SolvedProblem) -> [String] {
    [
      problem.name, Quantity.count(problem.variables), Quantity.count(problem.order), problem.blocks, problem.status, problem.valueText,
      digits(problem).map { String(format: "%.1f", $0) } ?? "-", problem.errorText, problem.engineWords,
      Quantity.fineSeconds(problem.processorSeconds), Quantity.fineSeconds(problem.wallSeconds),
    ]
  }

  /// The table beside the peers: titles.
  func peerColumns(_ problems: [SolvedProblem]) -> [String] { ["Problem", "Reference", "lipcert"] + solvers(for: problems) }

  /// A problem's cells, in the order of ``peerColumns(_:)``.
  func peerCells(_ problem: SolvedProblem, _ solvers: [String]) -> [String] {
    let claim = problem.verdict == .solved ? "" : "[\(problem.status)] "
    let own = claim + Quantity.fineSeconds(problem.processorSeconds) + " / " + (digits(problem).map { String(format: "%.1f", $0) } ?? "-")
    let reference = peers.reference(problem.name).map { String(format: "%.10g", $0.value) } ?? "-"
    return [problem.name, reference, own] + solvers.map { peers.result($0, problem.name)?.cell ?? "-" }
  }

  /// What is odd about a problem's run.
  func note(_ problem: SolvedProblem) -> String {
    ([problem.proofText].compactMap { $0 } + problem.warnings + problem.notes).joined(separator: "; ")
  }
}
