import ConicPrograms
import Foundation
import TestSupport
import Testing

/// All files of the shared data, against the tables that describe them.
@Suite(.enabled(if: SharedData.isPresent, Comment(rawValue: SharedData.absence))) struct SDPALibraryTests {
  /// The rows of the first table of a description that has columns for m and n: name, m, n, and the orders of the blocks when there.
  private static func table(_ folder: String) throws -> [String: [String]] {
    let text = try String(contentsOfFile: SharedData.path("\(folder)/README.md"), encoding: .utf8)
    var rows: [String: [String]] = [:]
    for line in text.split(separator: "\n") where line.hasPrefix("|") {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      guard let name = cells.first, name != "instance", rows[name] == nil else { continue }
      rows[name] = cells
    }
    return rows
  }

  /// Blocks in the notation of the table, such as `6x2+1` or `161+diag(174)`.
  private static func blocks(_ notation: String) throws -> [LinearMatrixInequality.Block] {
    try notation.split(separator: "+").flatMap { part -> [LinearMatrixInequality.Block] in
      if part.hasPrefix("diag(") { return [.diagonal(try #require(Int(part.dropFirst(5).dropLast())))] }
      let factors = try part.split(separator: "x").map { try #require(Int($0)) }
      return Array(repeating: .symmetric(factors[factors.count - 1]), count: factors.count == 2 ? factors[0] : 1)
    }
  }

  @Test(arguments: ["sdplib", "lipsdp-lmi"]) func sizesAndRoundTrip(folder: String) throws {
    let table = try Self.table(folder)
    let files = SharedData.files(in: folder, extension: "dat-s")
    #expect(files.count == (folder == "sdplib" ? 38 : 7))
    for path in files {
      let name = String(path.dropFirst(folder.count + 1).dropLast(6))
      let row = try #require(table[name])
      let file = try SDPAFile.read(path: SharedData.path(path))
      let problem = file.inequality
      if folder == "sdplib" {
        #expect(problem.variableCount == Int(row[1]), "\(name)")
        #expect(problem.blocks == (try Self.blocks(row[3])), "\(name)")
        #expect(problem.blocks.reduce(0) { $0 + $1.order } == Int(row[2]), "\(name)")
      } else {
        let order = try #require(Int(row[4]))
        #expect(problem.variableCount == Int(row[3]) && problem.blocks == [.symmetric(order)], "\(name)")
      }
      #expect(file.duplicateCount == 0)
      #expect(problem.coefficients.allSatisfy { !$0.isEmpty })
      let back = try SDPAFile.parse(file.text())
      #expect(back == file, "\(name)")
    }
  }
}
