import CommandLineSupport
import Foundation
import Robustness

extension RadiusReport {
  /// All drawings.
  public var figures: [Figure] { (curveCharts + bracketCharts + gapCharts + fragileCharts).map(\.figure) }

  /// The share of inputs that are certified at every radius.
  var curveCharts: [any Chart] { ([RadiusCurveChart(summary, unit: unit)] as [(any Chart)?]).compactMap { $0 } }

  /// Pictures of the inputs with the widest brackets.
  var gapCharts: [any Chart] { gallery(id: "largest-gaps", title: "The widest brackets", largestGaps) }

  /// Pictures of the inputs with the nearest adversaries.
  var fragileCharts: [any Chart] { gallery(id: "most-fragile", title: "The nearest adversaries", mostFragile) }

  private func gallery(id: String, title: String, _ records: [RadiusRecord]) -> [any Chart] {
    let domain = header.domain.map { $0[0]...max($0[0], $0[1]) }
    let chart = inputs.flatMap { InputGalleryChart(id: id, title: title, records, inputs: $0, domain: domain, unit: unit) }
    return [chart].compactMap { $0 }
  }

  /// How wide the brackets are, and where they lie.
  var bracketCharts: [any Chart] {
    let right = records.filter(\.isCorrect)
    let attacked = right.compactMap { $0.attack?.radius }
    let ratios = right.compactMap { record in record.attack?.radius.map { $0 > 0 ? record.radius / $0 : 0 } }
    let missing = right.count { !($0.radius > 0) }
    let charts: [(any Chart)?] = [
      HistogramChart(
        id: "ratios", title: "Certified radius over the attack's", unit: "certified / attacked",
        advice: "Each bracket as one number: 1 is a radius that is exactly known, 0 one of which nothing is proved.",
        bars: .init(name: "inputs", values: ratios), range: 0...1, isLogarithmic: false),
      HistogramChart(
        id: "radii", title: "Radii", unit: "\(unit) (log scale)",
        advice: "How the certified radii (bars) and the distances of adversaries (dashed) are spread."
          + (missing > 0 ? " Without \(Quantity.counted(missing, "input")) of which nothing is proved." : ""),
        bars: .init(name: "certified", values: right.map(\.radius), rounding: .down),
        outline: attacked.isEmpty ? nil : .init(name: "adversaries", values: attacked, rounding: .up), isLogarithmic: true),
      RadiusScatterChart(records, unit: unit),
    ]
    return charts.compactMap { $0 }
  }
}
