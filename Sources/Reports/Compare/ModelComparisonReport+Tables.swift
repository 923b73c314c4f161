import Certificates
import CommandLineSupport
import Compression
import Foundation
import Robustness
import Training

extension ModelComparisonReport {
  // MARK: - Sizes

  var sizeTable: ReportTable {
    ReportTable(
      ["Model", "Parameters", "Non-zero", "Of reference", "Zero weights", "Zero channels", "Zero filters", "MACs", "Not by zero", "File"],
      rows: models.map { model in
        let size = model.size
        return [
          model.name, Quantity.count(size.parameters), Quantity.count(size.nonZeroParameters),
          share(of: model).map(Quantity.percent) ?? "-", Quantity.percent(size.weightShare), Quantity.percent(size.channelShare),
          Quantity.percent(size.filterShare), Quantity.count(size.multiplications), Quantity.count(size.nonZeroMultiplications),
          Quantity.bytes(model.bytes),
        ]
      },
      caption: "Of reference: non-zero parameters over those of \(reference?.name ?? "-"). Zero channels: input channels of which a layer "
        + "takes nothing. MACs: products of a weight and an input for one sample; not by zero: those of weights that are not zero.")
  }

  var layerTable: ReportTable {
    ReportTable(
      ["Model", "Layer", "Kind", "Weight", "Parameters", "Zero weights", "Zero channels", "Zero filters", "MACs"],
      rows: models.flatMap { model in
        model.size.layers.map { layer in
          [
            model.name, layer.name, layer.kind.rawValue, layer.weightShape.map(String.init).joined(separator: "x"),
            Quantity.count(layer.parameters), Self.percent(layer.zeroWeights, of: layer.weights),
            "\(layer.zeroInputChannels) of \(layer.inputChannels)", "\(layer.zeroFilters) of \(layer.filters)",
            Quantity.count(layer.multiplications),
          ]
        }
      }, words: [1, 2, 3])
  }

  // MARK: - Accuracies

  var accuracyTable: ReportTable {
    let attacks = attacks
    let measured = models.filter { $0.accuracy != nil }
    return ReportTable(
      ["Model", "Samples", "Natural"] + attacks.map { "\($0.name) \(Self.number($0.epsilon)) \($0.norm.rawValue)" } + ["Same answer"],
      rows: measured.compactMap { model in
        guard let accuracy = model.accuracy else { return nil }
        let attacked = attacks.map { attack in
          accuracy.attacks.first { $0.isSameAttack(as: attack) }.map { Quantity.percent(accuracy.share($0.correct)) } ?? "-"
        }
        let agreement = reference.flatMap { model.agreement(with: $0) }.map { Self.percent($0.count, of: $0.of) } ?? "-"
        return [model.name, Quantity.count(accuracy.sampleCount), Quantity.percent(accuracy.natural)] + attacked + [agreement]
      },
      caption: "Shares of the samples. Under an attack: both the natural and the attacked answer are right; a stronger attack may find "
        + "more. Same answer: as \(reference?.name ?? "-"), right or wrong.")
  }

  // MARK: - Bounds

  var boundTable: ReportTable {
    var marked: Set<Int> = []
    var rows: [[String]] = []
    for model in models {
      for bound in model.bounds {
        if bound.method == model.best?.method { marked.insert(rows.count) }
        let isUpper = bound.method != "attained"
        rows.append([
          model.name, bound.method, isUpper && bound.upper != nil ? (bound.isCertified ? "yes" : "no") : "-",
          isUpper
            ? bound.upper.map { DecimalBound.up($0, digits: Self.digits) } ?? "-"
            : bound.lower.map { DecimalBound.down($0, digits: Self.digits) } ?? "-",
          isUpper ? model.tightness(bound).map { DecimalBound.up($0, digits: 4) } ?? "-" : "-",
          isUpper ? Self.gap(bound) : "-", model.timings.bounds[bound.method].map(Quantity.positiveSeconds) ?? "-",
        ])
      }
    }
    return ReportTable(
      ["Model", "Method", "Certified", "Bound", "Tightness", "Own gap", "Seconds"], rows: rows, words: [1, 2],
      caption:
        "How much larger than a change of the input (\(models.first?.boundNorm.rawValue ?? "l2")) the change of the outputs (l2) can be. "
        + "Certified: the checker accepted the proof. Tightness: bound over the gain really attained. Own gap: how far the method is from "
        + "its own optimum. Bounds are rounded up, attained gains down.", marked: marked)
  }

  private static func gap(_ bound: MeasuredBound) -> String {
    guard let upper = bound.upper, let lower = bound.lower, upper > 0 else { return "-" }
    return DecimalBound.up(max(0, (upper - lower) / upper), digits: 2)
  }

  // MARK: - Radii

  var radiusTable: ReportTable {
    let measured = models.compactMap { model in model.radii.map { (name: model.name, radii: $0) } }
    return ReportTable(
      ["Model", "Samples", "Median radius"] + radii.map { "at \(Self.number($0))" },
      rows: measured.map { name, own in
        let (certified, attacked) = (own.certifiedCurve, own.attackedCurve)
        return [
          name, "\(own.samples.count)", own.medianCertified.map { DecimalBound.down($0, digits: 4) } ?? "-",
        ]
          + radii.map { radius in
            let low = Self.wholePercent(certified.share(at: radius))
            guard let attacked else { return low + " %" }
            return "\(low) - \(Self.wholePercent(attacked.share(at: radius))) %"
          }
      }, caption: radiusCaption(measured.first?.radii))
  }

  private func radiusCaption(_ radii: MeasuredRadii?) -> String {
    guard let radii else { return "" }
    return
      "Distances in \(radii.norm.rawValue), proved by \(radii.methods.joined(separator: ", ")). The share of the samples that are right "
      + "and proved to stay so within each distance (verified-robust accuracy)"
      + (radii.attack.map { "; after the dash the share whose answer the attack (\($0)) did not change: the truth lies between the two." }
        ?? ".")
  }

  // MARK: - Differences

  var differenceTable: ReportTable {
    ReportTable(
      ["Model", "Regions", "Proved", "Largest bound", "Median bound", "Largest found", "Median bound / found", "Seconds"],
      rows: differences.map(cells), caption: differenceCaption)
  }

  private func cells(_ difference: ModelDifference) -> [String] {
    let bounds = difference.places.compactMap(\.bound)
    let ratios = difference.places.compactMap { place -> Double? in
      guard let bound = place.bound, let attained = place.attained, attained > 0 else { return nil }
      return bound / attained
    }
    func up(_ value: Double?) -> String { value.map { DecimalBound.up($0, digits: Self.digits) } ?? "-" }
    let attained = difference.largestAttained.map { DecimalBound.down($0, digits: Self.digits) } ?? "-"
    let ratio = Self.median(ratios).map { String(format: "%.3f", $0) } ?? "-"
    return [
      difference.model, "\(difference.places.count)", "\(bounds.count)", up(bounds.max()), up(Self.median(bounds)), attained, ratio,
      Quantity.positiveSeconds(difference.seconds),
    ]
  }

  private var differenceCaption: String {
    guard let first = differences.first else { return "" }
    let place = first.radius.map { "within \(Self.number($0)) (\(first.norm.rawValue)) of a sample" } ?? "of the box of inputs"
    let domain = first.domain.map { ", values within \(Self.number($0[0]))...\(Self.number($0[1]))" } ?? ""
    return
      "How far an output can be from that of \(first.reference), at most over the outputs and all inputs \(place)\(domain): proved from "
      + "above on every region, and the largest difference really found by ascent."
  }

  // MARK: - Speed

  var speedTable: ReportTable {
    let batches = Set(models.flatMap { $0.timings.inference.map(\.batch) }).sorted()
    let titles = ["Model", "Engine"] + batches.map { $0 == 1 ? "One sample" : "Batch of \($0)" } + ["Against reference", "Threads"]
    var rows: [[String]] = []
    for engine in Set(models.flatMap { $0.timings.inference.map(\.engine) }).sorted().reversed() {
      rows += models.compactMap { speedCells($0, engine, batches) }
    }
    return ReportTable(
      titles, rows: rows, words: [1],
      caption:
        "Time for one sample, the median of repetitions, in single precision. The layers are those of training: they multiply every number "
        + "that is stored, zeros too, and only what was removed from the file saves time there. The evaluator is that of certification. Against "
        + "reference: in the largest batch.")
  }

  private func speedCells(_ model: ModelMeasurement, _ engine: String, _ batches: [Int]) -> [String]? {
    func time(_ model: ModelMeasurement?, _ batch: Int?) -> Double? {
      model?.timings.inference.first { $0.batch == batch && $0.engine == engine }?.secondsPerSample
    }
    guard let first = model.timings.inference.first(where: { $0.engine == engine }) else { return nil }
    var cells = [model.name, engine]
    for batch in batches { cells.append(time(model, batch).map(Self.microseconds) ?? "-") }
    if let own = time(model, batches.last), let other = time(reference, batches.last), other > 0 {
      cells.append(String(format: "%.2f", own / other))
    } else {
      cells.append("-")
    }
    return cells + ["\(first.threads)"]
  }

  // MARK: - Numbers

  static func number(_ value: Double) -> String { String(format: "%.4g", value) }

  static func percent(_ count: Int, of total: Int) -> String {
    total == 0 ? "-" : Quantity.percent(Double(count) / Double(total))
  }

  private static func wholePercent(_ share: Double) -> String { String(format: "%.1f", 100 * share) }

  private static func microseconds(_ seconds: Double) -> String {
    seconds < 1e-3 ? String(format: "%.1f µs", 1e6 * seconds) : String(format: "%.2f ms", 1e3 * seconds)
  }

  static func median(_ values: [Double]) -> Double? {
    let sorted = values.sorted()
    return sorted.isEmpty ? nil : 0.5 * sorted[(sorted.count - 1) / 2] + 0.5 * sorted[sorted.count / 2]
  }
}
