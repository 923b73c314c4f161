import Certificates
import CommandLineSupport
import Foundation
import Networks
import Robustness

/// What `radius` prints.
struct RadiusResult {
  let model: LoadedModel
  let lowered: LoweredNetwork
  let inputs: InputOptions
  let header: RadiusRunHeader
  let summary: RadiusSummary
  /// The records, when they are kept nowhere else.
  let records: [RadiusRecord]?
  let out: String?
  let seconds: Double

  // MARK: - Text

  /// For people.
  var lines: [String] {
    var lines = [
      "Model    \(model.path): \(LoadedModel.sizes(lowered))",
      "Inputs   \(inputs.inputs ?? ""): \(Quantity.count(summary.inputCount)) of \(Quantity.counted(header.inputCount, "input"))"
        + (header.isSelfLabelled ? ", labels are the network's own answers" : ""),
      "Norm     \(header.norm.rawValue)" + (header.domain.map { ", values from \($0[0]) to \($0[1])" } ?? ""),
      "Answers  \(Quantity.count(summary.correctCount)) right, \(percent(summary.naturalAccuracy))", "",
    ]
    lines += methodTable + [""] + accuracyTable + [""]
    if let certified = summary.medianCertified {
      var words = "Median certified radius \(DecimalBound.down(certified, digits: 4))"
      if let attacked = summary.attack?.median, attacked.isFinite { words += ", attacked \(DecimalBound.up(attacked, digits: 4))" }
      if let bracket = summary.medianBracket, let ratio = summary.medianRatio {
        words += "; bracket \(DecimalBound.up(bracket, digits: 3)), ratio \(DecimalBound.down(ratio, digits: 3))"
      }
      lines.append(words + " (inputs with the right answer)")
    }
    lines.append("Time     \(Quantity.seconds(seconds)) s")
    if let out { lines.append("Results  \(out)") }
    return lines
  }

  private var methodTable: [String] {
    var table = Table([
      ("method", .left), ("median", .right), ("certified", .right), ("best", .right), ("exact", .right), ("s/input", .right),
      ("longest", .right), ("s in all", .right), ("", .left),
    ])
    for method in summary.methods {
      table.add([
        method.name, method.median.map { DecimalBound.down($0, digits: 4) } ?? "-", "\(method.certifiedCount)", "\(method.bestCount)",
        "\(method.exactCount)", method.medianSeconds.map(Quantity.positiveSeconds) ?? "-", Quantity.positiveSeconds(method.largestSeconds),
        Quantity.seconds(method.seconds), method.note ?? "",
      ])
    }
    if let attack = summary.attack {
      table.add([
        attack.name, attack.median.map { $0.isFinite ? DecimalBound.up($0, digits: 4) : "none" } ?? "-", "", "", "",
        attack.medianSeconds.map(Quantity.positiveSeconds) ?? "-", "", Quantity.seconds(attack.seconds),
        "attack: found \(attack.foundCount)",
      ])
    }
    return table.lines
  }

  private var accuracyTable: [String] {
    var table = Table([("radius", .right), ("certified", .right)] + (summary.attack == nil ? [] : [("attacked", .right)]))
    for point in summary.points {
      table.add([
        String(format: "%.4g", point.radius), percent(point.certified), point.attacked.map(percent) ?? "",
      ])
    }
    return table.lines
  }

  private func percent(_ share: Double) -> String {
    let count = Int((share * 10_000).rounded())
    let hundredths = count % 100
    return "\(count / 100).\(hundredths < 10 ? "0" : "")\(hundredths) %"
  }

  // MARK: - JSON

  /// For machines.
  var json: JSONValue {
    var members: [(String, JSONValue)] = [
      ("model", .string(model.path)), ("sha256", .string(model.sha256)), ("digest", .string(header.model)),
      ("inputs", .text(inputs.inputs)), ("norm", .string(header.norm.rawValue)), ("count", .integer(summary.inputCount)),
      ("correct", .integer(summary.correctCount)), ("naturalAccuracy", .number(summary.naturalAccuracy)),
      ("medianCertified", .lower(summary.medianCertified)), ("medianAttacked", .upper(summary.attack?.median)),
      ("medianBracket", .number(summary.medianBracket)), ("medianRatio", .number(summary.medianRatio)),
      (
        "accuracy",
        .array(
          summary.points.map {
            .object([("radius", .number($0.radius)), ("certified", .number($0.certified)), ("attacked", .number($0.attacked))])
          })
      ), ("methods", .array(summary.methods.map(json))), ("attack", summary.attack.map(json) ?? .null),
      ("contradictions", .array(summary.contradictions.map { .integer($0) })), ("seconds", .number(seconds)), ("out", .text(out)),
    ]
    if let records { members.append(("records", .array(records.map(json)))) }
    return .object(members)
  }

  private func json(_ method: RadiusSummary.Method) -> JSONValue {
    .object([
      ("method", .string(method.name)), ("median", .lower(method.median)), ("certified", .integer(method.certifiedCount)),
      ("best", .integer(method.bestCount)), ("exact", .integer(method.exactCount)), ("seconds", .number(method.seconds)),
      ("medianSeconds", .number(method.medianSeconds)), ("largestSeconds", .number(method.largestSeconds)), ("note", .text(method.note)),
    ])
  }

  private func json(_ attack: RadiusSummary.Attack) -> JSONValue {
    .object([
      ("attack", .string(attack.name)), ("median", .upper(attack.median)), ("found", .integer(attack.foundCount)),
      ("seconds", .number(attack.seconds)), ("medianSeconds", .number(attack.medianSeconds)),
    ])
  }

  private func json(_ record: RadiusRecord) -> JSONValue {
    .object([
      ("index", .integer(record.index)), ("label", .integer(record.label)), ("answer", .integer(record.answer)),
      ("correct", .boolean(record.isCorrect)), ("margin", .number(record.margin)), ("radius", .lower(record.radius)),
      ("method", .text(record.best?.method)), ("attacked", .upper(record.attackRadius)), ("rival", .integer(record.attack?.rival)),
    ])
  }
}
