import Foundation
import Testing

@Suite("Solving semidefinite programs", .needsTool)
struct SemidefiniteSolveTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for (name, text) in [
      ("corner.dat-s", SmallPrograms.corner), ("mixed.dat-s", SmallPrograms.mixed), ("empty.dat-s", SmallPrograms.empty),
      ("unbounded.dat-s", SmallPrograms.unbounded), ("linear.mps", SmallPrograms.linear),
    ] { try folder.write(Data(text.utf8), to: name) }
  }

  private func errors(_ result: [String: Any]) throws -> [Double] { try #require(result["dimacsErrors"] as? [Double]) }

  @Test("Values known by hand, whatever the method", arguments: ["automatic", "first-order", "newton", "interior-point"])
  func values(method: String) throws {
    for (name, expected) in [("corner", 2.0), ("mixed", 6.0)] {
      let run = try Tool.run("solve \(name).dat-s --method \(method) --json", in: folder)
      let result = try run.json()
      #expect(run.status == 0, "\(run.errors)\(run.output)")
      #expect(result["status"] as? String == "solved" && result["verdict"] as? String == "solved")
      for key in ["primalObjective", "dualObjective", "value"] {
        #expect(abs(try #require(result[key] as? Double) - expected) < 1e-5, "\(name) \(key)")
      }
      #expect(try errors(result).count == 6 && errors(result).allSatisfy { abs($0) <= 1e-7 })
      let engines = try #require(result["engines"] as? [[String: Any]])
      #expect(!engines.isEmpty && engines.allSatisfy { $0["iterations"] is Int && $0["seconds"] is Double })
      #expect((result["settings"] as? [String: Any])?["method"] as? String == method)
    }
  }

  @Test("Infeasible and unbounded problems: exit code 1, and which of SDPA's problems has no point")
  func certificates() throws {
    for (name, side, verdict) in [("empty", "(P)", "primalInfeasible"), ("unbounded", "(D)", "dualInfeasible")] {
      let run = try Tool.run("solve \(name).dat-s", in: folder)
      #expect(run.status == 1)
      #expect(run.output.contains("SDPA's \(side) is infeasible"))
      let result = try Tool.run("solve \(name).dat-s --json", in: folder).json()
      #expect(result["verdict"] as? String == verdict)
      #expect(try #require(result["certificateError"] as? Double) <= 1e-8)
    }
    let run = try Tool.run("solve empty.dat-s --solution ray.json --quiet", in: folder)
    #expect(run.status == 1)
    let solution = try JSONSerialization.jsonObject(with: folder.read("ray.json")) as? [String: Any]
    #expect(solution?["x"] is NSNull && solution?["X"] is NSNull)
    let block = try #require((solution?["Y"] as? [[String: Any]])?.first)
    let entries = try #require(block["entries"] as? [[Double]])
    // ⟨F₀, Y⟩ = 1 and ⟨F₁, Y⟩ = 0 make Y the identity.
    #expect(entries.count == 2 && entries.allSatisfy { $0[0] == $0[1] && abs($0[2] - 1) < 1e-6 })
  }

  @Test("Proved bounds enclose the optimum known by hand, and infeasibility is proved")
  func proofs() throws {
    for (name, value) in [("corner", 2.0), ("mixed", 6.0)] {
      let result = try Tool.run("solve \(name).dat-s --prove --json", in: folder).json()
      let (lower, upper) = (try #require(result["provedLower"] as? Double), try #require(result["provedUpper"] as? Double))
      #expect(lower <= value && value <= upper && upper - lower < 1e-4, "\(lower) \(upper)")
    }
    for (name, claim) in [("empty", "no x is feasible for (P)"), ("unbounded", "no Y is feasible for (D)")] {
      #expect(try Tool.run("solve \(name).dat-s --prove --json", in: folder).json()["proof"] as? String == claim)
    }
    #expect(try Tool.run("solve corner.dat-s --json", in: folder).json()["proof"] is NSNull)
  }

  @Test("The lifted solver bounds the network behind an inequality of LipSDP")
  func lifted() throws {
    try #require(try Tool.run("generate net.onnx --widths 4,9,7,3 --seed 5", in: folder).status == 0)
    try #require(try Tool.run("export-sdp net.onnx net.dat-s", in: folder).status == 0)
    let run = try Tool.run("solve net.dat-s corner.dat-s --lifted --json", in: folder)
    #expect(run.status == 0, "\(run.errors)")
    let rows = try #require(try run.json()["lifted"] as? [[String: Any]])
    // The corner is not such an inequality.
    #expect(rows.count == 1 && rows[0]["units"] as? Int == 16)
    let upper = try #require(rows.first?["upper"] as? Double)
    let optimum = try #require((try run.json()["results"] as? [[String: Any]])?.first?["value"] as? Double)
    #expect(abs(upper * upper / optimum - 1) < 1e-5)
    let direct = try Tool.run("bound net.onnx --method lifted --tolerance 1e-7 --json", in: folder).method("lifted")
    #expect(abs(try #require(direct["upper"] as? Double) / upper - 1) < 1e-6)
  }

  @Test("The solution's vectors satisfy the equations of the file")
  func solution() throws {
    let run = try Tool.run("solve mixed.dat-s --solution out.json", in: folder)
    #expect(run.status == 0)
    let object = try #require(try JSONSerialization.jsonObject(with: folder.read("out.json")) as? [String: Any])
    let x = try #require(object["x"] as? [Double])
    func block(_ name: String, _ index: Int) throws -> [[Double]] {
      let blocks = try #require(object[name] as? [[String: Any]])
      #expect(blocks.map { $0["order"] as? Int } == [2, 1] && blocks.map { $0["kind"] as? String } == ["symmetric", "diagonal"])
      return try #require(blocks[index]["entries"] as? [[Double]])
    }
    func entry(_ entries: [[Double]], _ i: Double, _ j: Double) -> Double { entries.first { $0[0] == i && $0[1] == j }?[2] ?? 0 }
    let (matrix, slack) = (try block("X", 0), try block("X", 1))
    #expect(abs(entry(matrix, 1, 1) - x[0]) < 1e-5 && abs(entry(matrix, 2, 2) - x[1]) < 1e-5 && abs(entry(matrix, 1, 2) - 1) < 1e-5)
    #expect(abs(entry(slack, 1, 1) - (x[0] - 2)) < 1e-5)
    let (dual, multiplier) = (try block("Y", 0), try block("Y", 1))
    #expect(abs(entry(dual, 1, 1) + entry(multiplier, 1, 1) - 2) < 1e-5 && abs(entry(dual, 2, 2) - 4) < 1e-5)
    #expect(abs(x[0] - 2) < 1e-3 && abs(x[1] - 0.5) < 1e-3)
  }

  @Test("The log is a table on standard error with header and footer")
  func log() throws {
    let run = try Tool.run("solve corner.dat-s --log --method interior-point", in: folder)
    let lines = run.errors.split(separator: "\n").map(String.init)
    let head = try #require(lines.firstIndex { $0.hasPrefix("phase") })
    #expect(lines[..<head].contains { $0.contains("2 variables, matrices of order 2") })
    let rows = lines.filter { $0.hasPrefix("interior-point") }
    #expect(rows.count >= 3 && rows.allSatisfy { $0.count == lines[head].count })
    #expect(rows.allSatisfy { $0.split(separator: " ").dropFirst().allSatisfy { Double($0) != nil } })
    #expect(lines.contains("status solved"))
    #expect(try Tool.run("solve corner.dat-s", in: folder).errors.isEmpty)
  }

  @Test("Several files of both kinds: a row for each, and the exit code of the worst")
  func several() throws {
    let run = try Tool.run("solve corner.dat-s linear.mps mixed.dat-s", in: folder)
    #expect(run.status == 0, "\(run.errors)")
    for name in ["corner", "linear", "mixed"] { #expect(run.output.contains("\n\(name) ")) }
    #expect(run.output.contains("3 of 3 problems solved"))
    let mixed = try Tool.run("solve corner.dat-s empty.dat-s --json", in: folder)
    #expect(mixed.status == 1)
    let results = try #require(try mixed.json()["results"] as? [[String: Any]])
    #expect(results.map { $0["verdict"] as? String } == ["solved", "primalInfeasible"])
    let limited = try Tool.run("solve empty.dat-s corner.dat-s --method first-order --iteration-limit 0", in: folder)
    #expect(limited.status == 3)
    try folder.write(Data("2\n1\n".utf8), to: "bad.dat-s")
    let bad = try Tool.run("solve corner.dat-s bad.dat-s mixed.dat-s --json", in: folder)
    #expect(bad.status == 2)
    #expect(bad.errors.contains("bad.dat-s: line "))
    #expect((try bad.json()["results"] as? [[String: Any]])?.count == 2)
  }

  @Test("A limit ends the solve with exit code 3 and the point so far")
  func limits() throws {
    try folder.write(Data(SmallPrograms.cut(order: 12).utf8), to: "cut.dat-s")
    let run = try Tool.run("solve cut.dat-s --method first-order --iteration-limit 5 --tolerance 1e-12 --json", in: folder)
    #expect(run.status == 3)
    #expect(try run.json()["status"] as? String == "iteration limit")
    #expect(try run.json()["primalObjective"] is Double)
    let timed = try Tool.run("solve cut.dat-s --method first-order --tolerance 1e-17 --time-limit 0.5 --json", in: folder)
    #expect(timed.status == 3)
    #expect(try timed.json()["status"] as? String == "time limit")
  }

  @Test("Ctrl-C returns the best point so far")
  func interrupted() throws {
    try folder.write(Data(SmallPrograms.cut(order: 30).utf8), to: "cut.dat-s")
    let running = try Tool.start(
      "solve cut.dat-s --method first-order --tolerance 1e-17 --iteration-limit 100000000 --log --json", in: folder)
    try #require(running.waits(for: "\nfirst-order"))
    running.send(SIGINT)
    let run = try running.result()
    #expect(run.status == 3)
    #expect(try run.json()["status"] as? String == "interrupted")
    #expect(try run.json()["primalObjective"] is Double)
    #expect(run.errors.contains("interrupted"))
  }

  @Test("--write copies the problem, normalised, bit for bit in its numbers")
  func write() throws {
    try folder.write(Data("1\n1\n2\n1e-1\n1 1 2 1 0.1\n1 1 1 1 1\n1 1 2 2 1\n0 1 1 1 1\n".utf8), to: "odd.dat-s")
    #expect(try Tool.run("solve odd.dat-s --write copy.dat-s", in: folder).status == 0)
    #expect(try Tool.run("solve copy.dat-s --write again.dat-s", in: folder).status == 0)
    let text = String(decoding: try folder.read("copy.dat-s"), as: UTF8.self)
    #expect(try folder.read("copy.dat-s") == folder.read("again.dat-s"))
    #expect(text.contains("1 1 1 2 0.1\n"))
    #expect(try Tool.run("solve odd.dat-s --write copy.mps", in: folder).status == 2)
    #expect(try Tool.run("solve linear.mps --write copy.dat-s", in: folder).status == 2)
  }

  @Test("Entries given twice are warned of")
  func duplicates() throws {
    try folder.write(Data((SmallPrograms.corner + "1 1 1 1 1\n").utf8), to: "twice.dat-s")
    let run = try Tool.run("solve twice.dat-s --json", in: folder)
    #expect(run.status == 0)
    #expect(run.errors.contains("warning: twice.dat-s: an entry stands at a place"))
    #expect((try run.json()["warnings"] as? [String])?.count == 1)
  }

  @Test(
    "Bad files: one clear line with the file and the line in it, exit code 2, nothing on standard output",
    arguments: [
      ("no.dat-s", nil, "no such file"), ("folder.dat-s", nil, "folder"), ("void.dat-s", "", "the text ends"),
      ("half.dat-s", "2\n1\n2\n1 1\n0 1 1", "line 5: "), ("nan.dat-s", "1\n1\n1\n1\n1 1 1 1 nan\n", "line 5: "),
      ("huge.dat-s", "1\n1\n1\n1\n1 1 1 1 1e999\n", "line 5: "), ("shape.dat-s", "1\n1\n2\n1\n1 1 3 3 1\n", "line 5: "),
      ("matrix.dat-s", "1\n1\n2\n1\n2 1 1 1 1\n", "line 5: "), ("diagonal.dat-s", "1\n1\n-2\n1\n1 1 1 2 1\n", "line 5: "),
      ("integer.dat-s", "1\n1\n2\n1\n1 1 1 1 1\n*INTEGER\n*1\n", "line 6: "), ("wide.dat-s", "1\n1\n1000000\n1\n", "rows"),
      ("text.txt", "1\n", "not a known kind"), ("void.mps", "", "line 1: "),
    ] as [(String, String?, String)])
  func badFiles(name: String, text: String?, mention: String) throws {
    if let text { try folder.write(Data(text.utf8), to: name) }
    if name.hasPrefix("folder") { try FileManager.default.createDirectory(atPath: folder.path(name), withIntermediateDirectories: true) }
    let run = try Tool.run("solve \(name)", in: folder)
    #expect(run.status == 2)
    #expect(run.errors.hasPrefix("lipcert: error: \(name): "), "\(run.errors)")
    #expect(run.errors.contains(mention), "\(run.errors)")
    #expect(run.errors.split(separator: "\n").count == 1, "\(run.errors)")
    #expect(run.output.isEmpty)
  }

  @Test(
    "Options that make no sense: exit code 2 and a word about the option",
    arguments: [
      ("solve corner.dat-s --method dual", "'dual' is not for semidefinite programs"),
      ("solve linear.mps --method newton", "'newton' is not for linear programs"), ("solve corner.dat-s --tolerance 2", "--tolerance"),
      ("solve corner.dat-s --time-limit 0", "--time-limit"), ("solve corner.dat-s --iteration-limit -1", "iteration-limit"),
      ("solve corner.dat-s --decomposition some", "some"), ("solve corner.dat-s mixed.dat-s --solution s.json", "--solution"),
      ("solve corner.dat-s mixed.dat-s --write w.dat-s", "--write"), ("solve corner.dat-s --write w.dat-s --solution s", "exclude"),
      ("solve corner.dat-s --peers no.csv", "no.csv: "), ("solve corner.dat-s --threads 0", "--threads"), ("solve", "problems"),
    ])
  func options(command: String, mention: String) throws {
    let run = try Tool.run(command, in: folder)
    #expect(run.status == 2, "\(command)")
    #expect(run.errors.contains(mention), "\(run.errors)")
    #expect(run.output.isEmpty)
  }

  @Test("A report has all its files, and malformed peers are refused before anything is solved")
  func report() throws {
    let header = "instance,solver,tol,status,cpu_s,pobj,dobj,digits,reference,reference_kind\n"
    try folder.write(Data((header + "corner,csdp,1e-8,ok,0.1,2,2,8,2,exact\ncorner,scs,1e-4,ok,0.1,3,3,0,2,exact\n").utf8), to: "peers.csv")
    let run = try Tool.run("solve corner.dat-s empty.dat-s --report out --peers peers.csv", in: folder)
    #expect(run.status == 1)
    #expect(try folder.files().contains("out"))
    for name in ["index.html", "report.md", "results.csv", "results.json"] {
      #expect(try folder.read("out/\(name)").count > 500, "\(name)")
    }
    #expect(run.output.contains("Report: out/index.html"))
    #expect(run.output.contains("scs 1e-4 on corner"))
    let object = try #require(try JSONSerialization.jsonObject(with: folder.read("out/results.json")) as? [String: Any])
    let corner = try #require((object["results"] as? [[String: Any]])?.first)
    #expect((corner["peers"] as? [[String: Any]])?.map { $0["contradicted"] as? Bool } == [false, true])
    #expect(try errors(corner).count == 6)
    #expect(try Tool.run("solve corner.dat-s --report alone", in: folder).status == 0)
    for text in ["", "a,b\n1,2\n", header + "corner,csdp\n", header + "corner,csdp,1e-8,ok,soon,,,,,\n"] {
      try folder.write(Data(text.utf8), to: "bad.csv")
      let bad = try Tool.run("solve corner.dat-s --peers bad.csv --report never", in: folder)
      #expect(bad.status == 2)
      #expect(bad.errors.hasPrefix("lipcert: error: bad.csv: "), "\(bad.errors)")
      #expect(try !folder.files().contains("never"))
    }
    #expect(try Tool.run("solve corner.dat-s --report /dev/null/x", in: folder).status == 3)
  }
}
