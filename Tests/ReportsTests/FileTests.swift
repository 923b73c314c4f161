import CommandLineSupport
import FileSupport
import Foundation
import Testing

@testable import Reports

@Suite("The report's files")
struct FileTests {
  @Test("The folder is made, and filled with whole files")
  func folder() throws {
    let root = FileManager.default.temporaryDirectory.appendingPathComponent("lipcert-" + UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: root) }
    let folder = ReportFolder(path: root.path + "/deep/report/")
    let report = try Samples.computed()
    try folder.write(report)
    try folder.write(report)
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    #expect(names == ["figures", "index.html", "report.md", "results.csv", "results.json"])
    func text(_ name: String) throws -> String { try String(contentsOfFile: folder.path + name, encoding: .utf8) }
    #expect(try text("results.json") == report.json.formatted + "\n")
    #expect(try text("index.html") == report.html)
    #expect(folder.index == root.path + "/deep/report/index.html")
  }

  @Test("A folder that cannot be had is named in the error", arguments: ["/dev/null/report", "/proc/report"])
  func unwritable(path: String) throws {
    let report = try Samples.report([])
    let error = #expect(throws: FileWriteError.self) { try ReportFolder(path: path).write(report) }
    #expect(error?.description.hasPrefix("\(path): the folder cannot be created: ") ?? false)
  }

  @Test("CSV quotes commas, quotes and line breaks, and disarms formulas")
  func fields() {
    #expect(CSVText.field("plain") == "plain")
    #expect(CSVText.field("a,b") == "\"a,b\"")
    #expect(CSVText.field("say \"x\"") == "\"say \"\"x\"\"\"")
    #expect(CSVText.field("a\r\nb") == "\"a\r\nb\"")
    #expect(CSVText.field("=1+1") == "'=1+1")
    #expect(CSVText.field("-1.5e-3") == "-1.5e-3")
  }

  @Test("CSV has a line for each method, with bounds rounded outwards")
  func csv() throws {
    let report = try Samples.report([Samples.estimate("product", upper: 0.1, note: "one, two"), Samples.estimate("attained", lower: 0.1)])
    let lines = report.csv.components(separatedBy: "\r\n")
    #expect(lines.count == 4 && lines[3].isEmpty)
    #expect(lines[0].hasPrefix("method,certified,upper,lower,"))
    #expect(lines[1].hasPrefix("product,true,0.10000000000000001,,,1,1,0.25,12,,finished,"))
    #expect(lines[1].hasSuffix(",\"one, two\""))
    #expect(lines[2].hasPrefix("attained,,,0.1,"))
  }

  @Test("Markdown says what the page says")
  func markdown() throws {
    let report = try Samples.computed()
    let text = report.markdown
    for word in [
      "## What is proved", "float32 rounding", "    lipcert check certificate.json net.onnx", "## Linear maps", "## Multipliers",
    ] {
      #expect(text.contains(word), "\(word)")
    }
    #expect(text.contains("Certified: Lipschitz constant at most"))
    #expect(try Samples.report([]).markdown.contains("Not certified"))
  }
}
