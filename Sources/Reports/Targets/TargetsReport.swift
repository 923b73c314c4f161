import Certificates
import CommandLineSupport
import Foundation
import Lipschitz

/// What `bound` found about many functions of the outputs: one table, in every form.
public struct TargetsReport: Report, Sendable {
  /// One function of the outputs.
  public struct Row: Sendable {
    /// The function.
    public var target: OutputSelection
    /// The method's answer.
    public var estimate: LipschitzEstimate
    /// The uncertified bound from shared multipliers, where there is one.
    public var forward: Double?
    /// The certificate file, when one was written.
    public var certificate: CertificateFacts?

    /// A row without certificate file.
    public init(_ result: TargetEstimator.Result) {
      self.init(target: result.target, estimate: result.estimate, forward: result.forward)
    }

    /// Collects the parts.
    public init(target: OutputSelection, estimate: LipschitzEstimate, forward: Double? = nil) {
      (self.target, self.estimate, self.forward) = (target, estimate, forward)
    }
  }

  static let digits = BoundReport.digits

  /// The model.
  public var model: ModelFacts
  /// The norm of the inputs.
  public var inputNorm: InputNorm
  /// What was asked for.
  public var targets: TargetSet
  /// The rows, in the order of the targets.
  public var rows: [Row]
  /// The relative gap at which the method stopped.
  public var tolerance: Double
  /// The seed of every random choice.
  public var seed: UInt64
  /// Seconds that all targets took together.
  public var seconds: Double
  /// Seconds for all targets together, or `nil`.
  public var timeLimit: Double?
  /// The machine.
  public var machine: Machine
  /// The software's version.
  public var version = Version.current
  /// When the report was made.
  public var date = Date()

  /// Collects the parts.
  public init(
    model: ModelFacts, inputNorm: InputNorm, targets: TargetSet, rows: [Row], tolerance: Double, seed: UInt64, seconds: Double,
    timeLimit: Double? = nil, machine: Machine = .current
  ) {
    (self.model, self.inputNorm, self.targets, self.rows) = (model, inputNorm, targets, rows)
    (self.tolerance, self.seed, self.seconds, self.timeLimit, self.machine) = (tolerance, seed, seconds, timeLimit, machine)
  }

  /// The rows whose bound is certified.
  public var certified: [Row] { rows.filter { $0.estimate.isCertified && $0.estimate.upper != nil } }

  /// The single certificate of another run.
  public var staleFiles: [String] { [BoundReport.certificateName] }

  // MARK: - Words

  private var largest: Row? { certified.max { $0.estimate.upper ?? 0 < $1.estimate.upper ?? 0 } }

  private var conclusion: String {
    guard let largest, let upper = largest.estimate.upper else { return "Not certified: no bound was proved" }
    let all = certified.count == rows.count ? "all \(rows.count)" : "\(certified.count) of \(rows.count)"
    return "Certified: \(all) targets; the largest is " + StatementWords.inequality(largest.target, inputNorm, bound: upper)
  }

  private var problem: String { "\(model.sizes); input norm \(inputNorm.rawValue), \(targets), each for all inputs" }

  private var settings: String {
    "\(Quantity.seconds(seconds)) s in all, tolerance \(tolerance), seed \(seed), "
      + "\(Quantity.counted(machine.threads, "thread")) on \(Quantity.counted(machine.cores, "core"))"
  }

  private static let caption =
    "Forward: the bound that multipliers shared by all targets give before each is solved; computed, not certified. Lower: the least bound "
    + "that the method can reach for the target, not a gain of the network."

  private static let titles = ["Target", "Certified", "Upper", "Lower", "Gap", "Forward", "Seconds", "Stopped by"]

  private func cells(_ row: Row) -> [String] {
    let estimate = row.estimate
    func up(_ value: Double?, _ digits: Int) -> String { value.map { DecimalBound.up($0, digits: digits) } ?? "-" }
    return [
      StatementWords.name(row.target), estimate.isCertified ? "yes" : "no", up(estimate.upper, Self.digits),
      estimate.lower.map { DecimalBound.down($0, digits: Self.digits) } ?? "-", up(estimate.gap.map { max(0, $0) }, 2),
      up(row.forward, Self.digits), Quantity.seconds(estimate.seconds), estimate.stopReason.words,
    ]
  }

  private var notes: [String] {
    rows.compactMap { row in row.estimate.isCertified ? nil : row.estimate.note.map { "\(StatementWords.name(row.target)): \($0)" } }
  }

  private var provenance: [(name: String, value: String)] {
    [
      ("Model", model.path), ("Model SHA-256", model.sha256), ("Problem", problem), ("Run", settings),
      ("BLAS", machine.blas ?? "not optimised"), ("Software", "lipcert \(version)"), ("Date", date.formatted(.iso8601)),
    ]
  }

  // MARK: - Forms

  /// The lines for people.
  public var lines: [String] {
    var table = Table(Self.titles.enumerated().map { ($1.lowercased(), 2...6 ~= $0 ? .right : .left) })
    for row in rows { table.add(cells(row)) }
    let files = rows.compactMap(\.certificate)
    var result = ["model    \(model.path)  sha256 \(model.sha256)", "problem  \(problem)", ""] + table.lines + ["", conclusion + "."]
    result += ["Note: \(Self.caption)"] + notes.map { "Note: \($0)." }
    if let first = files.first {
      let folder = (first.path as NSString).deletingLastPathComponent
      let check = files.allSatisfy(\.isChecked) ? "read back and checked" : "not checked"
      result.append("Certificates: \(files.count) in \(folder), \(check).")
    }
    return result + [settings]
  }

  /// The object for machines.
  public var json: JSONValue {
    .object([
      (
        "model",
        .object([
          ("path", .string(model.path)), ("sha256", .string(model.sha256)), ("inputs", .integer(model.inputs)),
          ("outputs", .integer(model.outputs)), ("units", .integer(model.units)),
        ])
      ),
      ("norm", .string(inputNorm.rawValue)),
      ("targets", .string("\(targets)")),
      ("results", .array(rows.map(Self.json))),
      ("seconds", .number(seconds)),
      ("tolerance", .number(tolerance)),
      ("timeLimit", .number(timeLimit)),
      ("seed", .integer(seed)),
      ("threads", .integer(machine.threads)),
      ("cores", .integer(machine.cores)),
      ("blas", .text(machine.blas)),
      ("version", .string(version)),
    ])
  }

  private static func json(_ row: Row) -> JSONValue {
    let estimate = row.estimate
    return .object([
      ("target", .array(indices(row.target).map { .integer($0) })),
      ("method", .string(estimate.method)),
      ("upper", .upper(estimate.upper)),
      ("lower", .lower(estimate.lower)),
      ("certified", .boolean(estimate.isCertified)),
      ("forward", .upper(row.forward)),
      ("seconds", .number(estimate.seconds)),
      ("iterations", .integer(estimate.iterations)),
      ("stopReason", .string(estimate.stopReason.rawValue)),
      ("certificate", .text(row.certificate?.path)),
      ("note", .text(estimate.note)),
    ])
  }

  private static func indices(_ target: OutputSelection) -> [Int] {
    switch target {
    case .all: []
    case .output(let i): [i]
    case .difference(let i, let j): [i, j]
    }
  }

  /// One line for each target, as RFC 4180 has it; bounds are rounded outwards in their seventeenth digit.
  public var csv: String {
    let header = [
      "output", "minus", "method", "certified", "upper", "lower", "forward", "seconds", "iterations", "stop_reason", "certificate", "note",
    ]
    let lines = rows.map { row -> [String] in
      let (estimate, places) = (row.estimate, Self.indices(row.target))
      func up(_ value: Double?) -> String { value.map { DecimalBound.up($0, digits: 17) } ?? "" }
      return [
        places.first.map { "\($0)" } ?? "", places.count > 1 ? "\(places[1])" : "", estimate.method, "\(estimate.isCertified)",
        up(estimate.upper), estimate.lower.map { DecimalBound.down($0, digits: 17) } ?? "", up(row.forward), "\(estimate.seconds)",
        "\(estimate.iterations)", estimate.stopReason.rawValue, row.certificate?.path ?? "", estimate.note ?? "",
      ]
    }
    return CSVText.text(header, lines)
  }

  /// All drawings.
  public var figures: [Figure] { charts.map(\.figure) }

  /// The bounds, target by target.
  private var charts: [any Chart] {
    let shown = rows.prefix(Self.shownCount)
    let omitted = rows.count - shown.count
    return [
      DotChart(
        id: "targets", title: "Bounds by target", unit: "Lipschitz constant, input norm \(inputNorm.rawValue) (log scale)",
        advice: "Further left is better. Filled marks of upper bounds are certified, hollow ones are not. Lower: the least bound that the "
          + "method can reach; forward: the bound of the multipliers that all targets share, not certified."
          + (omitted > 0 ? " Without \(Quantity.counted(omitted, "more target"))." : ""),
        rows: shown.map { StatementWords.name($0.target) },
        series: [
          .init(name: "upper", dots: shown.map { row in row.estimate.upper.map { ($0, row.estimate.isCertified) } }, rounding: .up),
          .init(name: "lower", dots: shown.map { row in row.estimate.lower.map { ($0, true) } }, rounding: .down),
          .init(name: "forward", dots: shown.map { row in row.forward.map { ($0, false) } }, rounding: .up),
        ].filter { series in series.dots.contains { $0 != nil } }, isLogarithmic: true)
    ].compactMap { $0 }
  }

  /// More rows than this make no figure.
  private static let shownCount = 60

  /// The report as Markdown (GitHub's tables).
  public var markdown: String {
    var lines = ["# Lipschitz bounds of \(Markdown.plain(model.name)): \(targets)", "", "**\(Markdown.plain(conclusion)).**", ""]
    lines += Markdown.table(Self.titles, rows.map(cells), numbers: Set(2...6)) + ["", Markdown.plain(Self.caption), ""]
    if !notes.isEmpty { lines += Markdown.bullets(notes) + [""] }
    if !charts.isEmpty { lines += ["## Figures", ""] + charts.markdown }
    lines += ["## Provenance", ""] + Markdown.table(["", ""], provenance.map { [$0.name, $0.value] }, numbers: [])
    return lines.joined(separator: "\n") + "\n"
  }

  /// The report as one page that needs nothing else.
  public var html: String {
    let columns = Self.titles.enumerated().map { CardTable.Column(title: $1, isNumber: 2...6 ~= $0) }
    let table = CardTable(
      columns: columns,
      rows: rows.map { row in
        CardTable.Row(
          cells: cells(row).enumerated().map { CardTable.Cell(text: $1, style: $0 == 1 ? $1 : "") },
          note: row.estimate.isCertified ? "" : row.estimate.note ?? "")
      }, caption: Self.caption)
    return HTMLPage.document(
      title: "Lipschitz bounds of \(model.name): \(targets)", version: version,
      main: [
        Markup.text("h1", "Lipschitz bounds of \(model.name): \(targets)"),
        HTMLPage.verdict(conclusion, problem, isOpen: certified.count < rows.count), HTMLPage.section("Targets", table.markup),
        HTMLPage.section("Figures", charts.markup),
        HTMLPage.section("Provenance", HTMLPage.facts(provenance)),
      ])
  }
}
