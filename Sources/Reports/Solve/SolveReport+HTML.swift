import Foundation

extension SolveReport {
  /// The report as one page that needs nothing else.
  public var html: String {
    let main: [String] =
      [
        Markup.text("h1", title), HTMLPage.verdict(headline, meaning, isOpen: problems.contains { $0.verdict == .unsolved }),
        HTMLPage.section("Findings", HTMLPage.bullets(findings)), HTMLPage.section("Figures", charts.markup),
      ] + collections.map(results) + [liftedTable] + collections.map(comparisonTable)
      + [
        solvers.isEmpty ? "" : Markup.text("p", peerRemark), HTMLPage.section("Provenance", HTMLPage.facts(provenance)),
        Markup.text(
          "footer", "The same results: report.md for text, results.json for machines, results.csv for spreadsheets."),
      ]
    return HTMLPage.document(title: title, version: version, main: main)
  }

  private func results(_ collection: (name: String, problems: [SolvedProblem])) -> String {
    let columns = Self.columns.enumerated().map { CardTable.Column(title: $1, isNumber: Self.numberColumns.contains($0)) }
    let rows = collection.problems.map { problem in
      let cells = cells(problem).enumerated().map { column, text in
        CardTable.Cell(text: text, style: column == 4 ? (problem.verdict == .unsolved ? "no" : "yes") + " status" : "")
      }
      return CardTable.Row(cells: cells, note: note(problem))
    }
    return HTMLPage.section(
      collections.count > 1 ? "Results: \(collection.name)" : "Results",
      CardTable(columns: columns, rows: rows, caption: Self.columnsCaption).markup)
  }

  private var liftedTable: String {
    let columns = LiftedComparison.columns.enumerated().map {
      CardTable.Column(title: $1, isNumber: LiftedComparison.numberColumns.contains($0))
    }
    let rows = lifted.map { CardTable.Row(cells: cells($0).map { CardTable.Cell(text: $0) }) }
    return HTMLPage.section(
      "The lifted solver on the same networks", CardTable(columns: columns, rows: rows, caption: LiftedComparison.caption).markup)
  }

  private func comparisonTable(_ collection: (name: String, problems: [SolvedProblem])) -> String {
    let solvers = solvers(for: collection.problems)
    if solvers.isEmpty { return "" }
    // A number does not break across lines.
    func kept(_ text: String) -> String {
      text.replacingOccurrences(of: " / ", with: "\u{A0}/\u{A0}").replacingOccurrences(of: "e-", with: "e\u{2011}")
    }
    let columns = peerColumns(collection.problems).enumerated().map { CardTable.Column(title: kept($1), isNumber: $0 == 1) }
    let rows = collection.problems.map { problem in
      let cells = peerCells(problem, solvers).enumerated().map { column, text in
        let peer = column < 3 ? nil : peers.result(solvers[column - 3], problem.name)
        let isWrong = peer.map { SolverComparison.contradicts(problem, $0) } ?? false
        return CardTable.Cell(text: kept(isWrong ? "\(text) - contradicted" : text), style: isWrong ? "no" : column == 2 ? "own" : "")
      }
      return CardTable.Row(cells: cells)
    }
    return HTMLPage.section(
      collections.count > 1 ? "Beside other solvers: \(collection.name)" : "Beside other solvers",
      CardTable(columns: columns, rows: rows, caption: "Cells: [status] processor seconds / digits.").markup)
  }

  // MARK: - Figures

  /// All drawings.
  public var figures: [Figure] { charts.map(\.figure) }

  /// The peers shown in figures, of which more than three cannot be told apart.
  private static let shownPeers = ["csdp", "scs 1e-4", "clarabel 1e-8"]

  /// Seconds and digits, problem by problem.
  var charts: [any Chart] {
    let shown = Self.shownPeers.compactMap { name in solvers.first { $0.hasPrefix(name) } }
    func series(_ own: (SolvedProblem) -> Double?, _ other: (PeerResult) -> Double?) -> [DotChart.Series] {
      let ours = DotChart.Series(name: "lipcert", dots: problems.map { problem in own(problem).map { ($0, problem.verdict != .unsolved) } })
      return [ours]
        + shown.map { solver in
          DotChart.Series(
            name: solver,
            dots: problems.map { problem in
              peers.result(solver, problem.name).flatMap { peer in other(peer).map { ($0, peer.claim != .nothing) } }
            })
        }
    }
    let names = problems.map(\.name)
    return [
      DotChart(
        id: "seconds", title: "Processor seconds by problem", unit: "processor seconds",
        advice: "Further left is faster; the axis is logarithmic. Hollow marks: stopped without a result. "
          + (shown.isEmpty ? "" : "The peers' seconds were taken on another machine; see below the tables."),
        rows: names, series: series({ max($0.processorSeconds, 1e-4) }, \.processorSeconds), isLogarithmic: true),
      DotChart(
        id: "digits", title: "Digits that agree with the reference", unit: "digits",
        advice: "Further right is closer to the reference, whose own digits are the limit. Hollow marks: stopped without a result.",
        rows: names, series: series({ digits($0).map { max(0, $0) } }, { $0.digits.map { max(0, $0) } }), isLogarithmic: false),
    ].compactMap { $0 }
  }
}
