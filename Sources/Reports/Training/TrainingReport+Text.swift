import CommandLineSupport
import Compression
import Foundation
import Training

extension TrainingReport {
  /// The lines for a terminal.
  public var lines: [String] {
    var lines = accuracyTable(noisy: false).lines
    if hasNoise { lines += ["", "with noise:"] + accuracyTable(noisy: true).lines }
    for facts in factTables { lines += [""] + facts.table.lines }
    if !claims.isEmpty { lines += [""] + claimTable.lines }
    return lines + [""]
  }

  /// The report as Markdown (GitHub's tables).
  public var markdown: String {
    var lines = ["# \(Markdown.plain(title))", "", "**\(Markdown.plain(headline)).** \(Markdown.plain(meaning))", ""]
    if !claims.isEmpty { lines += ["## Claims", ""] + claimTable.markdown }
    if !sizeCharts.isEmpty { lines += ["## Size against robustness", ""] + sizeCharts.markdown }
    lines += ["## Accuracies", ""] + accuracyCharts.markdown + accuracyTables.flatMap(\.markdown)
    for facts in factTables { lines += ["## \(facts.title)", ""] + facts.charts.markdown + facts.table.markdown }
    if !learningCharts.isEmpty { lines += ["## Training", ""] + learningCharts.markdown }
    lines += ["## Provenance", ""]
    lines += Markdown.table(["", ""], provenance.map { [$0.name, $0.value] }, numbers: [])
    return lines.joined(separator: "\n") + "\n"
  }

  /// One line for each run.
  public var csv: String {
    let measures = accuracies
    let facts = pruningMeasures + certificationMeasures
    let titles =
      ["variant", "seed", "parameters", "epoch"] + measures.map(\.word) + (hasNoise ? measures.map { "noisy_\($0.word)" } : [])
      + facts.map { ($0.word == "parameters" ? "saved_" : "") + $0.word.replacing("-", with: "_") } + [
        "training_seconds", "evaluation_seconds", "network_sha256",
      ]
    func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
    let rows = variants.flatMap { variant in
      variant.runs.map { run in
        let record = run.record
        return [variant.name, "\(record.seed)", "\(record.parameterCount)", "\(record.epoch)"]
          + measures.map { number(record.deployed?[$0.word]) }
          + (hasNoise ? measures.map { number(record.noisy?[$0.word]) } : [])
          + facts.map { number($0.value(of: run)) } + ["\(record.trainingSeconds)", "\(record.evaluationSeconds)", record.network]
      }
    }
    return CSVText.text(titles, rows)
  }

  /// The object for machines.
  public var json: JSONValue {
    .object([
      ("title", .string(title)),
      (
        "variants",
        .array(
          variants.map { variant in
            .object([
              ("name", .string(variant.name)), ("title", .string(variant.title)), ("runs", .array(variant.runs.map(json))),
            ])
          })
      ),
      (
        "claims",
        .array(
          claims.map { claim in
            .object([
              ("id", .string(claim.id)), ("statement", .string(claim.statement)), ("order", .array(claim.order.map { .string($0.words) })),
              ("measure", .string(claim.measure.word)), ("withNoise", .boolean(claim.isNoisy)),
              ("atLeast", .number(claim.margin)), ("difference", .number(difference(claim))),
              ("holds", holds(claim).map { .boolean($0) } ?? .null),
            ])
          })
      ),
      ("cores", .integer(machine.cores)),
      ("blas", .text(machine.blas)),
      ("version", .string(version)),
    ])
  }

  private func json(_ run: Run) -> JSONValue {
    let record = run.record
    func accuracies(_ value: TrainedRecord.Accuracies?) -> JSONValue {
      guard let value else { return .null }
      return .object([
        ("natural", .number(value.natural)),
        (
          "attacked",
          .array(
            value.attacked.map {
              .object([
                ("attack", .string($0.name)), ("norm", .string($0.norm.rawValue)), ("epsilon", .number($0.epsilon)),
                ("accuracy", .number($0.accuracy)),
              ])
            })
        ),
        ("medianDistance", .number(value.medianDistance)),
      ])
    }
    return .object([
      ("seed", .integer(Int(clamping: record.seed))), ("parameters", .integer(record.parameterCount)), ("epoch", .integer(record.epoch)),
      ("data", .string(record.data)), ("dataSHA256", .string(record.dataDigest)), ("recipeSHA256", .string(record.recipe)),
      ("networkSHA256", .string(record.network)), ("deployed", accuracies(record.deployed)), ("withNoise", accuracies(record.noisy)),
      ("threads", .integer(record.threads)), ("trainingSeconds", .number(record.trainingSeconds)),
      ("evaluationSeconds", .number(record.evaluationSeconds)),
      ("pruning", record.pruning.map(Self.json) ?? .null),
      (
        "certified",
        run.measurement == nil
          ? .null : .object(certificationMeasures.map { ($0.word, .number($0.value(of: run))) })
      ),
    ])
  }

  private static func json(_ pruning: PruningRecord) -> JSONValue {
    func sparsity(_ value: Sparsity) -> JSONValue {
      .object([
        ("weights", .number(value.weightShare)), ("inputChannels", .number(value.channelShare)), ("filters", .number(value.filterShare)),
      ])
    }
    func size(_ value: NetworkSize) -> JSONValue {
      .object([("parameters", .integer(value.parameters)), ("multiplications", .integer(value.multiplications))])
    }
    return .object([
      ("method", .string(pruning.method)), ("sparsity", sparsity(pruning.sparsity)), ("beforeChoice", sparsity(pruning.trained)),
      ("masked", size(pruning.masked)), ("compact", size(pruning.compact)), ("largestDeviation", .number(pruning.deviation)),
      (
        "layers",
        .array(
          pruning.sparsity.layers.map {
            .object([
              ("weight", .string($0.name)), ("weights", .integer($0.weights)), ("zeroWeights", .integer($0.zeroWeights)),
              ("inputChannels", .integer($0.inputChannels)), ("zeroInputChannels", .integer($0.zeroInputChannels)),
              ("filters", .integer($0.filters)), ("zeroFilters", .integer($0.zeroFilters)),
            ])
          })
      ),
    ])
  }
}
