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
      LayersChart(linearMaps), multipliers.flatMap { MultipliersChart($0.facts, method: $0.method) }, multiplierMap,
      ActivityChart(activity),
    ]
    return charts.compactMap { $0 }
  }

  /// The median multiplier of each activation node in each method's certificate; `nil` when there is nothing to compare.
  private var multiplierMap: HeatMapChart? {
    let rows = estimates.compactMap { estimate -> (method: String, facts: [MultiplierFact])? in
      guard estimate.isCertified, let certificate = estimate.certificate, !certificate.nodes.isEmpty else { return nil }
      return (estimate.method, MultiplierFact.facts(of: certificate))
    }
    guard let first = rows.first, rows.count > 1, first.facts.count > 1 else { return nil }
    let comparable = rows.filter { $0.facts.map(\.name) == first.facts.map(\.name) }
    let medians = comparable.map { $0.facts.map { $0.quartiles.isEmpty ? nil : $0.quartiles[2] } }
    let known = medians.flatMap { $0.compactMap { $0 } }
    guard comparable.count > 1, let least = known.min(), let greatest = known.max() else { return nil }
    // Logarithmic: from a tenth, so that the least multiplier is no empty cell, to full.
    let extent = log(greatest / least)
    return HeatMapChart(
      id: "multiplier-map", title: "Multipliers by method and activation node",
      caption:
        "The median of the positive multipliers of each activation node in each method's certificate, the fuller the colour the greater "
        + "(logarithmic). A dash: all multipliers are zero. Rows that differ are different proofs, even of nearly the same bound.",
      rows: comparable.map(\.method), columns: first.facts.map(\.name),
      cells: medians.map { row in
        row.map { median in
          median.map { .init(share: extent > 0 ? 0.1 + 0.9 * log($0 / least) / extent : 0.5, text: String(format: "%.2g", $0)) }
        }
      })
  }
}
