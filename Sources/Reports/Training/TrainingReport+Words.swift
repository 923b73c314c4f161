import CommandLineSupport
import Foundation
import Training

extension TrainingReport {
  /// The result in a line.
  var headline: String {
    if !claims.isEmpty {
      let held = claims.count { holds($0) == true }
      return "\(held) of \(Quantity.counted(claims.count, "claim")) \(held == 1 ? "holds" : "hold")"
    }
    guard let record = records.first, records.count == 1, let deployed = record.deployed else {
      return "\(Quantity.counted(records.count, "network")) trained"
    }
    let attacked = deployed.attacked.last.map { ", \(Quantity.percent($0.accuracy)) under \($0.name) at \($0.epsilon)" } ?? ""
    return "\(Quantity.percent(deployed.natural)) right\(attacked)"
  }

  /// What that means.
  var meaning: String {
    (summary.isEmpty ? "" : summary + " ")
      + "Accuracies are shares of the test samples; under an attack they are upper bounds of the robust accuracy, since a stronger attack may "
      + "find more. What is saved, and can be certified, is the network without noise."
  }

  /// The accuracies of the networks as they are saved, or of those that were measured with their noise.
  func accuracyTable(noisy: Bool) -> ReportTable {
    let rows = variants.filter { variant in !noisy || variant.records.contains { $0.noisy != nil } }.map { variant in
      let accuracies = accuracies.map { Self.words(variant.statistics($0, noisy: noisy)) }
      let name = [variant.title, "\(variant.records.count)"]
      if noisy { return name + accuracies }
      let seconds = variant.records.map(\.trainingSeconds)
      return name + [variant.records.first.map { Quantity.count($0.parameterCount) } ?? "-"] + accuracies
        + [seconds.isEmpty ? "-" : Quantity.seconds(seconds.reduce(0, +) / Double(seconds.count)) + " s"]
    }
    return ReportTable(
      ["network", "seeds"] + (noisy ? [] : ["parameters"]) + accuracies.map(\.title) + (noisy ? [] : ["training"]), rows: rows,
      caption: noisy
        ? "With noise, as they were trained: answers are single draws, and attacks follow the mean gradient of eight draws."
        : accuracyCaption)
  }

  /// The tables of accuracies: without noise, and with it where there is some.
  var accuracyTables: [ReportTable] { (hasNoise ? [false, true] : [false]).map(accuracyTable) }

  /// The tables beside them: what was pruned and what was certified.
  var factTables: [(title: String, table: ReportTable, charts: [any Chart])] {
    [
      (
        "What is left",
        "Of the network that is saved, without the channels that nothing reads: mean and standard deviation over the seeds. Zero weights and "
          + "channels are shares, in percent, of the weights and input channels of the layers that were to be pruned, before channels are removed.",
        pruningMeasures, layerCharts
      ),
      (
        "What is certified",
        "Of the network that is saved. The bound is the least Lipschitz bound (inputs in l2) that the independent checker accepted; tightness "
          + "is its ratio to a gain really attained. Radii are certified for the first samples of the test data; the verified-robust accuracy (VRA) is the share, in percent, of samples "
          + "that are right and certified.",
        certificationMeasures, certificateCharts
      ),
    ].filter { !$0.2.isEmpty }.map { title, caption, measures, charts in
      let rows = variants.filter { variant in measures.contains { variant.statistics($0) != nil } }.map { variant in
        [variant.title] + measures.map { Self.words(variant.statistics($0), $0) }
      }
      return (title, ReportTable(["network"] + measures.map(\.heading), rows: rows, caption: caption), charts)
    }
  }

  /// The claims and whether they hold.
  var claimTable: ReportTable {
    ReportTable(
      ["claim", "statement", "compared", "difference", "at least", "verdict"], rows: claims.map(cells), words: [1, 2, 5],
      caption: "Differences of means over the seeds; of shares, in percentage points.",
      marked: Set(claims.indices.filter { holds(claims[$0]) == true }))
  }

  private var accuracyCaption: String {
    let attacks = records.first?.deployed?.attacked.map { "\($0.name): \($0.norm.rawValue) within \($0.epsilon)" } ?? []
    return "Percent of the test samples; mean and standard deviation over the seeds."
      + (attacks.isEmpty
        ? "" : " Attacks: \(attacks.joined(separator: ", ")); ifgsmK takes K steps from the sample, pgdK starts at random.")
  }

  private func cells(_ claim: Claim) -> [String] {
    let verdict = holds(claim).map { $0 ? "holds" : "does not hold" } ?? "not known"
    return [
      claim.id, claim.statement,
      claim.order.map(\.words).joined(separator: claim.order.count == 2 ? " against " : ", ")
        + ": \(claim.measure.title)\(claim.isNoisy ? ", with noise" : "")",
      difference(claim).map { Self.signed($0, claim.measure) } ?? "-", Self.signed(claim.margin, claim.measure), verdict,
    ]
  }

  var provenance: [(name: String, value: String)] {
    let first = records.first
    let samples = first?.samples ?? []
    return [
      ("Data", first.map { "\($0.data), sha256 \($0.dataDigest)" } ?? "-"),
      (
        "Samples",
        samples.count == 3
          ? "\(Quantity.count(samples[0])) for training, \(Quantity.count(samples[1])) for validation, \(Quantity.count(samples[2])) for testing"
          : "-"
      ),
      ("Seeds", Set(records.map(\.seed)).sorted().map(String.init).joined(separator: ", ")),
      ("Threads", "\(Set(records.map(\.threads)).sorted().map(String.init).joined(separator: ", ")) of \(machine.cores) cores"),
      ("Processor", machine.processor ?? "unknown"),
      ("BLAS", machine.shortBLAS),
      ("Version", "lipcert \(version)"),
    ]
  }

  private static func signed(_ value: Double, _ measure: StudyMeasure) -> String {
    String(format: measure.isShare ? "%+.2f" : "%+.3g", value)
  }

  /// Mean and deviation: shares with two decimals, counts as a whole, other numbers with four digits.
  static func words(_ statistics: (mean: Double, deviation: Double?)?, _ measure: StudyMeasure = StudyMeasure("natural")) -> String {
    guard let statistics else { return "-" }
    func number(_ value: Double) -> String {
      if measure.isShare { return String(format: "%.2f", value) }
      return value.magnitude >= 1000 ? Quantity.count(Int(value.rounded())) : String(format: "%.4g", value)
    }
    return number(statistics.mean) + (statistics.deviation.map { " ± \(number($0))" } ?? "")
  }
}
