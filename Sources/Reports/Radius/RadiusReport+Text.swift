import Certificates
import CommandLineSupport
import Foundation
import Robustness

extension RadiusReport {
  /// The report as Markdown (GitHub's tables).
  public var markdown: String {
    var lines = ["# \(Markdown.plain(title))", "", "**\(Markdown.plain(conclusion)).** \(Markdown.plain(meaning))", ""]
    if !notes.isEmpty { lines += Markdown.bullets(notes) + [""] }
    func section(
      _ name: String, _ titles: [String], _ rows: [[String]], _ caption: String, words: Set<Int> = [0], before: [any Chart] = [],
      after: [any Chart] = []
    ) {
      if rows.isEmpty { return }
      lines += ["## \(name)", ""] + before.markdown
      lines += Markdown.table(titles.map(Markdown.plain), rows, numbers: Set(titles.indices).subtracting(words))
      lines += ["", Markdown.plain(caption), ""] + after.markdown
    }
    section("Certified accuracy", accuracyTitles, accuracyRows, Self.accuracyCaption, words: [], before: curveCharts)
    section("Methods", Self.methodTitles, summary.methods.map(cells) + (summary.attack.map { [cells($0)] } ?? []), Self.methodCaption)
    if !bracketCharts.isEmpty { lines += ["## Radii and brackets", ""] + bracketCharts.markdown }
    section("Largest gaps", Self.inputTitles, largestGaps.map(cells), Self.gapCaption, words: [3], after: gapCharts)
    section("Most fragile inputs", Self.inputTitles, mostFragile.map(cells), Self.fragileCaption, words: [3], after: fragileCharts)
    lines += ["## Provenance", ""] + Markdown.table(["", ""], provenance.map { [$0.name, $0.value] }, numbers: [])
    return lines.joined(separator: "\n") + "\n"
  }

  /// One line for each input, as RFC 4180 has it: certified radii rounded down, distances of adversaries rounded up, in the seventeenth digit.
  public var csv: String {
    let methods = header.methods
    let titles =
      ["index", "label", "answer", "correct", "margin", "certified", "method", "exact", "attacked", "rival", "attack_seconds"]
      + methods.flatMap { ["\($0)_radius", "\($0)_seconds"] }
    let rows = records.map { record -> [String] in
      func down(_ value: Double?) -> String { value.map { DecimalBound.down($0, digits: 17) } ?? "" }
      let attack = record.attack
      let own = methods.flatMap { name -> [String] in
        let result = record.certified.first { $0.method == name }
        return [down(result?.radius), result.map { "\($0.seconds)" } ?? ""]
      }
      return [
        "\(record.index)", "\(record.label)", "\(record.answer)", "\(record.isCorrect)", "\(record.margin)", down(record.radius),
        record.best?.method ?? "", "\(record.best?.isExact ?? false)",
        record.attackRadius.map { DecimalBound.up($0, digits: 17) } ?? "", attack?.rival.map { "\($0)" } ?? "",
        attack.map { "\($0.seconds)" } ?? "",
      ] + own
    }
    return CSVText.text(titles, rows)
  }

  /// The object for machines.
  public var json: JSONValue {
    .object([
      (
        "model",
        .object([
          ("path", .string(model.path)), ("sha256", .string(model.sha256)), ("digest", .string(header.model)),
          ("inputs", .integer(model.inputs)), ("outputs", .integer(model.outputs)), ("units", .integer(model.units)),
        ])
      ),
      ("inputs", .object([("path", .string(inputsPath)), ("sha256", .string(header.inputs)), ("count", .integer(header.inputCount))])),
      ("norm", .string(header.norm.rawValue)),
      ("domain", header.domain.map { .array($0.map { .number($0) }) } ?? .null),
      ("evaluated", .integer(summary.inputCount)),
      ("correct", .integer(summary.correctCount)),
      ("methods", .array(summary.methods.map(Self.json))),
      ("attack", summary.attack.map(Self.json) ?? .null),
      ("medianCertified", .lower(summary.medianCertified)),
      ("medianBracket", .upper(summary.medianBracket)),
      ("medianRatio", .lower(summary.medianRatio)),
      (
        "accuracies",
        .array(
          summary.points.map {
            .object([("radius", .number($0.radius)), ("certified", .number($0.certified)), ("attacked", .number($0.attacked))])
          })
      ),
      ("contradictions", .array(summary.contradictions.map { .integer($0) })),
      ("results", .array(records.map(Self.json))),
      ("seconds", .number(seconds)),
      ("tolerance", .number(header.tolerance)),
      ("timeLimit", .number(header.timeLimit)),
      ("seed", .integer(header.seed)),
      ("threads", .integer(machine.threads)),
      ("cores", .integer(machine.cores)),
      ("blas", .text(machine.blas)),
      ("version", .string(version)),
    ])
  }

  private static func json(_ method: RadiusSummary.Method) -> JSONValue {
    .object([
      ("method", .string(method.name)), ("medianRadius", .lower(method.median)), ("certified", .integer(method.certifiedCount)),
      ("best", .integer(method.bestCount)), ("exact", .integer(method.exactCount)), ("seconds", .number(method.seconds)),
      ("medianSeconds", .number(method.medianSeconds)), ("note", .text(method.note)),
    ])
  }

  private static func json(_ attack: RadiusSummary.Attack) -> JSONValue {
    .object([
      ("attack", .string(attack.name)), ("medianRadius", .upper(attack.median.flatMap { $0.isFinite ? $0 : nil })),
      ("found", .integer(attack.foundCount)), ("seconds", .number(attack.seconds)), ("medianSeconds", .number(attack.medianSeconds)),
    ])
  }

  private static func json(_ record: RadiusRecord) -> JSONValue {
    .object([
      ("index", .integer(record.index)), ("label", .integer(record.label)), ("answer", .integer(record.answer)),
      ("correct", .boolean(record.isCorrect)), ("certified", .lower(record.radius)), ("method", .text(record.best?.method)),
      ("exact", .boolean(record.best?.isExact ?? false)), ("attacked", .upper(record.attackRadius)),
      ("rival", .integer(record.attack?.rival)),
    ])
  }
}
