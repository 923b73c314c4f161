import Certificates
import Foundation
import Lipschitz

extension BoundReport {
  /// All drawings.
  public var figures: [Figure] { (methodCharts + layerCharts).map(\.figure) }

  /// What methods gave, and what they asked for it.
  var methodCharts: [any Chart] {
    let bars = estimates.compactMap { estimate in
      estimate.upper.map { BoundsChart.Bar(method: estimate.method, upper: $0, isCertified: estimate.isCertified) }
    }
    let points = outcomes.compactMap { outcome -> TradeOffChart.Point? in
      guard outcome.hasVerdict, let ratio = outcome.ratio(to: best?.upper) else { return nil }
      let estimate = outcome.estimate
      return TradeOffChart.Point(name: estimate.method, seconds: estimate.seconds, ratio: ratio, isCertified: estimate.isCertified)
    }
    let charts: [(any Chart)?] = [
      BoundsChart(bars: bars, attained: attained, unit: unit), TradeOffChart(points),
      ConvergenceChart(estimates, attained: attained, unit: unit),
      partitions.flatMap { PartitionChart($0, attained: attained, unit: unit) },
    ]
    return charts.compactMap { $0 }
  }

  /// What the network's layers do.
  var layerCharts: [any Chart] {
    let charts: [(any Chart)?] = [
      LayersChart(linearMaps), multipliers.flatMap { MultipliersChart($0.facts, method: $0.method) }, ActivityChart(activity),
    ]
    return charts.compactMap { $0 }
  }
}
