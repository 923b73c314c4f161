import CommandLineSupport
import Compression
import Foundation
import Robustness
import Training

extension ModelComparisonReport {
  /// The lines for people at a terminal.
  public var lines: [String] {
    var lines: [String] = []
    for (title, table) in tables { lines += [title + ":"] + table.lines + [""] }
    return lines + notes + (notes.isEmpty ? [] : [""]) + [headline + "."] + findings
  }

  /// The report as Markdown (GitHub's tables).
  public var markdown: String {
    var lines = [
      "# \(Markdown.plain(title))", "",
      "**\(Markdown.plain(headline)).** \(Markdown.plain((findings + [Self.honesty]).joined(separator: " ")))",
      "",
    ]
    func section(_ title: String, _ content: [String]) { if !content.isEmpty { lines += ["## \(title)", ""] + content } }
    section("Trade-off", tradeOffCharts.markdown)
    section("Sizes", sizeTable.markdown + sizeCharts.markdown)
    section("Sparsity, layer by layer", layerCharts.markdown + layerTable.markdown)
    section("Accuracy", accuracyTable.markdown)
    section("Lipschitz bounds", boundTable.markdown + boundCharts.markdown)
    section("Certified accuracy", radiusCharts.markdown + radiusTable.markdown)
    section("Difference to the reference", differenceTable.markdown + differenceCharts.markdown)
    section("Inference time", speedTable.markdown)
    if !notes.isEmpty { lines += ["## What is missing, and why", ""] + Markdown.bullets(notes) + [""] }
    lines += ["## Provenance", ""] + Markdown.table(["", ""], provenance.map { [$0.name, $0.value] }, numbers: [])
    return lines.joined(separator: "\n") + "\n"
  }

  /// One number a line: model, group, measure, what it depends on, the number and whether it is certified.
  public var csv: String {
    var rows: [[String]] = []
    for model in models {
      func add(_ group: String, _ measure: String, at detail: String = "", _ value: String, certified: Bool? = nil) {
        rows.append([model.name, group, measure, detail, value, certified.map { "\($0)" } ?? ""])
      }
      let size = model.size
      for (name, count) in [
        ("parameters", size.parameters), ("non_zero_parameters", size.nonZeroParameters), ("macs", size.multiplications),
        ("non_zero_macs", size.nonZeroMultiplications), ("file_bytes", model.bytes),
      ] { add("size", name, "\(count)") }
      add("size", "zero_weights", "\(size.weightShare)")
      add("size", "zero_input_channels", "\(size.channelShare)")
      add("size", "zero_filters", "\(size.filterShare)")
      for layer in size.layers {
        add("layer", "zero_weights", at: layer.name, "\(Double(layer.zeroWeights) / Double(max(1, layer.weights)))")
      }
      if let accuracy = model.accuracy {
        add("accuracy", "natural", "\(accuracy.natural)")
        for attack in accuracy.attacks {
          add("accuracy", "attacked", at: "\(attack.name) \(attack.epsilon) \(attack.norm.rawValue)", "\(accuracy.share(attack.correct))")
        }
      }
      if let reference, let agreement = model.agreement(with: reference) {
        add("accuracy", "agreement", "\(Double(agreement.count) / Double(agreement.of))")
      }
      for bound in model.bounds {
        if let upper = bound.upper { add("bound", bound.method, DecimalBound.up(upper, digits: 17), certified: bound.isCertified) }
        if bound.method == "attained", let lower = bound.lower { add("bound", "attained", DecimalBound.down(lower, digits: 17)) }
      }
      if let own = model.radii {
        if let median = own.medianCertified { add("radius", "median", DecimalBound.down(median, digits: 17), certified: true) }
        for radius in radii {
          add("radius", "certified_accuracy", at: "\(radius)", "\(own.certifiedCurve.share(at: radius))", certified: true)
          if let attacked = own.attackedCurve { add("radius", "attacked_accuracy", at: "\(radius)", "\(attacked.share(at: radius))") }
        }
      }
      for place in difference(of: model)?.places ?? [] {
        let name = place.sample.map { "sample \($0)" } ?? "box"
        if let bound = place.bound { add("difference", "bound", at: name, DecimalBound.up(bound, digits: 17), certified: true) }
        if let attained = place.attained { add("difference", "attained", at: name, DecimalBound.down(attained, digits: 17)) }
      }
      for inference in model.timings.inference {
        add("time", "seconds_per_sample", at: "\(inference.engine) batch \(inference.batch)", "\(inference.secondsPerSample)")
      }
    }
    return CSVText.text(["model", "group", "measure", "detail", "value", "certified"], rows)
  }
}
