import Certificates
import CommandLineSupport
import Compression
import Foundation
import Lipschitz
import Robustness
import Training

extension ModelComparisonReport {
  /// The report as one page that needs nothing else.
  public var html: String {
    HTMLPage.document(
      title: title, version: version,
      main: [
        Markup.text("h1", title),
        HTMLPage.verdict(headline, Self.honesty, isOpen: !isComplete || !contradictions.isEmpty),
        HTMLPage.bullets(findings),
        HTMLPage.section("Trade-off", tradeOffCharts.markup),
        HTMLPage.section("Sizes", sizeTable.markup + sizeCharts.markup),
        HTMLPage.section("Sparsity, layer by layer", layerCharts.markup + layers),
        HTMLPage.section("Accuracy", accuracyTable.markup),
        HTMLPage.section("Lipschitz bounds", boundTable.markup + boundCharts.markup),
        HTMLPage.section("Certified accuracy", radiusCharts.markup + radiusTable.markup),
        HTMLPage.section("Difference to the reference", differenceTable.markup + differenceCharts.markup),
        HTMLPage.section("Inference time", speedTable.markup),
        notes.isEmpty ? "" : HTMLPage.folded("What is missing, and why", HTMLPage.bullets(notes)),
        HTMLPage.sources(boundMethods),
        HTMLPage.section("Provenance", HTMLPage.facts(provenance)),
        Markup.text("footer", "The same results: report.md for text, results.json for machines, results.csv for spreadsheets."),
      ])
  }

  private var layers: String { layerTable.rows.isEmpty ? "" : HTMLPage.folded("All layers", layerTable.markup) }
}
