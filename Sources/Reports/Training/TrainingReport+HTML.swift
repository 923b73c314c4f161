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
        HTMLPage.section("Size against robustness", sizeCharts),
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
  private var sizeCharts: String {
    guard !pruningMeasures.isEmpty else { return "" }
    let sizes = variants.map { $0.statistics(StudyMeasure("non-zero-parameters"))?.mean ?? .nan }
    let certified = StudyMeasure("radius")
    return [(accuracies.last ?? StudyMeasure("natural"), "percent of the test samples"), (certified, "median certified radius")].map {
      measure, axis in
      ScatterChart(
        id: "sizes-\(measure.word)", title: "Size against \(measure == certified ? "certified radius" : "accuracy, \(measure.title)")",
        caption:
          "Parameters that are not zero; means over the seeds, variants by their names. Up and to the left is better: a pruned network "
          + "that stands as high as a dense one to its right has lost nothing.",
        names: variants.map(\.name), places: sizes,
        series: [.init(name: measure.title, heights: variants.map { $0.statistics(measure)?.mean })],
        axes: (x: "parameters that are not zero", y: axis))?.markup ?? ""
    }.joined()
  }
}
