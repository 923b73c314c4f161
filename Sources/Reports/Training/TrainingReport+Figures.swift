import CommandLineSupport
import Compression
import Foundation
import Training

extension TrainingReport {
  /// All drawings.
  public var figures: [Figure] {
    (sizeCharts + accuracyCharts + layerCharts + certificateCharts + learningCharts).map(\.figure)
  }

  /// What attacks cost each variant.
  var accuracyCharts: [any Chart] {
    [
      DotChart(
        id: "accuracies", title: "Accuracy, natural and under attack", unit: "percent of the test samples",
        advice: "Without noise, means over the seeds: the distance between the marks of a row is what the attack costs.",
        rows: variants.map(\.title),
        series: accuracies.map { measure in
          .init(name: measure.title, dots: variants.map { $0.statistics(measure).map { ($0.mean, true) } })
        }, isLogarithmic: false)
    ].compactMap { $0 }
  }

  /// What the networks' sizes cost, where some were pruned.
  var sizeCharts: [any Chart] {
    guard !pruningMeasures.isEmpty else { return [] }
    let sizes = variants.map { $0.statistics(StudyMeasure("non-zero-parameters"))?.mean ?? .nan }
    let certified = StudyMeasure("radius")
    return [(accuracies.last ?? StudyMeasure("natural"), "percent of the test samples"), (certified, "median certified radius")].compactMap
    {
      measure, axis in
      ScatterChart(
        id: "sizes-\(measure.word)", title: "Size against \(measure == certified ? "certified radius" : "accuracy, \(measure.title)")",
        caption:
          "Parameters that are not zero; means over the seeds, variants by their names. Up and to the left is better: a pruned network "
          + "that stands as high as a dense one to its right has lost nothing.",
        names: variants.map(\.name), places: sizes,
        series: [.init(name: measure.title, heights: variants.map { $0.statistics(measure)?.mean })],
        axes: (x: "parameters that are not zero", y: axis))
    }
  }

  /// Where the zeros are, in each variant that was pruned: one drawing for each architecture.
  var layerCharts: [any Chart] {
    var groups: [(layers: [String], rows: [(name: String, shares: [Double])])] = []
    for variant in variants {
      guard let layers = variant.records.lazy.compactMap({ $0.pruning?.sparsity.layers.map(\.name) }).first, !layers.isEmpty else {
        continue
      }
      let runs = variant.records.compactMap { $0.pruning?.sparsity.layers }.filter { $0.map(\.name) == layers }
      let shares = layers.indices.map { layer in
        runs.reduce(0) { $0 + Double($1[layer].zeroWeights) / Double(max(1, $1[layer].weights)) } / Double(runs.count)
      }
      if let group = groups.firstIndex(where: { $0.layers == layers }) {
        groups[group].rows.append((variant.title, shares))
      } else {
        groups.append((layers, [(variant.title, shares)]))
      }
    }
    return groups.enumerated().compactMap { index, group in
      let isOnly = groups.count == 1
      let names = group.rows.count == 1 ? ": \(group.rows[0].name)" : isOnly ? "" : ", \(group.layers.count) layers"
      return HeatMapChart(
        id: isOnly ? "layer-zeros" : "layer-zeros-\(index + 1)", title: "Zero weights by layer\(names)",
        caption:
          "The percentage of each layer's weights that are zero, before channels are removed, the fuller the colour the more; means over the seeds. "
          + "Only the layers that were to be pruned.", rows: group.rows.map(\.name), columns: group.layers,
        cells: group.rows.map { $0.shares.map { HeatMapChart.Cell(gone: $0) } }, unit: " percent")
    }
  }

  /// The share of samples that are certified at every radius, and what the attack leaves: the six variants with the largest median radius.
  var certificateCharts: [any Chart] {
    let measured = variants.compactMap { variant -> (name: String, radii: MeasuredRadii)? in
      let radii = variant.runs.compactMap { $0.measurement?.radii }
      guard let first = radii.first, radii.allSatisfy({ $0.norm == first.norm && $0.attack == first.attack }) else { return nil }
      let all = MeasuredRadii(norm: first.norm, methods: first.methods, attack: first.attack, samples: radii.flatMap(\.samples))
      return (variant.title, all)
    }
    let sorted = measured.enumerated().sorted { one, other in
      let (own, next) = (one.element.radii.medianCertified ?? 0, other.element.radii.medianCertified ?? 0)
      return own == next ? one.offset < other.offset : own > next
    }.map(\.element)
    return ([CertifiedAccuracyChart(sorted)] as [(any Chart)?]).compactMap { $0 }
  }

  /// The epochs.
  var learningCharts: [any Chart] { ([LearningCurveChart(variants)] as [(any Chart)?]).compactMap { $0 } }
}
