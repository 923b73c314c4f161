import Certificates
import CommandLineSupport
import Foundation
import Reports
import Robustness

/// What `radius` prints for people.
struct RadiusText {
  let report: RadiusReport
  /// The file with the results, or `nil`.
  let out: String?

  private var summary: RadiusSummary { report.summary }

  /// The lines.
  var lines: [String] {
    let (model, header) = (report.model, report.header)
    let sizes = [(model.inputs, "input"), (model.outputs, "output"), (model.units, "unit")].map { Quantity.counted($0, $1) }
    let share = summary.inputCount == header.inputCount ? "" : "\(Quantity.count(summary.inputCount)) of "
    var lines = [
      "Model    \(model.path): \(sizes.joined(separator: ", "))",
      "Inputs   \(report.inputsPath): \(share)\(Quantity.counted(header.inputCount, "input"))"
        + (header.isSelfLabelled ? ", labels are the network's own answers" : ""),
      "Norm     \(header.norm.rawValue)" + (header.domain.map { ", values from \($0[0]) to \($0[1])" } ?? ""),
      "Answers  \(Quantity.count(summary.correctCount)) right, \(Quantity.percent(summary.naturalAccuracy))", "",
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
    if let seconds = report.seconds { lines.append("Time     \(Quantity.seconds(seconds)) s") }
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
        String(format: "%.4g", point.radius), Quantity.percent(point.certified), point.attacked.map(Quantity.percent) ?? "",
      ])
    }
    return table.lines
  }
}
