import Foundation
import Testing

@Suite("lipcert verify, lists of instances", .needsTool)
struct VerifyBatchTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    #expect(try Tool.run("generate net.onnx --widths 2,4,1", in: folder).status == 0)
    let box =
      "(declare-const X_0 Real)(declare-const X_1 Real)(declare-const Y_0 Real)"
      + "(assert (and (>= X_0 0)(<= X_0 1)(>= X_1 0)(<= X_1 1)))"
    try folder.write(Data((box + "(assert (>= Y_0 1e6))").utf8), to: "far.vnnlib")
    try folder.write(Data("net.onnx,far.vnnlib,10\nmissing.onnx,far.vnnlib,10\n".utf8), to: "instances.csv")
  }

  private func text(_ name: String) throws -> String { String(decoding: try folder.read(name), as: UTF8.self) }

  @Test("Going on, what was undecided counts again and nothing is written twice")
  func resumed() throws {
    let command = "verify --instances instances.csv --results r.csv"
    let first = try Tool.run(command, in: folder)
    #expect(first.status == 3)
    let results = try text("r.csv")
    #expect(results.split(separator: "\n").map { $0.split(separator: ",")[4] } == ["unsat", "error"])
    let second = try Tool.run(command, in: folder)
    #expect(second.status == 3 && second.errors.contains("1 error, 1 unsat"), "\(second.errors)")
    #expect(try text("r.csv") == results)
    // A torn line is decided again.
    try folder.write(Data(results.utf8.dropLast(7)), to: "r.csv")
    #expect(try Tool.run(command, in: folder).status == 3)
    #expect(try text("r.csv").split(separator: "\n").count == 2)
  }

  @Test(
    "A file of something else is left as it is",
    arguments: ["words without a line end", "words\n", "a,b,c,d,e,f\n", "net.onnx,far.vnnlib,10\n"])
  func foreignFiles(_ content: String) throws {
    try folder.write(Data(content.utf8), to: "r.csv")
    let run = try Tool.run("verify --instances instances.csv --results r.csv", in: folder)
    #expect(run.status == 2 && run.errors.contains("r.csv: line 1: it is no line of results"), "\(run.errors)")
    #expect(try text("r.csv") == content)
  }

  @Test("Paths in a list are relative to its folder unless they begin with a slash")
  func absolutePaths() throws {
    try folder.write(Data("\(folder.path("net.onnx")),\(folder.path("far.vnnlib")),10\n".utf8), to: "absolute.csv")
    let run = try Tool.run("verify --instances absolute.csv --results r.csv", in: folder)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try text("r.csv").split(separator: ",")[4] == "unsat")
  }

  @Test("A list without instances is a mistake")
  func emptyList() throws {
    try folder.write(Data("\n".utf8), to: "instances.csv")
    let run = try Tool.run("verify --instances instances.csv", in: folder)
    #expect(run.status == 2 && run.errors.contains("no instances"), "\(run.errors)")
  }
}
