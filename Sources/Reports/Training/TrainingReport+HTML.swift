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
        HTMLPage.section("Claims", claimTable),
        HTMLPage.section("Size against robustness", sizeChart),
        HTMLPage.section(
          "Accuracies", accuracyChart + accuracyTable(noisy: false) + (hasNoise ? accuracyTable(noisy: true) : "")),
      ]
        + factTables.map { facts in
          HTMLPage.section(
            facts.title,
            CardTable(
              columns: facts.titles.enumerated().map { CardTable.Column(title: $1, isNumber: $0 > 0) },
              rows: facts.rows.map { CardTable.Row(cells: $0.map { CardTable.Cell(text: $0) }) }, caption: facts.caption
            ).markup)
        } + [
          HTMLPage.section("Training", LearningCurveChart(variants)?.markup ?? ""),
          HTMLPage.section("Provenance", HTMLPage.facts(provenance)),
        ])
  }

  private var claimTable: String {
    CardTable(
      columns: Self.claimTitles.enumerated().map { CardTable.Column(title: $1, isNumber: [3, 4].contains($0)) },
      rows: claims.map { claim in
        CardTable.Row(cells: cells(claim).map { CardTable.Cell(text: $0) }, isMarked: holds(claim) == true)
      }, caption: "Differences of means over the seeds; of shares, in percentage points."
    ).markup
  }

  private func accuracyTable(noisy: Bool) -> String {
    CardTable(
      columns: accuracyTitles(noisy: noisy).enumerated().map { CardTable.Column(title: $1, isNumber: $0 > 0) },
      rows: accuracyRows(noisy: noisy).map { CardTable.Row(cells: $0.map { CardTable.Cell(text: $0) }) },
      caption: noisy ? Self.noiseCaption : accuracyCaption
    ).markup
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
