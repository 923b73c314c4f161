import CommandLineSupport
import Foundation
import Lipschitz
import Training

/// What `evaluate` prints.
struct EvaluationReport {
  let model: LoadedModel
  let data: Dataset
  let dataPath: String
  let result: AccuracyResult
  let radii: [Double]
  let seed: UInt64
  let seconds: Double

  /// The lines for people.
  var lines: [String] {
    let share = result.count == data.count ? "" : "\(Quantity.count(result.count)) of "
    var lines = [
      "Model    \(model.path)",
      "Data     \(dataPath): \(share)\(Quantity.counted(data.count, "sample")) of \(data.shape), \(data.classCount) classes", "",
    ]
    var table = Table([("", .left), ("norm", .left), ("epsilon", .right), ("right", .right), ("accuracy", .right), ("s", .right)])
    table.add(row("natural", "", nil, result.correct, result.naturalSeconds))
    for attacked in result.attacks {
      let settings = attacked.attack.settings
      table.add(row(attacked.attack.name, settings.norm.rawValue, settings.epsilon, attacked.correct, attacked.seconds))
    }
    if let distances = result.distances {
      for radius in radii {
        table.add(row("nearest", "l2", radius, distances.count { $0 > radius }, radius == radii.first ? result.nearestSeconds : nil))
      }
    }
    lines += table.lines
    if let median = result.medianDistance {
      let words = median.isFinite ? String(format: "%.4g", median) : "none found for most"
      lines += ["", "Median l2 distance of the nearest adversarial sample found \(words) (samples with the right answer)"]
    }
    return lines + ["Time     \(Quantity.seconds(seconds)) s"]
  }

  private func row(_ name: String, _ norm: String, _ size: Double?, _ right: Int, _ seconds: Double?) -> [String] {
    [
      name, norm, size.map { String(format: "%.4g", $0) } ?? "", "\(right)", Quantity.percent(result.share(right)),
      seconds.map(Quantity.seconds) ?? "",
    ]
  }

  /// The same for machines.
  var json: JSONValue {
    var members: [(String, JSONValue)] = [
      ("version", .string(Version.current)), ("model", .string(model.path)), ("sha256", .string(model.sha256)),
      (
        "data",
        .object([
          ("path", .string(dataPath)), ("name", .string(data.name)), ("samples", .integer(data.count)),
          ("classes", .integer(data.classCount)),
          ("shape", .string(data.shape.description)), ("digest", .string(data.digest)),
        ])
      ),
      ("evaluated", .integer(result.count)), ("seed", .integer(seed)), ("correct", .integer(result.correct)),
      ("natural", .number(result.naturalAccuracy)),
      (
        "attacks",
        .array(
          result.attacks.map { attacked in
            let settings = attacked.attack.settings
            return .object([
              ("attack", .string(attacked.attack.name)), ("norm", .string(settings.norm.rawValue)), ("epsilon", .number(settings.epsilon)),
              ("step", .number(settings.step)), ("steps", .integer(settings.count)), ("random_start", .boolean(settings.startsAtRandom)),
              ("correct", .integer(attacked.correct)), ("accuracy", .number(result.share(attacked.correct))),
              ("seconds", .number(attacked.seconds)),
            ])
          })
      ),
    ]
    if result.distances != nil {
      let points = radii.map { radius in
        JSONValue.object([("radius", .number(radius)), ("accuracy", .number(result.accuracy(at: radius)))])
      }
      let nearest: [(String, JSONValue)] = [
        ("median", .number(result.medianDistance)), ("accuracies", .array(points)), ("seconds", .number(result.nearestSeconds)),
      ]
      members.append(("nearest", .object(nearest)))
    }
    return .object(members + [("seconds", .number(seconds))])
  }
}
