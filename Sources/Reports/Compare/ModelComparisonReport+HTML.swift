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
        HTMLPage.section("Trade-off", accuracyScatter + radiusScatter),
        HTMLPage.section("Sizes", sizeTable.markup + sizeChart),
        HTMLPage.section("Sparsity, layer by layer", layerCharts + layers),
        HTMLPage.section("Accuracy", accuracyTable.markup),
        HTMLPage.section("Lipschitz bounds", boundTable.markup + boundChart),
        HTMLPage.section("Certified accuracy", (CertifiedAccuracyChart(models)?.markup ?? "") + radiusTable.markup),
        HTMLPage.section("Difference to the reference", differenceTable.markup + differenceChart),
        HTMLPage.section("Inference time", speedTable.markup),
        notes.isEmpty ? "" : HTMLPage.folded("What is missing, and why", HTMLPage.bullets(notes)),
        HTMLPage.sources(boundMethods),
        HTMLPage.section("Provenance", HTMLPage.facts(provenance)),
        Markup.text("footer", "The same results: report.md for text, results.json for machines, results.csv for spreadsheets."),
      ])
  }

  // MARK: - Figures

  private var kept: [Double] { models.map { 100 * (share(of: $0) ?? .nan) } }
  private var keptTitle: String { "non-zero parameters, percent of \(SVGCanvas.fitted(reference?.name ?? "", width: 180))" }

  private var accuracyScatter: String {
    let attack = attacks.last
    let radius = radii.first
    var series = [ScatterChart.Series(name: "natural", heights: models.map { $0.accuracy.map { 100 * $0.natural } })]
    if let attack {
      series.append(
        .init(
          name: "under \(attack.name) \(Self.number(attack.epsilon)) \(attack.norm.rawValue)",
          heights: models.map { model in
            model.accuracy.flatMap { accuracy in
              accuracy.attacks.first { $0.isSameAttack(as: attack) }.map { 100 * accuracy.share($0.correct) }
            }
          }))
    }
    if let radius {
      series.append(
        .init(
          name: "certified at \(Self.number(radius)) \(models.compactMap(\.radii).first?.norm.rawValue ?? "")",
          heights: models.map { $0.radii.map { 100 * $0.certifiedCurve.share(at: radius) } }))
    }
    return ScatterChart(
      id: "accuracy-trade-off", title: "Accuracy against size",
      caption: "Further left is smaller, further up is better. "
        + (radius == nil ? "" : "Certified shares are of the first samples only, those that radii were computed for."),
      names: models.map(\.name), places: kept, series: series, axes: (keptTitle, "percent of samples"), range: 0...100)?.markup ?? ""
  }

  private var radiusScatter: String {
    ScatterChart(
      id: "radius-trade-off", title: "Certified radius against size",
      caption: "The median certified radius over the samples with the right answer: further left is smaller, further up is more robust.",
      names: models.map(\.name), places: kept, series: [.init(name: "median radius", heights: models.map { $0.radii?.medianCertified })],
      axes: (keptTitle, "median certified radius"), range: 0...0)?.markup ?? ""
  }

  private var sizeChart: String {
    guard let reference else { return "" }
    func share(_ number: (ModelMeasurement) -> Int) -> [(value: Double, isFilled: Bool)?] {
      models.map { number(reference) > 0 ? (100 * Double(number($0)) / Double(number(reference)), true) : nil }
    }
    return DotChart(
      id: "sizes", title: "Sizes against the reference", unit: "percent of \(SVGCanvas.fitted(reference.name, width: 180))",
      advice: "Further left is smaller. Where only the non-zero parameters have shrunk, zeros are still stored and multiplied.",
      rows: models.map(\.name),
      series: [
        .init(name: "parameters", dots: share(\.size.parameters)), .init(name: "non-zero", dots: share(\.size.nonZeroParameters)),
        .init(name: "MACs", dots: share(\.size.multiplications)), .init(name: "file", dots: share(\.bytes)),
      ], isLogarithmic: false)?.markup ?? ""
  }

  private var layerCharts: String {
    let charts = [
      LayerSparsityChart(
        models, id: "layer-weights", title: "Weights that are zero or gone", what: "weights", alive: \.nonZeroWeights, all: \.weights),
      LayerSparsityChart(
        models, id: "layer-channels", title: "Input channels that are unused or gone", what: "input channels", alive: \.liveInputChannels,
        all: \.inputChannels),
    ]
    return charts.compactMap { $0?.markup }.joined()
  }

  private var layers: String { layerTable.rows.isEmpty ? "" : HTMLPage.folded("All layers", layerTable.markup) }

  private var boundChart: String {
    // Marks have four forms: the loosest of more methods are left to the table.
    let methods = boundMethods
    let upper = methods.filter { $0 != "attained" }.prefix(3)
    func dots(_ method: String) -> [(value: Double, isFilled: Bool)?] {
      models.map { model in
        model.bounds.first { $0.method == method }.flatMap { bound in
          method == "attained" ? bound.lower.map { ($0, true) } : bound.upper.map { ($0, bound.isCertified) }
        }
      }
    }
    return DotChart(
      id: "bounds", title: "Lipschitz bounds by model and method", unit: "Lipschitz constant (log scale)",
      advice:
        "Further left is better. Filled marks of methods are certified, hollow ones are not. Attained is a gain really found: the constant "
        + "lies between it and the least certified bound.", rows: models.map(\.name),
      series: (upper + methods.filter { $0 == "attained" }).map { .init(name: $0, dots: dots($0)) }, isLogarithmic: true)?.markup ?? ""
  }

  private var differenceChart: String {
    let charts = differences.prefix(8).enumerated().map { index, difference in
      DotChart(
        id: "difference-\(index + 1)", title: "\(difference.model) against \(difference.reference)",
        unit: "largest difference of an output (log scale)",
        advice: "On each region no output differs by more than the bound, and one really differs by what was found.",
        rows: difference.places.prefix(30).map { $0.sample.map { "around sample \($0)" } ?? "box of inputs" },
        series: [
          .init(name: "bound", dots: difference.places.prefix(30).map { $0.bound.map { ($0, true) } }),
          .init(name: "found", dots: difference.places.prefix(30).map { $0.attained.map { ($0, true) } }),
        ], isLogarithmic: true)
    }
    return charts.compactMap { $0?.markup }.joined()
  }
}
