import Foundation
import Lipschitz

/// The bounds on one network of a study: a small drawing of the gallery.
struct NetworkBoundsChart: Chart {
  /// Two of them stand side by side.
  static let width = 380.0

  let id: String
  let title: String
  let bounds: BoundsChart

  var caption: String { bounds.caption }
  var summary: String { bounds.summary }

  var fileWidth: Double { Self.width }

  func draw(width: Double) -> SVGCanvas { bounds.draw(width: width) }
}

extension StudyReport {
  /// All drawings.
  public var figures: [Figure] { (ratioCharts + methodCharts).map(\.figure) + boundsCharts.map(\.chart.figure) }

  /// How much looser than the best each method is on each network.
  var ratioCharts: [any Chart] {
    let ratios = done.map { _, summary in
      upperMethods.map { method -> HeatMapChart.Ratio? in
        guard let result = summary.results.first(where: { $0.method == method }) else { return nil }
        return summary.ratio(result).map { .init(value: $0, isProved: result.certified) }
      }
    }
    return [
      HeatMapChart(
        ratios: ratios, id: "ratios", title: "Bounds over the best, network by network",
        subject: "One cell for each network and method: its bound over the best proved one", rows: done.map(\.comparison.id),
        methods: upperMethods)
    ].compactMap { $0 }
  }

  /// What methods asked for and gave, over the whole study.
  var methodCharts: [any Chart] {
    let points = records.compactMap { record -> TradeOffChart.Point? in
      guard let seconds = record.meanSeconds, let ratio = record.meanRatio else { return nil }
      let name = record.method + (record.bounded < done.count ? " (\(record.bounded) of \(done.count))" : "")
      return TradeOffChart.Point(name: name, seconds: seconds, ratio: ratio, isCertified: record.isCertified)
    }
    return [
      TradeOffChart(
        points, id: "study-trade-off", title: "Time against tightness, means over the study",
        timeTitle: "seconds, geometric mean (log scale)", ratioTitle: "bound over the best, geometric mean")
    ].compactMap { $0 }
  }

  /// A small drawing for each comparison.
  var boundsCharts: [(comparison: Comparison, summary: ComparisonSummary, chart: NetworkBoundsChart)] {
    done.compactMap { comparison, summary in
      let bars = summary.results.compactMap { result in
        result.upper.map { BoundsChart.Bar(method: result.method, upper: $0, isCertified: result.certified) }
      }
      let unit = "Lipschitz constant, \(Self.problem(summary))"
      return BoundsChart(bars: bars, attained: summary.attained, unit: unit).map {
        (comparison, summary, NetworkBoundsChart(id: "bounds-\(comparison.id)", title: "Upper bounds for \(comparison.id)", bounds: $0))
      }
    }
  }
}
