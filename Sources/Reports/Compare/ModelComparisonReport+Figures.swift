import Certificates
import CommandLineSupport
import Compression
import Foundation
import Lipschitz
import Robustness
import Training

extension ModelComparisonReport {
  /// All drawings.
  public var figures: [Figure] {
    (tradeOffCharts + sizeCharts + layerCharts + boundCharts + radiusCharts + differenceCharts).map(\.figure)
  }

  /// Size against accuracy, and against the certified radius.
  var tradeOffCharts: [any Chart] { ([accuracyScatter, radiusScatter] as [(any Chart)?]).compactMap { $0 } }

  /// The share of samples that are certified at every radius.
  var radiusCharts: [any Chart] { ([CertifiedAccuracyChart(models)] as [(any Chart)?]).compactMap { $0 } }

  private var kept: [Double] { models.map { 100 * (share(of: $0) ?? .nan) } }
  private var keptTitle: String { "non-zero parameters, percent of \(SVGCanvas.fitted(reference?.name ?? "", width: 180))" }

  private var accuracyScatter: ScatterChart? {
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
      names: models.map(\.name), places: kept, series: series, axes: (keptTitle, "percent of samples"), range: 0...100)
  }

  private var radiusScatter: ScatterChart? {
    ScatterChart(
      id: "radius-trade-off", title: "Certified radius against size",
      caption: "The median certified radius over the samples with the right answer: further left is smaller, further up is more robust.",
      names: models.map(\.name), places: kept,
      series: [.init(name: "median radius", heights: models.map { $0.radii?.medianCertified }, rounding: .down)],
      axes: (keptTitle, "median certified radius"), range: 0...0)
  }

  /// Sizes over the reference's.
  var sizeCharts: [any Chart] {
    guard let reference else { return [] }
    func share(_ number: (ModelMeasurement) -> Int) -> [(value: Double, isFilled: Bool)?] {
      models.map { number(reference) > 0 ? (100 * Double(number($0)) / Double(number(reference)), true) : nil }
    }
    let chart = DotChart(
      id: "sizes", title: "Sizes against the reference", unit: "percent of \(SVGCanvas.fitted(reference.name, width: 180))",
      advice: "Further left is smaller. Where only the non-zero parameters have shrunk, zeros are still stored and multiplied.",
      rows: models.map(\.name),
      series: [
        .init(name: "parameters", dots: share(\.size.parameters)), .init(name: "non-zero", dots: share(\.size.nonZeroParameters)),
        .init(name: "MACs", dots: share(\.size.multiplications)), .init(name: "file", dots: share(\.bytes)),
      ], isLogarithmic: false)
    return [chart].compactMap { $0 }
  }

  /// How much of each layer of the reference is zero or gone in each model.
  var layerCharts: [any Chart] {
    [
      layerChart(id: "layer-weights", title: "Weights that are zero or gone", what: "weights", alive: \.nonZeroWeights, all: \.weights),
      layerChart(
        id: "layer-channels", title: "Input channels that are unused or gone", what: "input channels", alive: \.liveInputChannels,
        all: \.inputChannels),
    ].compactMap { $0 }
  }

  /// Nothing when nothing is gone anywhere.
  ///
  /// - Parameters:
  ///   - alive: what of a layer is there and not zero.
  ///   - all: what of a layer of the reference there is.
  private func layerChart(
    id: String, title: String, what: String, alive: (NetworkSize.Layer) -> Int, all: (NetworkSize.Layer) -> Int
  ) -> HeatMapChart? {
    guard let reference else { return nil }
    let cells = models.map { model in
      zip(model.size.counterparts(of: reference.size), reference.size.layers).map { own, other in
        own.map { HeatMapChart.Cell(gone: all(other) == 0 ? 0 : 1 - Double(alive($0)) / Double(all(other))) }
      }
    }
    guard cells.contains(where: { $0.contains { $0?.share ?? 0 > 0 } }) else { return nil }
    return HeatMapChart(
      id: id, title: title,
      caption: "One cell for each layer of \(reference.name), in order: the percentage of its \(what) that are zero or were removed, the "
        + "fuller the colour the more. A dash: no such layer.", rows: models.map(\.name), columns: reference.size.layers.map(\.name),
      cells: cells,
      unit: " percent")
  }

  /// Bounds by model and method.
  var boundCharts: [any Chart] {
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
    let chart = DotChart(
      id: "bounds", title: "Lipschitz bounds by model and method", unit: "Lipschitz constant (log scale)",
      advice:
        "Further left is better. Filled marks of methods are certified, hollow ones are not. Attained is a gain really found: the constant "
        + "lies between it and the least certified bound.", rows: models.map(\.name),
      series: (upper + methods.filter { $0 == "attained" }).map {
        .init(name: $0, dots: dots($0), rounding: $0 == "attained" ? .down : .up)
      }, isLogarithmic: true)
    return [chart].compactMap { $0 }
  }

  /// How far models are from the reference, region by region.
  var differenceCharts: [any Chart] {
    let charts = differences.prefix(8).enumerated().map { index, difference in
      DotChart(
        id: "difference-\(index + 1)", title: "\(difference.model) against \(difference.reference)",
        unit: "largest difference of an output (log scale)",
        advice: "On each region no output differs by more than the bound, and one really differs by what was found.",
        rows: difference.places.prefix(30).map { $0.sample.map { "around sample \($0)" } ?? "box of inputs" },
        series: [
          .init(name: "bound", dots: difference.places.prefix(30).map { $0.bound.map { ($0, true) } }, rounding: .up),
          .init(name: "found", dots: difference.places.prefix(30).map { $0.attained.map { ($0, true) } }, rounding: .down),
        ], isLogarithmic: true)
    }
    return charts.compactMap { $0 }
  }
}
