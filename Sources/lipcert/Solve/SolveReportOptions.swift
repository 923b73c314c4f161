import ArgumentParser
import CommandLineSupport
import Reports

/// The report about solved problems.
struct SolveReportOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write a report with figures to this folder: index.html, report.md, results.json, results.csv.", valueName: "dir"),
    completion: .directory)
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Other solvers' results to compare with, as comma-separated values; may be given several times.",
      discussion: """
        The first line names the columns: instance, solver and status must be there; tol, cpu_s, iterations, pobj, dobj, digits, reference and \
        reference_kind are read when they are.
        """, valueName: "csv"),
    completion: .file(extensions: ["csv"]))
  var peers: [String] = []

  @Flag(help: "Where a .dat-s file is an inequality of LipSDP, also run the lifted solver on the network it comes from.")
  var lifted = false

  /// Whether there is anything to do.
  var isWanted: Bool { report != nil || !peers.isEmpty || lifted }

  /// The results of all files.
  ///
  /// - Throws: ``CommandError`` that names the file.
  func peerTable() throws -> PeerTable {
    var table = PeerTable()
    for path in peers {
      try InputFile.require(path)
      do { table.append(try PeerTable.read(path: path)) } catch { throw CommandError(.usage, "\(path): \(error)") }
    }
    return table
  }
}
