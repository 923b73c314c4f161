extension SolveReport {
  /// The report as Markdown (GitHub's tables).
  public var markdown: String {
    var lines = ["# \(Markdown.plain(title))", "", "**\(Markdown.plain(headline)).** \(Markdown.plain(meaning))", ""]
    if !findings.isEmpty { lines += ["## Findings", ""] + Markdown.bullets(findings) + [""] }
    if !charts.isEmpty { lines += ["## Figures", ""] + charts.markdown }
    for (name, problems) in collections {
      lines += ["## \(Markdown.plain(collections.count > 1 ? "Results: \(name)" : "Results"))", ""]
      lines += Markdown.table(Self.columns, problems.map(cells), numbers: Self.numberColumns) + [""]
      let remarks = problems.filter { !note($0).isEmpty }.map { "\($0.name): \(note($0))" }
      if !remarks.isEmpty { lines += Markdown.bullets(remarks) + [""] }
    }
    lines += [Markdown.plain(Self.columnsCaption), ""]
    if !lifted.isEmpty {
      lines += ["## The lifted solver on the same networks", ""]
      lines += Markdown.table(LiftedComparison.columns, lifted.map(cells), numbers: LiftedComparison.numberColumns)
      lines += ["", Markdown.plain(LiftedComparison.caption), ""]
    }
    if !solvers.isEmpty {
      for (name, problems) in collections where !solvers(for: problems).isEmpty {
        let solvers = solvers(for: problems)
        lines += ["## \(Markdown.plain(collections.count > 1 ? "Beside other solvers: \(name)" : "Beside other solvers"))", ""]
        lines += Markdown.table(peerColumns(problems), problems.map { peerCells($0, solvers) }, numbers: [1]) + [""]
      }
      lines += [Markdown.plain(peerRemark), ""]
    }
    lines += ["## Provenance", ""] + Markdown.table(["", ""], provenance.map { [$0.name, $0.value] }, numbers: [])
    return lines.joined(separator: "\n") + "\n"
  }
}
