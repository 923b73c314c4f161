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
        HTMLPage.section("Size against robustness", sizeCharts.markup),
        HTMLPage.section("Accuracies", accuracyCharts.markup + accuracyTables.map(\.markup).joined()),
      ] + factTables.map { HTMLPage.section($0.title, $0.charts.markup + $0.table.markup) } + [
        HTMLPage.section("Training", learningCharts.markup),
        HTMLPage.section("Provenance", HTMLPage.facts(provenance)),
        Markup.text("footer", "The same results: report.md for text, results.json for machines, results.csv for spreadsheets."),
      ])
  }
}
