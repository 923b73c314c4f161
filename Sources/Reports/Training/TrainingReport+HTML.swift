import CommandLineSupport
import Foundation
import Training

extension TrainingReport {
  /// The report as one page that needs nothing else.
  public var html: String {
    HTMLPage.document(
      title: title, version: version,
      main: [
        Markup.text("h1", title),
        HTMLPage.verdict(headline, meaning, isOpen: claims.contains { holds($0) != true }),
        HTMLPage.section("Claims", claims.isEmpty ? "" : claimTable.markup),
        HTMLPage.section("Size against robustness", sizeChart),
        HTMLPage.section("Accuracies", accuracyChart + accuracyTables.map(\.markup).joined()),
      ] + factTables.map { HTMLPage.section($0.title, $0.table.markup) } + [
        HTMLPage.section("Training", LearningCurveChart(variants)?.markup ?? ""),
        HTMLPage.section("Provenance", HTMLPage.facts(provenance)),
      ])
  }

  private var accuracyChart: String {
    DotChart(
      id: "accuracies", title: "Accuracy, natural and under attack", unit: "percent of the test samples",
      advice: "Without noise, means over the seeds: the distance between the marks of a row is what the attack costs.",
      rows: variants.map(\.title),
      series: accuracies.map { measure in
        .init(name: measure.title, dots: variants.map { $0.statistics(measure).map { ($0.mean, true) } })
      }, isLogarithmic: false)?.markup ?? ""
  }

  /// What the networks' sizes cost, where some were pruned.
  private var sizeChart: String {
    guard !pruningMeasures.isEmpty else { return "" }
    let shares = accuracies.suffix(1) + certificationMeasures.filter { $0.vraRadius != nil }.prefix(2)
    return ScatterChart(
      id: "sizes", title: "What is left, and what it can do",
      caption:
        "Parameters of the saved network against shares of the test samples, means over the seeds. Up and to the left is better: a pruned "
        + "network that stands as high as a dense one to its right has lost nothing.",
      names: variants.map(\.title), places: variants.map { $0.statistics(StudyMeasure("parameters"))?.mean ?? .nan },
      series: ([StudyMeasure("natural")] + shares).map { measure in
        .init(name: measure.title, heights: variants.map { $0.statistics(measure)?.mean })
      }, axes: (x: "parameters", y: "percent of the test samples"))?.markup ?? ""
  }
}
