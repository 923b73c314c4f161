import CommandLineSupport
import Foundation
import Lipschitz

extension BoundReport {
  private static let csvDigits = 17

  /// One line for each method, as RFC 4180 has it; bounds are rounded outwards in their seventeenth digit.
  public var csv: String {
    let header = [
      "method", "certified", "upper", "lower", "gap", "ratio_to_best", "tightness", "seconds", "iterations", "rank", "stop_reason",
      "peak_memory_bytes", "note",
    ]
    let rows = outcomes.map { outcome in
      let estimate = outcome.estimate
      func up(_ value: Double?) -> String { value.map { DecimalBound.up($0, digits: Self.csvDigits) } ?? "" }
      let fields: [String] = [
        estimate.method, outcome.hasVerdict ? "\(estimate.isCertified)" : "", up(estimate.upper),
        estimate.lower.map { DecimalBound.down($0, digits: Self.csvDigits) } ?? "", up(estimate.gap.map { max(0, $0) }),
        up(outcome.ratio(to: best?.upper)), up(outcome.ratio(to: attained)), "\(estimate.seconds)", "\(estimate.iterations)",
        estimate.rank.map { "\($0)" } ?? "", estimate.stopReason.rawValue, "\(outcome.peakMemory)", outcome.absence ?? estimate.note ?? "",
      ]
      return fields
    }
    return CSVText.text(header, rows)
  }
}
