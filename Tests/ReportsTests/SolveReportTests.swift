import CommandLineSupport
import Foundation
import Testing

@testable import Reports

/// Problems that were never solved.
enum SolvedSamples {
  static func problem(
    _ name: String, _ verdict: SolvedProblem.Verdict = .solved, value: Double? = nil, seconds: Double = 1, folder: String = "a"
  ) -> SolvedProblem {
    var problem = SolvedProblem(
      path: "\(folder)/\(name).dat-s", kind: .semidefinite, verdict: verdict, status: verdict == .solved ? "solved" : "stopped",
      statusWords: "words")
    (problem.variables, problem.order, problem.blocks) = (3, 1200, "2x3+1")
    (problem.primalObjective, problem.dualObjective) = (value, value.map { $0 - 1e-9 })
    (problem.wallSeconds, problem.processorSeconds) = (seconds * 1.5, seconds)
    if value != nil {
      problem.dimacs = [1e-9, 2e-9, 3e-9, 4e-9, -5e-8, 6e-9]
      problem.worstError = 5e-8
    }
    problem.engines = [SolvedProblem.EngineShare(name: "interior-point", iterations: 14, seconds: 0.5)]
    return problem
  }

  static func peers(_ rows: [String]) throws -> PeerTable {
    try PeerTable(
      parsing: (["instance,solver,tol,status,cpu_s,pobj,dobj,digits,reference,reference_kind"] + rows).joined(separator: "\n"))
  }

  static func report(_ problems: [SolvedProblem], _ rows: [String] = []) throws -> SolveReport {
    var report = SolveReport(
      problems: problems, peers: try rows.isEmpty ? PeerTable() : peers(rows), settings: [("Method", "automatic")], machine: Samples.machine
    )
    report.date = Date(timeIntervalSince1970: 0)
    return report
  }
}

@Suite("Reports of solved problems")
struct SolveReportTests {
  static func cases() throws -> [(name: String, report: SolveReport)] {
    let solved = SolvedSamples.problem("p1", value: 2)
    return [
      ("empty", try SolvedSamples.report([])),
      ("alone", try SolvedSamples.report([solved])),
      (
        "infeasible",
        try SolvedSamples.report([SolvedSamples.problem("p1", .primalInfeasible), SolvedSamples.problem("p2", .dualInfeasible)])
      ),
      ("open", try SolvedSamples.report([SolvedSamples.problem("p1", .unsolved)], ["p1,csdp,1e-8,ok,0,1,1,,,"])),
      (
        "two folders",
        try SolvedSamples.report(
          [solved, SolvedSamples.problem("p2", value: 1e300, seconds: 1e-9, folder: "b")],
          ["p1,csdp,1e-8,ok,0.5,2,2,8,2,\"known, to 8 digits\"", "p2,scs,1e-4,time,20,-5,5,,,", "p1,scs,1e-4,ok,3,2.5,2.5,0.6,2,x"])
      ),
      ("lifted", try lifted()),
      ("hostile", try SolvedSamples.report([SolvedSamples.problem(Samples.hostile.replacingOccurrences(of: "/", with: ""), value: 1)])),
    ]
  }

  private static func lifted() throws -> SolveReport {
    var report = try SolvedSamples.report([SolvedSamples.problem("p1", value: 4)])
    report.lifted = [
      LiftedComparison(path: "a/p1.dat-s", units: 7, upper: 2.0000001, lower: 2, processorSeconds: 0.1, wallSeconds: 0.1, iterations: 9),
      LiftedComparison(path: "a/p2.dat-s", units: 7, upper: nil, lower: nil, processorSeconds: 0.1, wallSeconds: 0.1, iterations: 9),
    ]
    return report
  }

  @Test("Every page is well-formed XML, has unique ids and described drawings, and loads nothing")
  func pages() throws {
    for (name, report) in try Self.cases() {
      let page = Page(report.html)
      page.expectSelfContained(name)
      for element in page.root?.all ?? [] {
        for key in ["src", "href", "style", "onload"] { #expect(element.attributes[key] == nil, "\(name): \(key)") }
      }
      for drawing in page.elements("svg") { #expect(!drawing.text.contains("nan") && !drawing.text.contains("inf"), "\(name)") }
      // A row in the results for each problem.
      let rows = page.elements("tbody").filter { $0.attributes["role"] == "rowgroup" }
      #expect(rows.count >= report.problems.count, "\(name)")
    }
  }

  @Test("JSON is JSON, and has all six errors of every problem")
  func json() throws {
    for (name, report) in try Self.cases() {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(report.json.formatted.utf8)) as? [String: Any], "\(name)")
      let results = try #require(object["results"] as? [[String: Any]])
      #expect(results.count == report.problems.count)
      for (problem, result) in zip(report.problems, results) {
        #expect(result["dimacsErrors"] as? [Double] == problem.dimacs)
        #expect(result["problem"] as? String == problem.path)
      }
    }
  }

  @Test("CSV has a line for each problem with as many fields as the header")
  func csv() throws {
    for (name, report) in try Self.cases() {
      let records = try CSVReader.records(report.csv)
      #expect(records.count == report.problems.count + 1, "\(name)")
      #expect(records.allSatisfy { $0.fields.count == records[0].fields.count }, "\(name)")
      let column = try #require(records[0].fields.firstIndex(of: "dimacs_5"))
      for (record, problem) in zip(records.dropFirst(), report.problems) {
        #expect(Double(record.fields[column]) == problem.dimacs.dropFirst(4).first, "\(name)")
      }
    }
  }

  @Test("Markdown has a row for each problem, and no row more columns than the titles")
  func markdown() throws {
    for (name, report) in try Self.cases() {
      let rows = report.markdown.split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("|  |") }
      let counts = Set(rows.map { $0.replacingOccurrences(of: "\\|", with: "").filter { $0 == "|" }.count })
      let peers = report.collections.map { report.peerColumns($0.problems).count + 1 }
      #expect(
        counts.isSubset(of: Set([3, SolveReport.columns.count + 1, LiftedComparison.columns.count + 1] + peers)), "\(name): \(counts)")
      for problem in report.problems { #expect(report.markdown.contains(Markdown.plain(problem.name)), "\(name)") }
    }
  }

  @Test("The folder gets all four files, and a stranger's certificate stays")
  func folder() throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("lipcert-" + UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: root) }
    let report = try SolvedSamples.report([SolvedSamples.problem("p", value: 1)])
    try ReportFolder(path: root.path).write(report)
    let names = try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
    #expect(names == ["figures", "index.html", "report.md", "results.csv", "results.json"])
    #expect(try String(contentsOfFile: root.path + "/results.csv", encoding: .utf8) == report.csv)
  }

  @Test("Digits count up to what the reference knows")
  func digits() throws {
    func digits(_ value: Double, _ reference: String) throws -> Double? {
      let report = try SolvedSamples.report([SolvedSamples.problem("p", value: value)], ["p,csdp,1e-8,ok,1,1,1,,\(reference)"])
      return report.digits(report.problems[0])
    }
    #expect(try digits(2, "2,exact") == 9 - 0)
    #expect(abs(try #require(try digits(200.2, "200,exact")) - 3) < 1e-6)
    #expect(try digits(2, "2,CSDP 8 digits (SDPA differs 2e-07)") == 7.5)
    #expect(try digits(2, "2,SDPLIB (5 digits)") == 4.5)
    #expect(try digits(2, ",none") == nil)
    // Small values are compared absolutely.
    #expect(abs(try #require(try digits(0.011, "0.001,exact")) - 2) < 1e-6)
  }

  @Test("A claim is contradicted by another value or the opposite verdict, where ours is firm")
  func contradictions() throws {
    let problems = [
      SolvedSamples.problem("good", value: 100), SolvedSamples.problem("open", .unsolved, value: 100),
      SolvedSamples.problem("empty", .primalInfeasible), SolvedSamples.problem("free", .dualInfeasible),
    ]
    let report = try SolvedSamples.report(
      problems,
      [
        "good,x,,ok,1,100.5,100.5,,,", "good,y,,ok,1,102,102,,,", "good,z,,primal inf.,1,,,,,", "good,w,,time,1,7,7,,,",
        "good,v,,pdINF,1,,,,,", "open,x,,ok,1,3,3,,,", "empty,x,,primal inf.,1,,,,,", "empty,y,,ok,1,3,3,,,",
        "empty,z,,almost primal inf.,1,,,,,", "free,x,,pUNBD,1,,,,,", "free,y,,pdINF,1,,,,,", "free,z,,ok,1,1,1,,,",
      ])
    let found = report.comparison.contradictions.map { "\($0.problem.name) \($0.peer.solver)" }.sorted()
    #expect(found == ["empty y", "free z", "good v", "good y", "good z"])
    #expect(report.comparison.claimCount == 9)
    #expect(report.findings.contains { $0.contains("5 are contradicted") })
  }

  @Test("Times are compared by geometric means over what both solved, without wrong claims")
  func times() throws {
    let problems = [
      SolvedSamples.problem("a", value: 1, seconds: 1), SolvedSamples.problem("b", value: 1, seconds: 8),
      SolvedSamples.problem("c", value: 1, seconds: 5), SolvedSamples.problem("d", .unsolved, seconds: 9),
    ]
    let report = try SolvedSamples.report(
      problems, ["a,csdp,1e-8,ok,2,1,1,,,", "b,csdp,1e-8,ok,2,1,1,,,", "c,csdp,1e-8,ok,1,9,9,,,", "d,csdp,1e-8,ok,1,9,9,,,"])
    let ratio = try #require(report.comparison.timeRatios.first)
    #expect(ratio.solver == "csdp 1e-8" && ratio.count == 2 && ratio.fasterCount == 1)
    #expect(abs(ratio.ratio - (0.5 * 4).squareRoot()) < 1e-12)
  }

  @Test("Digits in time sort every instance with both into one of three")
  func digitsInTime() throws {
    let problems = ["a", "b", "c", "d"].map { SolvedSamples.problem($0, value: 10) }
    let report = try SolvedSamples.report(
      problems,
      ["a,scs,1e-4,ok,2,1,1,4,10,k", "b,scs,1e-4,ok,0.5,1,1,9.5,10,k", "c,scs,1e-4,ok,0.5,1,1,4,10,k", "d,scs,1e-4,ok,2,1,1,4,,"])
    let digits = try #require(report.comparison.digitsInTime("scs").first)
    #expect(digits.better == ["a"] && digits.worse == ["b"] && digits.mixed == ["c"])
  }
}

@Suite("Peers' results")
struct PeerTableTests {
  @Test("Quoted fields, line ends of both kinds, and unknown numbers")
  func reads() throws {
    let text = "\"instance\",solver,status,cpu_s,tol,extra\r\n\"a \"\"x\"\", b\",csdp,ok,1.5,1e-08,\r\n\na,scs,time,,nan,7\n"
    let table = try PeerTable(parsing: text)
    #expect(table.results.map(\.instance) == ["a \"x\", b", "a"])
    #expect(table.results.map(\.solver) == ["csdp 1e-8", "scs"])
    #expect(table.results.map(\.processorSeconds) == [1.5, nil])
    #expect(table.results.map(\.claim) == [.solved, .nothing])
  }

  @Test(
    "Malformed files: an error with the line",
    arguments: [
      ("", nil, "empty"), ("a,b\n1,2\n", 1, "no column 'instance'"), ("instance,solver,status\nx,y\n", 2, "2 fields instead of 3"),
      ("instance,solver,status,cpu_s\nx,y,ok,1\nx,y,ok,fast\n", 3, "'fast' in column 'cpu_s' is not a number"),
      ("instance,solver,status,cpu_s\nx,y,ok,-1\n", 2, "negative"), ("instance,solver,status\nx,,ok\n", 2, "must not be empty"),
      ("instance,solver,status\n\"x,y,ok\n", 2, "does not end"),
    ] as [(String, Int?, String)])
  func malformed(text: String, line: Int?, mention: String) {
    let error = #expect(throws: PeerError.self) { try PeerTable(parsing: text) }
    #expect(error?.line == line)
    #expect(error?.description.contains(mention) ?? false, "\(error?.description ?? "")")
  }

  @Test("Random texts never crash the reader")
  func fuzz() {
    var noise = SystemRandomNumberGenerator()
    let alphabet = Array("instance,solver,status\n\"\r1e-.,")
    for _ in 0..<300 {
      let text = String((0..<80).map { _ in alphabet.randomElement(using: &noise) ?? "," })
      _ = try? PeerTable(parsing: text)
      _ = try? PeerTable(parsing: "instance,solver,status\n" + text)
    }
  }
}
