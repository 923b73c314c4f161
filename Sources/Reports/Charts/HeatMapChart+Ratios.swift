import CommandLineSupport
import Foundation

extension HeatMapChart {
  /// A bound over the best one of its row.
  struct Ratio: Equatable {
    /// Not below 1 where it is proved.
    var value: Double
    var isProved = true
  }

  /// From this ratio on cells have no colour.
  private static let loosest = 10.0

  /// How much looser than the best each method is, in rows of networks or of families of them; `nil` when there is no bound.
  ///
  /// - Parameters:
  ///   - subject: what a cell stands for, before "the fuller the colour the tighter".
  ///   - ratios: for each row one for each method, `nil` where it gave no bound.
  init?(ratios: [[Ratio?]], id: String, title: String, subject: String, rows: [String], methods: [String]) {
    let known = ratios.map { $0.map { ratio in ratio.flatMap { $0.value > 0 && $0.value.isFinite ? $0 : nil } } }
    let hasUnproved = known.contains { $0.contains { $0?.isProved == false } }
    let cells = known.map { row in
      row.map { ratio -> Cell? in
        guard let ratio else { return nil }
        let isBest = ratio.isProved && ratio.value <= 1
        let text = isBest ? "best" : "×\(DecimalBound.up(ratio.value, digits: 3))\(ratio.isProved ? "" : "?")"
        return Cell(share: 1 - log(max(1, ratio.value)) / log(Self.loosest), text: text)
      }
    }
    self.init(
      id: id, title: title,
      caption:
        "\(subject), the fuller the colour the tighter. Without colour: looser by \(Int(Self.loosest)) times and more; a dash: no bound."
        + (hasUnproved ? " With a question mark: not proved." : ""), rows: rows, columns: methods, cells: cells)
  }
}

extension Figure {
  /// How much looser than the best each method is, for tables that are no ``Report``.
  ///
  /// - Parameters:
  ///   - name: of the file.
  ///   - title: what it shows, in a line.
  ///   - subject: what a cell stands for, in words that go on with "the fuller the colour the tighter".
  ///   - rows: networks or families of them.
  ///   - methods: the columns.
  ///   - ratios: for each row one for each method, 1 for the best; `nil` where there is no proved bound.
  /// - Returns: `nil` when there is nothing to show.
  public static func ratios(
    name: String, title: String, subject: String, rows: [String], methods: [String], ratios: [[Double?]]
  ) -> Figure? {
    let ratios = ratios.map { $0.map { ratio in ratio.map { HeatMapChart.Ratio(value: $0) } } }
    return HeatMapChart(ratios: ratios, id: name, title: title, subject: subject, rows: rows, methods: methods)?.figure
  }
}
